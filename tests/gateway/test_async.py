"""`Prefer: respond-async`: the answer is fetched later, by whoever asked. https://hl7.org/fhir/R4/async.html"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.conftest import Gateway, serving
from tests.gateway.waiting import answered, until

pytestmark = pytest.mark.feature("Interactions", "Prefer: respond-async")

LATER = {"Prefer": "respond-async"}
ORGANIZATION = {"resourceType": "Organization", "name": "某某街道社区卫生服务中心"}


@pytest.fixture
def slow(gateway: Gateway) -> Iterator[psycopg.Connection[Any]]:
    """While it is open, nothing is written to the database's resources."""
    with psycopg.connect(gateway.database_url) as connection:
        connection.execute("LOCK TABLE resource IN EXCLUSIVE MODE")
        yield connection


def later(gateway: Gateway, method: str, path: str, **more: Any) -> httpx.Response:
    return gateway.client.request(method, f"{gateway.base}/{path}", headers=LATER, **more)


def test_the_answer_is_a_batch_response_with_status_headers_and_resource(gateway: Gateway) -> None:
    accepted = later(gateway, "POST", "Organization", json=ORGANIZATION)
    assert accepted.content == b""
    assert accepted.headers["content-location"].startswith(f"{gateway.base}/_async/")
    done = answered(gateway.client, accepted)
    assert done.status_code == 200
    assert done.json()["type"] == "batch-response"
    [entry] = done.json()["entry"]
    assert entry["response"]["status"] == "201"
    assert entry["response"]["etag"] == 'W/"1"'
    assert entry["response"]["lastModified"]
    assert entry["resource"]["name"] == ORGANIZATION["name"]
    assert gateway.client.get(entry["response"]["location"]).json() == entry["resource"]


def test_a_search_can_be_answered_later(gateway: Gateway) -> None:
    gateway.client.post("/Organization", json={**ORGANIZATION, "identifier": [{"value": "later-1"}]})
    done = answered(gateway.client, later(gateway, "GET", "Organization?identifier=later-1"))
    assert len(done.json()["entry"][0]["resource"]["entry"]) == 1


def test_what_fails_is_told_as_an_outcome(gateway: Gateway) -> None:
    [entry] = answered(gateway.client, later(gateway, "GET", "Organization/none")).json()["entry"]
    assert entry["response"]["status"] == "404"
    assert entry["response"]["outcome"]["issue"][0]["code"] == "not-found"


def test_a_raw_binary_comes_as_a_binary(gateway: Gateway) -> None:
    made = gateway.client.post("/Binary", content=b"%PDF", headers={"Content-Type": "application/pdf"})
    headers = {**LATER, "Accept": "application/pdf"}
    accepted = gateway.client.get(f"/Binary/{made.json()['id']}", headers=headers)
    resource = answered(gateway.client, accepted).json()["entry"][0]["resource"]
    assert (resource["contentType"], resource["data"]) == ("application/pdf", "JVBERg==")


def test_while_it_runs_the_status_says_so(gateway: Gateway, slow: psycopg.Connection[Any]) -> None:
    accepted = later(gateway, "POST", "Organization", json=ORGANIZATION)
    status = gateway.client.get(accepted.headers["content-location"])
    assert status.status_code == 202
    assert status.headers["x-progress"] == "in progress"
    assert int(status.headers["retry-after"]) >= 1
    slow.rollback()
    assert answered(gateway.client, accepted).status_code == 200


def test_nobody_else_sees_it(gateway: Gateway) -> None:
    accepted = later(gateway, "GET", "Organization")
    with gateway.client_for("adapter") as adapter:
        other = adapter.get(accepted.headers["content-location"])
        assert other.status_code == 404
        assert other.json()["issue"][0]["details"]["coding"][0]["code"] == "FD-ASYNC"
        assert adapter.delete(accepted.headers["content-location"]).status_code == 404
    assert answered(gateway.client, accepted).status_code == 200


def test_a_cancelled_one_is_forgotten_and_does_nothing_more(gateway: Gateway, slow: psycopg.Connection[Any]) -> None:
    body = {**ORGANIZATION, "identifier": [{"value": "cancelled-1"}]}
    accepted = later(gateway, "POST", "Organization", json=body)
    assert gateway.client.delete(accepted.headers["content-location"]).status_code == 202
    assert gateway.client.get(accepted.headers["content-location"]).status_code == 404
    slow.rollback()
    assert gateway.client.delete(accepted.headers["content-location"]).status_code == 404


def test_one_that_nobody_works_on_any_more_was_interrupted(gateway: Gateway, slow: psycopg.Connection[Any]) -> None:
    accepted = later(gateway, "POST", "Organization", json=ORGANIZATION)
    with psycopg.connect(gateway.database_url, autocommit=True) as connection:
        connection.execute("UPDATE job SET alive = 0 WHERE kind = 'request' AND state = 'running'")
    [entry] = answered(gateway.client, accepted).json()["entry"]
    assert entry["response"]["status"] == "500"
    assert "again" in entry["response"]["outcome"]["issue"][0]["diagnostics"]
    slow.rollback()


def test_a_restart_interrupts_and_answers_outlive_it(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as first:
        done = later(first, "GET", "Organization?_count=0")
        path = done.headers["content-location"].removeprefix(first.base)
        answered(first.client, done)
        blocking = psycopg.connect(database_url)
        blocking.execute("LOCK TABLE resource IN EXCLUSIVE MODE")
        cut = later(first, "POST", "Organization", json=ORGANIZATION)
        cut_path = cut.headers["content-location"].removeprefix(first.base)
        first.client.close()
    blocking.close()
    with serving(database_url, tmp_path) as second:
        assert second.client.get(path).json()["entry"][0]["response"]["status"] == "200"
        assert second.client.get(cut_path).json()["entry"][0]["response"]["status"] == "500"
        second.client.close()


def test_after_a_day_it_is_gone(gateway: Gateway) -> None:
    accepted = later(gateway, "GET", "Organization?_count=0")
    answered(gateway.client, accepted)
    gateway.clock.offset = timedelta(hours=25)
    until(lambda: gateway.client.get(accepted.headers["content-location"]).status_code == 404)
    gateway.clock.offset = timedelta()

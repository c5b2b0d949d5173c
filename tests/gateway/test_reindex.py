"""`$reindex`: the index of stored resources is made again while people read and write."""

import threading
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gateway.storage import tables
from profiles.json import Resource
from tests.conftest import Gateway, serving
from tests.gateway.indexed import differences
from tests.gateway.waiting import answered, until

pytestmark = pytest.mark.feature("Operations", "$reindex")


def measured(number: int) -> Resource:
    day = f"2026-{number % 9 + 1:02}-01"
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "收缩压"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": 100 + number, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        "note": [{"text": "-"}],
    }


@pytest.fixture(scope="module", autouse=True)
def population(gateway: Gateway) -> list[str]:
    """Some observations, more than one batch of them."""
    entries = [
        {"resource": measured(number), "request": {"method": "POST", "url": "Observation"}} for number in range(500)
    ]
    made = gateway.client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert made.status_code == 200, made.text
    return [entry["resource"]["id"] for entry in made.json()["entry"]]


def reindex(gateway: Gateway, *types: str) -> httpx.Response:
    listed = [{"name": "type", "valueCode": one} for one in types]
    body = {"resourceType": "Parameters", "parameter": listed} if listed else {"resourceType": "Parameters"}
    accepted = gateway.client.post("/$reindex", json=body)
    assert accepted.status_code in {202, 400}, accepted.text
    return accepted


def counts(done: httpx.Response) -> dict[str, int]:
    said = done.json()["entry"][0]["resource"]["parameter"]
    return {one["name"]: one["valueInteger"] for one in said}


def spoil(gateway: Gateway, *statements: str) -> None:
    with psycopg.connect(gateway.database_url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_what_is_missing_or_too_much_is_mended(gateway: Gateway) -> None:
    spoil(
        gateway,
        *(f"DELETE FROM {table} WHERE hashint8(rid) % 3 = 0" for table in tables.INDEX_TABLES),  # noqa: S608 - our own names
        "INSERT INTO words (tenant, key, value, sort, rid) SELECT tenant, 1, 'x', sort, rid FROM resource",
        "INSERT INTO link (tenant, target, key, sort, rid) SELECT tenant, 1, 1, sort, rid FROM resource",
        "INSERT INTO span (tenant, key, low, high, sort, rid) SELECT tenant, 1, 1, 2, sort, rid FROM resource",
        "INSERT INTO amount (tenant, key, low, high, sort, rid) SELECT tenant, 1, 1, 2, sort, rid FROM resource",
    )
    assert differences(gateway.database_url)
    assert counts(answered(gateway.client, reindex(gateway))) == {"done": 500, "total": 500, "errors": 0}
    assert differences(gateway.database_url) == {}


def test_a_wrong_date_is_mended_with_all_rows_under_it(gateway: Gateway) -> None:
    shifted = (f"UPDATE {table} SET sort = sort + 7 WHERE hashint8(rid) % 2 = 0" for table in tables.INDEX_TABLES)  # noqa: S608 - as above
    spoil(gateway, "UPDATE resource SET sort = sort + 7 WHERE hashint8(rid) % 2 = 0", *shifted)
    assert "sort" in differences(gateway.database_url)
    answered(gateway.client, reindex(gateway, "Observation"))
    assert differences(gateway.database_url) == {}


def test_only_the_types_that_are_named(gateway: Gateway) -> None:
    assert counts(answered(gateway.client, reindex(gateway, "Patient", "Group")))["total"] == 0


def test_a_resource_that_cannot_be_read_is_counted_and_the_others_are_done(gateway: Gateway) -> None:
    spoil(
        gateway,
        "CREATE TABLE kept AS SELECT rid, content FROM resource ORDER BY rid LIMIT 1",
        "UPDATE resource SET content = 'no json' WHERE rid = (SELECT rid FROM kept)",
    )
    assert counts(answered(gateway.client, reindex(gateway))) == {"done": 500, "total": 500, "errors": 1}
    spoil(gateway, "UPDATE resource r SET content = k.content FROM kept k WHERE k.rid = r.rid", "DROP TABLE kept")


def test_an_unknown_type_is_refused(gateway: Gateway) -> None:
    refused = reindex(gateway, "Animal")
    assert refused.status_code == 400
    assert refused.json()["issue"][0]["details"]["coding"][0]["code"] == "FD-REINDEX-TYPE"


def test_it_needs_the_right_to_it(gateway: Gateway) -> None:
    with gateway.client_for("adapter") as adapter:
        assert adapter.post("/$reindex").status_code == 403


def blocked(database_url: str) -> "psycopg.Connection[Any]":
    """While this transaction is open, no batch is put in; resources are read."""
    connection = psycopg.connect(database_url)
    connection.execute("LOCK TABLE claim IN ROW EXCLUSIVE MODE")
    return connection


def test_it_can_be_cancelled(gateway: Gateway) -> None:
    with blocked(gateway.database_url):
        accepted = reindex(gateway)
        status = gateway.client.get(accepted.headers["content-location"])
        assert status.status_code == 202
        assert status.headers["x-progress"] == "0 of 500"
        assert gateway.client.delete(accepted.headers["content-location"]).status_code == 202
    assert gateway.client.get(accepted.headers["content-location"]).status_code == 404
    assert counts(answered(gateway.client, reindex(gateway, "Patient")))["done"] == 0, "the next one has its turn"


def test_it_goes_on_after_a_restart_where_it_was(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as first, blocked(database_url) as blocking:
        accepted = reindex(first)
        until(lambda: is_waiting(database_url))
        first.client.close()
        blocking.rollback()
    path = accepted.headers["content-location"].removeprefix(first.base)
    with serving(database_url, tmp_path) as second:
        done = until(lambda: (found := second.client.get(path)).status_code == 200 and found)
        assert done
        assert counts(done) == {"done": 500, "total": 500, "errors": 0}
        second.client.close()


def is_waiting(database_url: str) -> bool:
    """Whether a batch waits to be put in."""
    with psycopg.connect(database_url) as connection:
        waiting = "SELECT 1 FROM pg_locks WHERE relation = 'claim'::regclass AND NOT granted"
        return bool(connection.execute(waiting).fetchall())


def test_people_write_meanwhile_and_the_index_is_what_the_resources_are(
    gateway: Gateway, population: list[str]
) -> None:
    stop = threading.Event()

    def write(first: int) -> None:
        with gateway.client_for("developer") as client:
            number = first
            while not stop.is_set():
                number += 2
                own = population[number * 7 % len(population)]
                client.put(f"/Observation/{own}", json={**measured(number), "id": own})

    writers = [threading.Thread(target=write, args=(first,)) for first in range(2)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        answered(gateway.client, reindex(gateway))
    stop.set()
    for writer in writers:
        writer.join()
    assert differences(gateway.database_url) == {}

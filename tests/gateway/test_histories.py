"""Histories of a resource, a type and everything; old and deleted versions. https://hl7.org/fhir/R4/http.html#history"""

import time
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, encoded, get, link, pages, patient, store

pytestmark = pytest.mark.feature("Interactions", "delete and history")


def told(bundle: Json) -> list[tuple[str, str, str]]:
    """Method, address and status of every entry."""
    listed: list[dict[str, Any]] = bundle.get("entry", [])
    return [
        (one["request"]["method"], one["fullUrl"].rpartition("/fhir/")[2], one["response"]["status"]) for one in listed
    ]


def instant(answer: Any) -> str:
    return str(answer.json()["meta"]["lastUpdated"])


@pytest.fixture(scope="module")
def moments(gateway: Gateway) -> dict[str, str]:
    """A patient made, changed, deleted and made again, another beside; when each happened."""
    seen: dict[str, str] = {}
    client = gateway.client
    seen["made"] = instant(client.put("/Patient/h", json=patient("h")))
    seen["other"] = instant(
        client.put("/Organization/o", json={"resourceType": "Organization", "id": "o", "name": "示例"})
    )
    time.sleep(0.02)
    seen["changed"] = instant(client.put("/Patient/h", json=patient("h", gender="male")))
    time.sleep(0.02)
    client.delete("/Patient/h").raise_for_status()
    time.sleep(0.02)
    seen["again"] = instant(client.put("/Patient/h", json=patient("h", gender="female")))
    return seen


H = "Patient/h"
WHOLE = [("PUT", H, "201"), ("DELETE", H, "204"), ("PUT", H, "200"), ("PUT", H, "201")]


@pytest.mark.usefixtures("moments")
def test_a_history_tells_what_was_done_newest_first(gateway: Gateway) -> None:
    body = get(gateway.client, "Patient/h/_history")
    assert body["type"] == "history"
    assert body["total"] == 4
    assert told(body) == WHOLE
    assert ["resource" in one for one in body["entry"]] == [True, False, True, True]
    assert [one["response"]["etag"] for one in body["entry"]] == ['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']
    assert told(get(gateway.client, "Patient/_history")) == WHOLE
    assert told(get(gateway.client, "_history")) == [*WHOLE[:3], ("PUT", "Organization/o", "201"), WHOLE[3]]


@pytest.mark.usefixtures("moments")
@pytest.mark.parametrize("path", ["Patient/h/_history", "Patient/_history", "_history"])
def test_the_pages_of_a_history_are_its_whole(gateway: Gateway, path: str) -> None:
    whole = [one for one in told(get(gateway.client, path)) if one[1] == H]
    bundles = list(pages(gateway.client, f"{path}?_count=1"))
    assert all(len(one["entry"]) == 1 for one in bundles)
    assert [told(one)[0] for one in bundles if told(one)[0][1] == H] == whole


def test_a_history_since_a_moment(gateway: Gateway, moments: dict[str, str]) -> None:
    for path in ("Patient/h/_history", "Patient/_history", "_history"):
        assert told(get(gateway.client, f"{path}?_since={encoded(moments['again'])}")) == WHOLE[:1]
        assert told(get(gateway.client, f"{path}?_since={encoded(moments['changed'])}")) == WHOLE[:3]
        assert told(get(gateway.client, f"{path}?_since=2100-01-01T00:00:00Z")) == []
        paged = [told(one)[0] for one in pages(gateway.client, f"{path}?_count=1&_since={encoded(moments['changed'])}")]
        assert paged == WHOLE[:3]


def test_a_history_at_a_moment_is_what_was_current(gateway: Gateway, moments: dict[str, str]) -> None:
    for path in ("Patient/h/_history", "Patient/_history"):
        assert told(get(gateway.client, f"{path}?_at={encoded(moments['changed'])}")) == WHOLE[2:3]
        today = datetime.fromisoformat(moments["made"]).date().isoformat()
        assert told(get(gateway.client, f"{path}?_at={today}")) == WHOLE
        assert told(get(gateway.client, f"{path}?_at=2020")) == []
        assert told(get(gateway.client, f"{path}?_at=2100")) == WHOLE[:1]


@pytest.mark.usefixtures("moments")
def test_a_page_link_is_of_its_own_history_and_of_its_own_moment(gateway: Gateway) -> None:
    first = get(gateway.client, "Patient/_history?_count=2")
    following = str(link(first, "next"))
    store(gateway, patient("later"))
    assert told(gateway.client.get(following).json()) == WHOLE[2:]
    assert gateway.client.get(following.replace("/Patient/", "/Organization/")).status_code == 400
    gateway.client.delete("/Patient/later").raise_for_status()


@pytest.mark.usefixtures("moments")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Patient/h/_history/1", 200),
        ("Patient/h/_history/2", 200),
        ("Patient/h/_history/3", 410),
        ("Patient/h/_history/4", 200),
        ("Patient/h/_history/5", 404),
        ("Patient/h/_history/0", 404),
        ("Patient/h/_history/x", 404),
        ("Patient/none/_history/1", 404),
        ("Patient/none/_history", 404),
        ("Nonsense/_history", 404),
        ("Patient/h/_history?_since=yesterday", 400),
        ("Patient/h/_history?_at=now", 400),
        ("Patient/h/_history?_count=x", 400),
        ("Patient/h/_history?gender=male", 400),
        ("Patient/h/_history?_cursor=forged", 400),
    ],
)
def test_what_an_address_of_a_version_answers(gateway: Gateway, path: str, status: int) -> None:
    answer = gateway.client.get(f"/{path}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["etag"] == f'W/"{path[-1]}"'


def test_the_history_of_what_was_deleted_is_still_told(gateway: Gateway) -> None:
    store(gateway, patient("short"))
    gateway.client.delete("/Patient/short").raise_for_status()
    assert gateway.client.get("/Patient/short").status_code == 410
    assert told(get(gateway.client, "Patient/short/_history"))[0] == ("DELETE", "Patient/short", "204")
    gateway.client.delete("/Patient/short").raise_for_status()
    assert len(get(gateway.client, "Patient/short/_history")["entry"]) == 2

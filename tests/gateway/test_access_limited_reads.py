"""Scopes limited to a compartment or a search: nothing beyond them is read, and nothing is written.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import httpx
import pytest

from tests.gateway.limits import Clients
from tests.gateway.searchable import observation, of

pytestmark = pytest.mark.feature("Access", "SMART v2 scopes, limited ones too")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Observation/x1", 200),
        ("Observation/y1", 404),
        ("Observation/none", 404),
        ("Observation/gone", 404),
        ("Practitioner/doctor", 404),
        ("Patient/x", 200),
        ("Observation/x1/_history/1", 200),
        ("Observation/y1/_history/1", 404),
        ("Observation/gone/_history/1", 404),
        ("Observation/moved", 200),
        ("Observation/moved/_history/2", 200),
        ("Observation/moved/_history/1", 404),
        ("Observation/x1/_history", 403),
        ("Observation/y1/_history", 403),
        ("Observation/_history", 403),
        ("_history", 403),
    ],
)
def test_a_resident_reads_what_is_his_own(resident: httpx.Client, path: str, status: int) -> None:
    answer = resident.get(f"/{path}")
    assert answer.status_code == status
    assert "of somebody else" not in answer.text


def test_what_may_not_be_seen_answers_as_what_is_not_there(resident: httpx.Client) -> None:
    hidden, absent = resident.get("/Observation/y1").json(), resident.get("/Observation/none").json()
    assert hidden == absent


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/Observation", observation("n")),
        ("PUT", "/Observation/x1", observation("x1")),
        ("PUT", "/Observation?code=x", observation("x1")),
        ("DELETE", "/Observation/x1", None),
        ("DELETE", "/Observation?code=x", None),
        ("PATCH", "/Observation/x1", {"resourceType": "Parameters"}),
        ("PATCH", "/Observation?_id=y1", {"resourceType": "Parameters"}),
    ],
)
@pytest.mark.parametrize("name", ["resident", "laboratory", "writer", "nothing"])
def test_writes_are_refused(
    limited_clients: Clients, name: str, method: str, path: str, body: dict[str, object] | None
) -> None:
    client = limited_clients[name]
    assert client.request(method, path, json=body).status_code == 403
    url = path.removeprefix("/")
    entry = {"request": {"method": method, "url": url}} | ({"resource": body} if body else {})
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert client.post("", json=bundle).status_code == 403
    answers = client.post("", json=bundle | {"type": "batch"}).json()["entry"]
    assert [one["response"]["status"] for one in answers] == ["403"]


def test_reads_in_bundles_are_limited_too(resident: httpx.Client) -> None:
    urls = [
        "Observation/x1",
        "Observation/y1",
        "Observation?_id=x1,y1",
        "Patient/y/Observation",
        "Observation/moved/_history/1",
    ]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    for kind in ("batch", "transaction"):
        answer = resident.post("", json={"resourceType": "Bundle", "type": kind, "entry": entries})
        assert answer.status_code == 200
        own, other, found, within, old = answer.json()["entry"]
        assert [one["response"]["status"] for one in (own, other, found, within, old)] == [
            "200",
            "404",
            "200",
            "200",
            "404",
        ]
        assert of(found["resource"]) == ["x1"]
        assert of(within["resource"]) == []

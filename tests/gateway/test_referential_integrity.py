"""References lead to something, and what is referred to stays. https://hl7.org/fhir/R4/http.html#integrity"""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import Gateway, serving
from tests.gateway.searchable import Json, encoded, get, observation, of, patient, store, to

pytestmark = pytest.mark.feature("Interactions", "referential integrity")


def transaction(gateway: Gateway, *entries: tuple[str, Json | str]) -> tuple[int, Json]:
    made = [
        {"request": {"method": method, "url": what}}
        if isinstance(what, str)
        else {"resource": what, "request": {"method": method, "url": f"{what['resourceType']}/{what['id']}"}}
        for method, what in entries
    ]
    answer = gateway.client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": made})
    return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(gateway, patient("there"), patient("gone"))
    gateway.client.delete("/Patient/gone").raise_for_status()
    return gateway


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("Patient/there", 201),
        ("Patient/there/_history/1", 201),
        ("Patient/nobody", 422),
        ("Patient/nobody/_history/1", 422),
        ("Patient/gone", 422),
        ("http://elsewhere.example/fhir/Patient/nobody", 201),
        ("urn:uuid:11111111-1111-4111-8111-111111111111", 201),
        ("{own}/Patient/there", 201),
        ("{own}/Patient/nobody", 422),
    ],
)
def test_what_is_referred_to_must_be_there(loaded: Gateway, subject: str, status: int) -> None:
    made = observation("x", subject=to(subject.replace("{own}", loaded.base)))
    answer = loaded.client.post("/Observation", json=made)
    assert answer.status_code == status, answer.text
    if status == 422:
        [issue] = answer.json()["issue"]
        assert issue["details"]["coding"][0]["code"] == "FD-REFERENCE"
        assert issue["expression"] == ["Observation.subject.reference"]


def test_every_reference_that_leads_nowhere_is_named_with_its_place(loaded: Gateway) -> None:
    made = observation("many", performer=[to("Patient/there"), to("Patient/n1")], hasMember=[to("Observation/n2")])
    answer = loaded.client.put("/Observation/many", json=made)
    assert answer.status_code == 422
    assert {issue["expression"][0] for issue in answer.json()["issue"]} == {
        "Observation.performer[1].reference",
        "Observation.hasMember[0].reference",
    }


def test_contained_resources_are_referred_to_and_refer(loaded: Gateway) -> None:
    inner = {**patient("c"), "generalPractitioner": [to("Practitioner/nobody")]}
    good = observation("inner", contained=[patient("c")], subject=to("#c"))
    assert loaded.client.put("/Observation/inner", json=good).status_code == 201
    assert loaded.client.put("/Observation/inner", json={**good, "contained": [inner]}).status_code == 422


def test_what_refers_in_a_circle_or_to_itself_is_written_and_deleted_together(loaded: Gateway) -> None:
    one = observation("circle1", hasMember=[to("Observation/circle2")])
    two = observation("circle2", hasMember=[to("Observation/circle1")])
    assert loaded.client.put("/Observation/circle1", json=one).status_code == 422
    assert transaction(loaded, ("PUT", one), ("PUT", two))[0] == 200
    assert loaded.client.delete("/Observation/circle1").status_code == 409
    assert transaction(loaded, ("DELETE", "Observation/circle1"), ("DELETE", "Observation/circle2"))[0] == 200
    own = observation("self", hasMember=[to("Observation/self")])
    assert loaded.client.put("/Observation/self", json=own).status_code == 201
    assert loaded.client.delete("/Observation/self").status_code == 204


def test_what_is_referred_to_is_not_deleted_and_the_referrers_are_named(loaded: Gateway) -> None:
    store(
        loaded,
        patient("kept"),
        observation("r1", subject=to("Patient/kept")),
        observation("r2", subject=to("Patient/kept")),
    )
    answer = loaded.client.delete("/Patient/kept")
    assert answer.status_code == 409
    [issue] = answer.json()["issue"]
    assert issue["details"]["coding"][0]["code"] == "FD-REFERRED"
    assert "Observation/r1" in issue["diagnostics"]
    assert loaded.client.delete("/Patient?_id=kept").status_code == 409
    assert transaction(loaded, ("DELETE", "Patient/kept"), ("DELETE", "Observation/r1"))[0] == 409
    moved = observation("r2", subject=to("Patient/there"))
    status, _ = transaction(loaded, ("DELETE", "Patient/kept"), ("DELETE", "Observation/r1"), ("PUT", moved))
    assert status == 200


def test_one_transaction_does_not_delete_and_refer(loaded: Gateway) -> None:
    store(loaded, patient("leaving"))
    late = observation("late", subject=to("Patient/leaving"))
    status, _ = transaction(loaded, ("DELETE", "Patient/leaving"), ("PUT", late))
    assert status in {409, 422}
    assert loaded.client.get("/Patient/leaving").status_code == 200


def test_what_no_longer_refers_holds_nothing_back(loaded: Gateway) -> None:
    store(loaded, patient("free"), observation("f", subject=to("Patient/free")))
    store(loaded, observation("f"))
    assert loaded.client.delete("/Patient/free").status_code == 204
    store(loaded, patient("freed"), observation("g", subject=to("Patient/freed")))
    loaded.client.delete("/Observation/g").raise_for_status()
    assert loaded.client.delete("/Patient/freed").status_code == 204


@pytest.fixture(scope="module")
def careless(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A second server on the same data that does not look where references lead."""
    os.environ["FDGW_REFERENTIAL_INTEGRITY"] = "false"
    try:
        with serving(database_url, tmp_path_factory.mktemp("careless")) as running, running.client:
            yield running
    finally:
        del os.environ["FDGW_REFERENTIAL_INTEGRITY"]


def test_a_site_may_do_without(loaded: Gateway, careless: Gateway) -> None:
    made = observation("dangling", subject=to("Patient/nobody"))
    assert careless.client.put("/Observation/dangling", json=made).status_code == 201
    assert of(get(careless.client, f"Observation?subject={encoded('Patient/nobody')}")) == ["dangling"]
    assert of(get(careless.client, "Observation?_id=dangling&_include=*"), "include") == []
    store(careless, patient("lost"), observation("d2", subject=to("Patient/lost")))
    assert careless.client.delete("/Patient/lost").status_code == 204
    changed = loaded.client.put("/Observation/dangling", json={**made, "status": "amended"})
    assert changed.status_code == 200

"""Every interaction inside a Bundle, and what its entries may say of each other. https://hl7.org/fhir/R4/http.html#trules"""

import base64
import json

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import (
    Json,
    coding,
    entry,
    get,
    ids,
    observation,
    of,
    patient,
    replacing,
    send,
    statuses,
    store,
    to,
)

pytestmark = pytest.mark.feature("Interactions", "batch and transaction")

URN = "urn:uuid:11111111-1111-4111-8111-11111111111{}"


def operations(*listed: Json) -> Json:
    data = base64.b64encode(json.dumps(listed).encode()).decode()
    return {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(
        gateway,
        patient("a", gender="male", identifier=[{"system": "urn:i", "value": "a"}]),
        patient("twin1", identifier=[{"value": "twin"}]),
        patient("twin2", identifier=[{"value": "twin"}]),
        observation("o", subject=to("Patient/a"), code=coding("urn:a", "x")),
    )
    return gateway


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("url", "status", "found"),
    [
        ("Patient/a", "200", "Patient"),
        ("/Patient/a", "200", "Patient"),
        ("Patient/none", "404", None),
        ("Patient/a/_history/1", "200", "Patient"),
        ("Patient/a/_history", "200", "Bundle"),
        ("Patient/_history?_count=1", "200", "Bundle"),
        ("_history?_count=1", "200", "Bundle"),
        ("Patient?identifier=urn:i%7Ca", "200", "Bundle"),
        ("Patient?identifier=urn:i|a", "200", "Bundle"),
        ("Patient/_search?identifier=a", "200", "Bundle"),
        ("Patient/a/Observation?code=x", "200", "Bundle"),
        ("Patient/a/*", "200", "Bundle"),
        ("?_type=Patient&_id=a", "200", "Bundle"),
        ("metadata", "200", "CapabilityStatement"),
        ("Patient/a?_elements=gender", "200", "Patient"),
        ("Patient?_id=a&_include=Patient:organization&_revinclude=Observation:subject", "200", "Bundle"),
    ],
)
def test_everything_can_be_read_in_a_bundle(
    loaded: Gateway, kind: str, url: str, status: str, found: str | None
) -> None:
    [answer] = send(loaded, kind, entry("GET", url))["entry"]
    assert answer["response"]["status"] == status
    assert answer.get("resource", {}).get("resourceType") == found


def test_a_read_in_a_bundle_has_conditions_of_its_own(loaded: Gateway) -> None:
    bundle = send(loaded, "batch", entry("GET", "Patient/a", ifNoneMatch='W/"1"'), entry("HEAD", "Patient/a"))
    assert statuses(bundle) == ["304", "200"]
    assert "resource" not in bundle["entry"][0]


def test_reads_see_what_the_transaction_wrote(loaded: Gateway) -> None:
    bundle = send(
        loaded,
        "transaction",
        entry("GET", "Patient?identifier=seen"),
        entry("POST", "Patient", patient("x", identifier=[{"value": "seen"}])),
    )
    assert len(of(bundle["entry"][0]["resource"])) == 1


def test_patches_of_both_kinds_go_into_a_transaction(loaded: Gateway) -> None:
    store(loaded, patient("p1", gender="male"), patient("p2", identifier=[{"value": "p2"}], gender="male"))
    bundle = send(
        loaded,
        "transaction",
        entry("PATCH", "Patient/p1", replacing("Patient.gender", "female")),
        entry("PATCH", "Patient?identifier=p2", operations({"op": "replace", "path": "/gender", "value": "other"})),
    )
    assert statuses(bundle) == ["200", "200"]
    assert [one["resource"]["gender"] for one in bundle["entry"]] == ["female", "other"]
    wrong = entry("PATCH", "Patient/p1", replacing("Patient.gender", "bogus"))
    send(loaded, "transaction", wrong, entry("PUT", "Patient/p3", patient("p3")), status=422)
    assert loaded.client.get("/Patient/p3").status_code == 404
    send(loaded, "transaction", entry("PATCH", "Patient/nobody", replacing("Patient.gender", "male")), status=404)
    send(
        loaded,
        "transaction",
        entry("PATCH", "Patient?identifier=twin", replacing("Patient.gender", "male")),
        status=412,
    )


def test_references_by_search_become_literal(loaded: Gateway) -> None:
    made = observation("c1", subject=to("Patient?identifier=urn:i|a"))
    bundle = send(loaded, "transaction", entry("POST", "Observation", made))
    assert bundle["entry"][0]["resource"]["subject"] == to("Patient/a")
    for criteria, status in (
        ("Patient?identifier=none", {412}),
        ("Patient?identifier=twin", {412}),
        ("Patient?_count=1", {400}),
    ):
        wrong = entry("POST", "Observation", observation("c2", subject=to(criteria)))
        bad = {"resourceType": "Bundle", "type": "transaction", "entry": [wrong]}
        assert loaded.client.post("", json=bad).status_code in status


def test_a_conditional_create_that_matches_gives_its_name_to_others(loaded: Gateway) -> None:
    name = URN.format(0)
    bundle = send(
        loaded,
        "transaction",
        entry("POST", "Patient", patient("x"), name, ifNoneExist="identifier=urn:i|a"),
        entry("POST", "Observation", observation("y", subject=to(name))),
    )
    assert statuses(bundle) == ["200", "201"]
    assert bundle["entry"][1]["resource"]["subject"] == to("Patient/a")


def test_what_is_deleted_can_be_made_anew_in_the_same_bundle(loaded: Gateway) -> None:
    store(loaded, patient("old", identifier=[{"system": "urn:i", "value": "again"}]))
    fresh = patient("x", identifier=[{"system": "urn:i", "value": "again"}])
    bundle = send(
        loaded,
        "transaction",
        entry("POST", "Patient", fresh, ifNoneExist="identifier=urn:i|again"),
        entry("DELETE", "Patient?identifier=urn:i|again"),
    )
    assert statuses(bundle) == ["201", "204"]
    assert loaded.client.get("/Patient/old").status_code == 410
    [made] = ids(loaded, "Patient?identifier=again")
    assert made != "old"
    revived = loaded.client.put("/Patient/old", json=patient("old"))
    assert (revived.status_code, revived.json()["meta"]["versionId"]) == (201, "3")


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_preferences_hold_for_every_entry(loaded: Gateway, kind: str) -> None:
    changed = [entry("PUT", f"Patient/{kind}-{number}", patient(f"{kind}-{number}")) for number in range(2)]
    body = send(loaded, kind, *changed, prefer="return=minimal")
    assert all("resource" not in one and one["response"]["etag"] == 'W/"1"' for one in body["entry"])
    told = send(loaded, kind, *changed, prefer="return=OperationOutcome")
    for one in told["entry"]:
        outcome = one.get("resource") or one["response"]["outcome"]
        assert outcome["resourceType"] == "OperationOutcome"
    lenient = send(loaded, kind, entry("GET", "Patient?_id=a&nonsense=1"), prefer="handling=lenient")
    assert of(lenient["entry"][0]["resource"]) == ["a"]


def test_links_in_the_answer_of_an_entry_work(loaded: Gateway) -> None:
    bundle = send(loaded, "batch", entry("GET", "Patient?_count=1"))
    following = bundle["entry"][0]["resource"]["link"][1]["url"].removeprefix(f"{loaded.base}/")
    assert len(of(get(loaded.client, following))) == 1
    [inside] = send(loaded, "transaction", entry("GET", following))["entry"]
    assert inside["response"]["status"] == "200"

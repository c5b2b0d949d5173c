"""Batch and transaction Bundles. https://hl7.org/fhir/R4/http.html#transaction"""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "batch and transaction")

PERSON = "urn:uuid:8f0b7a52-7b1c-4f5e-9f57-1c8a6d9d0a01"


def get(url: str) -> dict[str, object]:
    return {"request": {"method": "GET", "url": url}}


def post(url: str, resource: dict[str, object], full_url: str | None = None) -> dict[str, object]:
    entry: dict[str, object] = {"resource": resource, "request": {"method": "POST", "url": url}}
    return entry | ({"fullUrl": full_url} if full_url else {})


def bundle(kind: str, *entries: dict[str, object]) -> dict[str, object]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def test_references_between_new_resources_become_literal(gateway: Gateway) -> None:
    patient = {"resourceType": "Patient", "name": [{"text": "示例乙"}]}
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": "示例"},
        "subject": {"reference": PERSON},
    }
    answer = gateway.client.post(
        "",
        json=bundle(
            "transaction",
            post("Flag", flag),
            post("Patient", patient, PERSON),
        ),
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["type"] == "transaction-response"
    made_flag, made_patient = (entry["resource"] for entry in body["entry"])
    assert made_flag["subject"]["reference"] == f"Patient/{made_patient['id']}"
    assert [entry["response"]["status"] for entry in body["entry"]] == ["201", "201"]
    found = gateway.client.get(f"/Flag?patient=Patient/{made_patient['id']}").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [made_flag["id"]]


def test_a_transaction_is_done_whole_or_not_at_all(gateway: Gateway) -> None:
    good = {"resourceType": "Patient", "id": "whole-1"}
    bad = {"resourceType": "Patient", "id": "whole-2", "gender": "bogus"}
    entries = [{"resource": one, "request": {"method": "PUT", "url": f"Patient/{one['id']}"}} for one in (good, bad)]
    assert gateway.client.post("", json=bundle("transaction", *entries)).status_code == 422
    assert gateway.client.get("/Patient/whole-1").status_code == 404
    batch = gateway.client.post("", json=bundle("batch", *entries)).json()
    assert [entry["response"]["status"] for entry in batch["entry"]] == ["201", "422"]
    assert batch["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == ["Patient.gender"]


def test_entries_are_carried_out_in_the_order_of_fhir_and_answered_in_their_own(gateway: Gateway) -> None:
    gateway.client.put("/Patient/order-1", json={"resourceType": "Patient", "id": "order-1"})
    answer = gateway.client.post(
        "",
        json=bundle(
            "transaction",
            get("Patient?_id=order-1,order-2"),
            {
                "resource": {"resourceType": "Patient", "id": "order-2"},
                "request": {"method": "PUT", "url": "Patient/order-2"},
            },
            {"request": {"method": "DELETE", "url": "Patient/order-1"}},
        ),
    ).json()
    seen, made, gone = answer["entry"]
    assert [entry["resource"]["id"] for entry in seen["resource"]["entry"]] == ["order-2"]
    assert (made["response"]["status"], gone["response"]["status"]) == ("201", "204")


def test_what_is_wrong_with_an_entry_is_named_by_its_number(gateway: Gateway) -> None:
    for entry, place in (
        ({}, "Bundle.entry[0].request"),
        ({"request": {"method": "BREW", "url": "Patient"}}, "Bundle.entry[0].request"),
        ({"request": {"method": "POST", "url": "Patient"}}, "Bundle.entry[0].request"),
        (post("Patient/x", {"resourceType": "Patient"}), "Bundle.entry[0].request.url"),
        (
            post("Patient", {"resourceType": "Patient"})
            | {"request": {"method": "POST", "url": "Patient", "ifNoneExist": "x=y"}},
            "Bundle.entry[0].request.url",
        ),
    ):
        answer = gateway.client.post("", json=bundle("transaction", entry))
        assert answer.status_code == 400
        assert answer.json()["issue"][0]["expression"] == [place]
    assert gateway.client.post("", json=bundle("searchset")).status_code == 400


def test_a_read_that_finds_nothing_does_not_undo_what_was_written(gateway: Gateway) -> None:
    writing = {
        "resource": {"resourceType": "Patient", "id": "beside"},
        "request": {"method": "PUT", "url": "Patient/beside"},
    }
    answer = gateway.client.post("", json=bundle("transaction", *map(get, ("Patient/nobody", "Patient/%00")), writing))
    assert answer.status_code == 200
    told = [entry["response"] for entry in answer.json()["entry"]]
    assert [one["status"] for one in told] == ["404", "404", "201"]
    assert told[0]["outcome"]["issue"][0]["code"] == "not-found"
    assert gateway.client.get("/Patient/beside").status_code == 200


@pytest.mark.parametrize(
    ("url", "status"), [("Patinet/x", 404), ("Patient/x/y", 404), ("Patient?nmae=x", 400), ("Patient?name=%00", 400)]
)
def test_a_read_that_cannot_be_made_is_refused_before_anything_is_written(
    gateway: Gateway, url: str, status: int
) -> None:
    made = post("Basic", {"resourceType": "Basic", "code": {"text": "示例"}})
    assert gateway.client.post("", json=bundle("transaction", made, get(url))).status_code == status
    assert gateway.client.get("/Basic?_total=accurate").json()["total"] == 0


def test_no_transaction_writes_a_resource_twice(gateway: Gateway) -> None:
    twice = {
        "resource": {"resourceType": "Patient", "id": "twice"},
        "request": {"method": "PUT", "url": "Patient/twice"},
    }
    gone = {"request": {"method": "DELETE", "url": "Patient/twice"}}
    for entries, place in (
        ([twice, twice], "Bundle.entry[1].request.url"),
        ([twice, gone], "Bundle.entry[0].request.url"),
    ):
        answer = gateway.client.post("", json=bundle("transaction", *entries))
        assert refused(answer) == (400, "FD-BUNDLE-TWICE", place)
    assert gateway.client.get("/Patient/twice").status_code == 404


def test_every_link_of_a_bundle_leads_to_one_entry(gateway: Gateway) -> None:
    patient = {"resourceType": "Patient"}
    one, other = post("Patient", patient, PERSON), post("Patient", patient, PERSON)
    answer = gateway.client.post("", json=bundle("transaction", one, other))
    assert refused(answer) == (400, "FD-BUNDLE-FULL-URL", "Bundle.entry[1].fullUrl")
    team = {"resourceType": "CareTeam", "participant": [{"member": {"reference": PERSON}}]}
    for kind in ("transaction", "batch"):
        answer = gateway.client.post("", json=bundle(kind, post("CareTeam", team)))
        outcome = answer.json() if kind == "transaction" else answer.json()["entry"][0]["response"]["outcome"]
        assert outcome["issue"][0]["details"]["coding"][0]["code"] == "FD-BUNDLE-REFERENCE"
        assert outcome["issue"][0]["expression"] == ["Bundle.entry[0].resource.participant[0].member.reference"]


def test_whatever_points_to_an_entry_is_linked_and_identifiers_are_not(gateway: Gateway) -> None:
    pointing = {
        "resourceType": "Basic",
        "code": {"text": "示例"},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": PERSON}],
        "extension": [
            {"url": "urn:x:uri", "valueUri": PERSON},
            {"url": "urn:x:canonical", "valueCanonical": PERSON},
            {"url": "urn:x:other", "valueUri": "urn:uuid:0b1e4f26-6f0c-4f62-8f6b-3c3c5f0d0a02"},
        ],
    }
    flag = {"resourceType": "Flag", "status": "active", "code": {"text": "示例"}, "subject": {"reference": PERSON}}
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": PERSON, "resource": flag}]}
    answer = gateway.client.post(
        "",
        json=bundle(
            "transaction",
            post("Basic", pointing),
            post("Patient", {"resourceType": "Patient"}, PERSON),
            post("Bundle", inner),
        ),
    )
    assert answer.status_code == 200, answer.text
    basic, patient, kept = (entry["resource"] for entry in answer.json()["entry"])
    literal = f"Patient/{patient['id']}"
    assert basic["identifier"][0]["value"] == PERSON
    assert [one.get("valueUri") or one["valueCanonical"] for one in basic["extension"]] == [
        literal,
        literal,
        "urn:uuid:0b1e4f26-6f0c-4f62-8f6b-3c3c5f0d0a02",
    ]
    assert kept["entry"] == inner["entry"]


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    issue = answer.json()["issue"][0]
    return answer.status_code, issue["details"]["coding"][0]["code"], issue["expression"][0]


def test_concurrent_updates_keep_the_history_whole(gateway: Gateway) -> None:
    gateway.client.put("/Patient/busy", json={"resourceType": "Patient", "id": "busy"})

    def change(number: int) -> int:
        with gateway.client_for("developer") as client:
            birth = f"1990-01-{number + 1:02d}"
            return client.put(
                "/Patient/busy", json={"resourceType": "Patient", "id": "busy", "birthDate": birth}
            ).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, range(16)))
    written = answers.count(200)
    assert set(answers) <= {200, 409}
    versions = gateway.client.get("/Patient/busy/_history").json()
    numbers = [int(entry["response"]["etag"][3:-1]) for entry in versions["entry"]]
    assert numbers == list(range(written + 1, 0, -1))

"""$validate over HTTP. https://hl7.org/fhir/R4/resource-operation-validate.html"""

from typing import Any

import httpx
import pytest

from tests.conftest import Gateway
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$validate")

TEXT = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">示例</div>'}
PATIENT = {"resourceType": "Patient", "text": TEXT, "gender": "female"}
BOGUS = PATIENT | {"gender": "bogus", "nmae": []}


def asked(resource: Any = None, mode: str | None = None, profile: str | None = None) -> dict[str, Any]:
    said: list[dict[str, Any]] = []
    if resource is not None:
        said.append({"name": "resource", "resource": resource})
    if mode:
        said.append({"name": "mode", "valueCode": mode})
    if profile:
        said.append({"name": "profile", "valueUri": profile})
    return parameters(*said)


def issues(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    found: list[dict[str, Any]] = answer.json()["issue"]
    return found


def faults(answer: httpx.Response) -> list[str]:
    """Where the errors are."""
    return [one["expression"][0] for one in issues(answer) if one["severity"] == "error"]


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    flag = {"resourceType": "Flag", "id": "f", "status": "active", "code": {"text": "示例"}}
    for resource in (PATIENT | {"id": "p"}, PATIENT | {"id": "alone"}, flag | {"subject": {"reference": "Patient/p"}}):
        assert gateway.client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource).status_code == 201
    return gateway


def test_a_valid_resource_has_one_informational_issue(gateway: Gateway):
    for body in (PATIENT, asked(PATIENT)):
        [issue] = issues(gateway.client.post("/Patient/$validate", json=body))
        assert issue["severity"] == "information"
        assert issue["details"]["text"]


def test_every_fault_is_told_with_its_place(gateway: Gateway):
    for body in (BOGUS, asked(BOGUS)):
        assert sorted(faults(gateway.client.post("/Patient/$validate", json=body))) == [
            "Patient.gender",
            "Patient.nmae",
        ]


def test_whatever_is_no_resource_is_told_so(gateway: Gateway):
    for body in ({}, {"resourceType": "Patent"}, asked("text"), asked([]), asked({"resourceType": 1})):
        assert any(one["severity"] == "error" for one in issues(gateway.client.post("/Patient/$validate", json=body)))
    assert faults(gateway.client.post("/Observation/$validate", json=PATIENT)) == ["resourceType"]


def test_a_parameters_resource_can_itself_be_validated(gateway: Gateway):
    own = parameters({"name": "a", "valueString": "b"})
    assert issues(gateway.client.post("/Parameters/$validate", json=own))[0]["severity"] == "information"
    assert issues(gateway.client.post("/Parameters/$validate", json=asked(own)))[0]["severity"] == "information"


def test_create_is_what_a_create_would_be_refused_for(gateway: Gateway):
    lost = {
        "resourceType": "Flag",
        "status": "active",
        "text": TEXT,
        "code": {"text": "示例"},
        "subject": {"reference": "Patient/no"},
    }
    assert issues(gateway.client.post("/Flag/$validate", json=lost))[0]["severity"] == "information"
    assert faults(gateway.client.post("/Flag/$validate", json=asked(lost, "create"))) == ["Flag.subject.reference"]
    assert gateway.client.post("/Patient/$validate", json=asked(PATIENT, "create")).json()["issue"][0]["severity"] == (
        "information"
    )
    assert gateway.client.get("/Patient?_summary=count").json()["total"] == 0, "nothing was stored"


def test_update_keeps_to_the_rules_of_ids(stored: Gateway):
    post = stored.client.post
    assert faults(post("/Patient/$validate", json=asked(PATIENT, "update"))) == ["Patient.id"]
    assert faults(post("/Patient/p/$validate", json=asked(PATIENT | {"id": "q"}, "update"))) == ["Patient.id"]
    for url in ("/Patient/$validate", "/Patient/p/$validate"):
        [issue] = issues(post(url, json=asked(PATIENT | {"id": "p", "gender": "male"}, "update")))
        assert issue["severity"] == "information"
    assert stored.client.get("/Patient/p").json()["gender"] == "female"


def test_delete_says_whether_anything_refers_to_it(stored: Gateway):
    [issue] = issues(stored.client.post("/Patient/p/$validate", json=asked(mode="delete")))
    assert (issue["severity"], issue["code"]) == ("error", "conflict")
    [issue] = issues(stored.client.get("/Patient/alone/$validate?mode=delete"))
    assert issue["severity"] == "information"
    assert stored.client.get("/Patient/alone").status_code == 200
    refused(stored.client.post("/Patient/nobody/$validate", json=asked(mode="delete")), 404, "not-found")


def test_what_is_stored_is_validated_by_get(stored: Gateway):
    assert issues(stored.client.get("/Patient/p/$validate"))[0]["severity"] == "information"
    refused(stored.client.get("/Patient/nobody/$validate"), 404, "not-found")
    assert stored.client.get("/Patient/$validate").status_code == 405


def test_a_profile_that_nobody_here_knows_is_said_to_be_unknown(stored: Gateway):
    url = "https://example.org/StructureDefinition/none"
    for answer in (
        stored.client.post("/Patient/$validate", json=asked(PATIENT, profile=url)),
        stored.client.post(f"/Patient/$validate?profile={url}", json=PATIENT),
        stored.client.get(f"/Patient/p/$validate?mode=profile&profile={url}"),
    ):
        [issue] = issues(answer)
        assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("warning", "FD-PROFILE-UNKNOWN")


def test_the_definition_of_a_type_is_a_profile_too(stored: Gateway):
    base = "http://hl7.org/fhir/StructureDefinition/"
    [issue] = issues(stored.client.get(f"/Patient/p/$validate?profile={base}Patient"))
    assert issue["severity"] == "information"
    [fault] = issues(stored.client.get(f"/Patient/p/$validate?profile={base}Observation"))
    assert fault["details"]["coding"][0]["code"] == "FD-PROFILE-TYPE"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/Patient/$validate", parameters()),
        ("/Patient/$validate", asked(mode="create")),
        ("/Patient/$validate", asked(PATIENT, "bogus")),
        ("/Patient/$validate", asked(PATIENT, "delete")),
        ("/Patient/p/$validate", asked(PATIENT, "profile", "urn:x")),
        ("/Patient/p/$validate", asked(mode="profile")),
        (
            "/Patient/$validate",
            parameters({"name": "resource", "resource": PATIENT}, {"name": "mdoe", "valueCode": "x"}),
        ),
        (
            "/Patient/$validate",
            parameters({"name": "resource", "resource": PATIENT}, {"name": "mode", "valueInteger": 1}),
        ),
        ("/Patient/$validate", parameters(*[{"name": "resource", "resource": PATIENT}] * 2)),
    ],
)
def test_what_cannot_be_asked(stored: Gateway, url: str, body: dict[str, Any]):
    refused(stored.client.post(url, json=body), 400, "invalid")


def test_validate_says_what_is_wrong_with_the_request(gateway: Gateway):
    assert gateway.client.post("/Patient/$validate", content=b"{").status_code == 400
    assert gateway.client.post("/Patient/$validate", json=[1]).status_code == 400
    assert gateway.client.post("/Patient/$validate").status_code == 400
    refused(gateway.client.post("/Patent/$validate", json=PATIENT), 404, "not-found")
    malformed = {"resourceType": "Parameters", "parameter": ["x"]}
    assert gateway.client.post("/Patient/$validate", json=malformed).status_code == 422
    with gateway.client_for("adapter") as client:
        refused(client.post("/Patient/$validate", json=PATIENT), 403, "forbidden")

"""Patches of both kinds, and what a write is answered with, over HTTP. https://hl7.org/fhir/R4/http.html#patch"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import patient, replacing, store

JSON_PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.mark.feature("Interactions", "JSON Patch")
@pytest.mark.feature("Interactions", "FHIRPath Patch")
def test_patches_of_both_kinds_find_by_criteria_or_id(gateway: Gateway) -> None:
    store(gateway, patient("patched", identifier=[{"system": "urn:c", "value": "p1"}], gender="male"))
    url = "/Patient?identifier=urn:c|p1"
    fhirpath = gateway.client.patch(url, json=replacing("Patient.gender", "female"))
    operations = [
        {"op": "test", "path": "/gender", "value": "female"},
        {"op": "replace", "path": "/gender", "value": "other"},
    ]
    plain = gateway.client.patch(url, json=operations, headers=JSON_PATCH)
    assert [one.json()["gender"] for one in (fhirpath, plain)] == ["female", "other"]
    again = gateway.client.patch("/Patient/patched", json=operations, headers=JSON_PATCH)
    assert again.status_code == 422
    wrong = [{"op": "replace", "path": "/gender", "value": "bogus"}]
    refused = gateway.client.patch("/Patient/patched", json=wrong, headers=JSON_PATCH)
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["expression"] == ["Patient.gender"]
    assert gateway.client.patch("/Patient/patched", json=replacing("Patient.gender", "bogus")).status_code == 422
    assert gateway.client.get("/Patient/patched").json()["gender"] == "other"
    assert (
        gateway.client.patch("/Patient?identifier=urn:c|none", json=operations, headers=JSON_PATCH).status_code == 404
    )
    assert gateway.client.patch("/Patient/none", json=operations, headers=JSON_PATCH).status_code == 404
    assert (
        gateway.client.patch("/Patient/patched", content="<x/>", headers={"Content-Type": "text/xml"}).status_code
        == 415
    )
    stale = gateway.client.patch(
        "/Patient/patched", json=replacing("Patient.gender", "male"), headers={"If-Match": 'W/"1"'}
    )
    assert stale.status_code == 412


@pytest.mark.feature("Interactions", "Prefer")
@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("", "Patient"),
        ("return=representation", "Patient"),
        ("return=minimal", None),
        ("return=OperationOutcome", "OperationOutcome"),
        ("wait=5, return=minimal; x=y", None),
        ("return=nonsense", "Patient"),
    ],
)
def test_the_answer_is_what_is_preferred(gateway: Gateway, prefer: str, kind: str | None) -> None:
    own = f"prefer{abs(hash(prefer))}"
    for body in (patient(own), patient(own, active=True)):
        answer = gateway.client.put(f"/Patient/{own}", json=body, headers={"Prefer": prefer})
        assert answer.status_code in {200, 201}
        assert answer.headers["etag"]
        assert (answer.json()["resourceType"] if answer.content else None) == kind
    patched = gateway.client.patch(f"/Patient/{own}", json=replacing("Patient.active", "x"), headers={"Prefer": prefer})
    assert patched.status_code == 422
    gone = gateway.client.delete(f"/Patient/{own}", headers={"Prefer": prefer})
    assert gone.status_code == (200 if kind == "OperationOutcome" else 204)

"""$document of a Composition. https://hl7.org/fhir/R4/composition-operation-document.html"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from profiles import validator
from tests.conftest import Gateway
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$document")

Resource = dict[str, Any]


def to(reference: str) -> Resource:
    return {"reference": reference}


def chart() -> Iterator[Resource]:
    yield {"resourceType": "Organization", "id": "centre", "name": "示例"}
    yield {"resourceType": "Organization", "id": "unrelated", "name": "示例"}
    yield {"resourceType": "Practitioner", "id": "author"}
    yield {"resourceType": "Practitioner", "id": "nurse"}
    yield {"resourceType": "Patient", "id": "p", "managingOrganization": to("Organization/unrelated")}
    yield {"resourceType": "Patient", "id": "q"}
    about = {"status": "final", "code": {"text": "示例"}}
    yield {"resourceType": "Observation", "id": "deep", **about, "performer": [to("Practitioner/nurse")]}
    yield {"resourceType": "Observation", "id": "entry", **about, "hasMember": [to("Observation/deep")]}
    yield {"resourceType": "Observation", "id": "nested", **about, "note": [{"text": "内层"}]}
    yield composition("report", "p") | {
        "custodian": to("Organization/centre"),
        "section": [
            {"title": "一", "entry": [to("Observation/entry")]},
            {"title": "二", "section": [{"title": "三", "entry": [to("Observation/nested")]}]},
        ],
    }


def composition(own: str, patient: str) -> Resource:
    return {
        "resourceType": "Composition",
        "id": own,
        "status": "final",
        "type": {"text": "示例"},
        "subject": to(f"Patient/{patient}"),
        "date": "2026-11-22",
        "author": [to("Practitioner/author")],
        "title": "示例文档",
    }


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    for resource in chart():
        answer = gateway.client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource)
        assert answer.status_code == 201, answer.text
    return gateway


def document(answer: httpx.Response) -> Resource:
    assert answer.status_code == 200, answer.text
    found: Resource = answer.json()
    assert validator.check(found) == []
    assert found["type"] == "document"
    return found


def names(bundle: Resource) -> list[str]:
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]]


def test_a_document_begins_with_its_composition_and_has_what_that_speaks_of(stored: Gateway):
    found = document(stored.client.get("/Composition/report/$document"))
    assert names(found)[0] == "Composition/report"
    assert set(names(found)[1:]) == {
        "Organization/centre",
        "Patient/p",
        "Practitioner/author",
        "Practitioner/nurse",
        *(f"Observation/{own}" for own in ("entry", "nested", "deep")),
    }
    assert [one["fullUrl"] for one in found["entry"]] == [f"{stored.base}/{one}" for one in names(found)]


def test_every_document_is_another_with_an_identifier_and_a_time(stored: Gateway):
    first, second = (document(stored.client.post("/Composition/report/$document")) for _ in range(2))
    assert first["identifier"]["system"] == "urn:ietf:rfc:3986"
    assert first["identifier"] != second["identifier"]
    assert first["timestamp"].endswith("+08:00")


def test_a_document_is_kept_where_that_is_asked_for(stored: Gateway):
    assert stored.client.get("/Bundle?_summary=count").json()["total"] == 0
    body = parameters({"name": "persist", "valueBoolean": True})
    answer = stored.client.post("/Composition/report/$document", json=body)
    kept = stored.client.get(answer.headers["location"])
    assert kept.json() == document(answer)
    assert stored.client.get("/Bundle?_summary=count").json()["total"] == 1


def test_the_composition_may_be_named_in_a_parameter(stored: Gateway):
    for own in ("report", "Composition/report", f"{stored.base}/Composition/report"):
        found = document(stored.client.get("/Composition/$document", params={"id": own, "persist": "false"}))
        assert names(found)[0] == "Composition/report"


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/Composition/nobody/$document", 404, "not-found"),
        ("/Composition/$document", 400, "invalid"),
        ("/Composition/report/$document?id=report", 400, "invalid"),
        ("/Composition/$document?id=https://example.org/Composition/1", 404, "not-found"),
        ("/Composition/report/$document?persist=perhaps", 400, "invalid"),
        ("/Composition/report/$document?graph=urn:x", 400, "not-supported"),
        ("/Composition/report/$document?presist=true", 400, "invalid"),
        ("/Observation/entry/$document", 404, "not-found"),
    ],
)
def test_document_says_what_is_wrong(stored: Gateway, url: str, status: int, code: str):
    refused(stored.client.get(url), status, code)


def test_whoever_may_not_read_is_refused(stored: Gateway):
    with stored.client_for("adapter") as client:
        refused(client.get("/Composition/report/$document"), 403, "forbidden")

"""Chains and `_has`, of any depth and in each other. https://hl7.org/fhir/R4/search.html#chaining"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import coding, ids, link, observation, pages, patient, refused, store, to

pytestmark = pytest.mark.feature("Search", "chains and _has, nested")


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(
        gateway,
        {"resourceType": "Organization", "id": "city", "name": "示例市", "identifier": [{"value": "C"}]},
        {"resourceType": "Organization", "id": "district", "name": "示例区", "partOf": to("Organization/city")},
        {"resourceType": "Organization", "id": "centre", "name": "Centre", "partOf": to("Organization/district")},
        {"resourceType": "Practitioner", "id": "doctor", "name": [{"text": "王医生"}], "gender": "female"},
        patient(
            "a",
            name=[{"text": "张三"}],
            gender="male",
            birthDate="1950-01-01",
            managingOrganization=to("Organization/centre"),
            generalPractitioner=[to("Practitioner/doctor")],
            identifier=[{"system": "urn:i", "value": "A"}],
        ),
        patient("b", gender="female", managingOrganization=to("Organization/district"), birthDate="1980-01-01"),
        patient("c", name=[{"text": "张四"}]),
        {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "identifier": [{"value": "A"}]},
        {"resourceType": "Device", "id": "d", "deviceName": [{"name": "示例", "type": "other"}]},
        encounter("e1", "Patient/a", "2026-01-01"),
        encounter("e2", "Patient/b", "2026-02-01"),
        encounter("e3", "Group/g", "2026-03-01"),
        observation("o1", subject=to("Patient/a"), code=coding("urn:a", "x"), encounter=to("Encounter/e1")),
        observation("o2", subject=to("Patient/b"), code=coding("urn:a", "y"), encounter=to("Encounter/e2")),
        observation("o3", subject=to("Group/g"), code=coding("urn:a", "x"), encounter=to("Encounter/e3")),
        observation("o4", subject=to("Patient/c"), performer=[to("Practitioner/doctor")]),
        observation("o5", subject=to("Device/d"), derivedFrom=[to("Observation/o1")]),
        observation("o6", hasMember=[to("Observation/o5"), to("Observation/o4")]),
        observation("o7"),
    )
    store(gateway, patient("gone", name=[{"text": "张三"}]))
    gateway.client.delete("/Patient/gone").raise_for_status()
    return gateway


def encounter(own: str, subject: str, start: str) -> dict[str, object]:
    return {
        "resourceType": "Encounter",
        "id": own,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": to(subject),
        "period": {"start": start, "end": start},
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?subject:Patient.name=张三", {"o1"}),
        ("Observation?patient.name=zhang", {"o1", "o4"}),
        ("Observation?subject.name=张三", {"o1"}),
        ("Observation?subject.identifier=A", {"o1", "o3"}),
        ("Observation?subject:Patient.identifier=urn:i|A", {"o1"}),
        ("Observation?subject:Group.identifier=A", {"o3"}),
        ("Observation?subject._id=a", {"o1"}),
        ("Observation?subject._id=a,g", {"o1", "o3"}),
        ("Observation?patient._id:not=a", {"o2", "o4"}),
        ("Observation?subject:Patient.name:missing=true", {"o2"}),
        ("Observation?subject:Patient.name:missing=false", {"o1", "o4"}),
        ("Observation?patient.gender:not=male", {"o2", "o4"}),
        ("Observation?patient.gender:missing=true", {"o4"}),
        ("Observation?patient.name:exact=张三", {"o1"}),
        ("Observation?patient.name:contains=四", {"o4"}),
        ("Observation?patient.gender=male,female", {"o1", "o2"}),
        ("Observation?patient.birthdate=ge1950&patient.birthdate=lt1960", {"o1"}),
        ("Observation?patient.birthdate=lt1960,ge1970", {"o1", "o2"}),
        ("Observation?patient._lastUpdated=gt2020&code=x", {"o1"}),
        ("Observation?patient.organization.name=centre", {"o1"}),
        ("Observation?patient.organization.partof.name=示例市", {"o2"}),
        ("Observation?patient.organization.partof.partof.identifier=C", {"o1"}),
        ("Observation?patient.organization.partof=Organization/city", {"o2"}),
        ("Observation?patient.organization=centre,district", {"o1", "o2"}),
        ("Observation?patient.general-practitioner:Practitioner.gender=female", {"o1"}),
        ("Observation?has-member.derived-from.patient.name=张三", {"o6"}),
        ("Observation?has-member:Observation.performer:Practitioner.name=王", {"o6"}),
        ("Observation?encounter.subject:Patient.organization.name=示例区", {"o2"}),
        ("Observation?encounter.date=ge2026-02-01", {"o2", "o3"}),
        ("Observation?encounter.date=ge2026-02-01&encounter.date=lt2026-03-01", {"o2"}),
        ("Patient?_has:Observation:patient:code=x", {"a"}),
        ("Patient?_has:Observation:patient:code=x,y", {"a", "b"}),
        ("Patient?_has:Observation:patient:code:missing=false", {"a", "b", "c"}),
        ("Patient?_has:Observation:patient:code:not=x", {"b", "c"}),
        ("Patient?_has:Observation:subject:_id=o4", {"c"}),
        ("Patient?_has:Observation:subject:encounter.date=ge2026-02-01", {"b"}),
        ("Patient?_has:Observation:patient:performer:Practitioner.name=王", {"c"}),
        ("Patient?_has:Observation:patient:code=x&gender=male&birthdate=lt1960", {"a"}),
        ("Organization?_has:Patient:organization:_has:Observation:patient:code=x", {"centre"}),
        ("Organization?_has:Organization:partof:_has:Patient:organization:gender=male", {"district"}),
        ("Practitioner?_has:Patient:general-practitioner:_has:Encounter:subject:date=2026-01", {"doctor"}),
        ("Encounter?subject:Patient._has:Observation:patient:code=y", {"e2"}),
        ("Encounter?patient._has:Observation:patient:code=x", {"e1"}),
        ("Observation?patient.organization._has:Patient:organization:name=张三", {"o1"}),
        ("Patient?_has:Observation:patient:encounter._has:Observation:encounter:code=x", {"a"}),
        ("?_type=Patient,Group&_has:Observation:subject:code=x", {"a", "g"}),
        ("Observation?patient.name=张三,四", {"o1", "o4"}),
        ("Observation?subject:Patient._tag:missing=true&code=y", {"o2"}),
    ],
)
def test_what_a_chain_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query)) == expected


@pytest.mark.parametrize("sort", ["_id", "-_id", "-date", "code,_id"])
@pytest.mark.parametrize("query", ["patient.gender=male,female", "patient.gender:not=unknown"])
def test_what_a_chain_finds_comes_in_order_and_in_pages(loaded: Gateway, query: str, sort: str) -> None:
    expected = set(ids(loaded, f"Observation?{query}"))
    found = [
        one for page in pages(loaded.client, f"Observation?{query}&_sort={sort}&_count=1") for one in page["entry"]
    ]
    assert len(found) == len(expected)
    assert {one["resource"]["id"] for one in found} == expected
    total = loaded.client.get(f"/Observation?{query}&_sort={sort}&_count=1&_total=accurate").json()
    assert total["total"] == len(expected)
    assert bool(link(total, "next")) is (len(expected) > 1)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Observation?code.name=x", "FD-SEARCH-CHAIN"),
        ("Observation?patient.nonsense=x", "FD-SEARCH-UNKNOWN"),
        ("Observation?nonsense.name=x", "FD-SEARCH-UNKNOWN"),
        ("Observation?subject:Organization.name=x", "FD-SEARCH-UNKNOWN"),
        ("Patient?_has:Observation:patient=x", "FD-SEARCH-HAS"),
        ("Patient?_has:Nonsense:patient:code=x", "FD-SEARCH-HAS"),
        ("Patient?_has:Observation:code:code=x", "FD-SEARCH-HAS"),
        ("Patient?_has:Observation:patient:nonsense=x", "FD-SEARCH-UNKNOWN"),
        ("Organization?" + "partof." * 12 + "name=x", "FD-SEARCH-DEPTH"),
        ("Observation?patient.birthdate=x", "FD-SEARCH-DATE"),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(loaded: Gateway, query: str, key: str) -> None:
    assert refused(loaded.client, query) == key

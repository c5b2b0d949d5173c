"""Wards of a hospital as stored terminology, and how answers of operations are read."""

from typing import Any

import httpx

GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
GENDER = "http://hl7.org/fhir/administrative-gender"
TIMERS = "https://fdgw.example.org/fhir/CodeSystem/timer"
SNOMED = "http://snomed.info/sct"
WARDS = "https://example.org/CodeSystem/wards"
SURGERY = "https://example.org/ValueSet/surgery"
WARD_SYSTEM = {
    "resourceType": "CodeSystem",
    "id": "wards",
    "url": WARDS,
    "version": "1",
    "name": "Wards",
    "status": "active",
    "content": "complete",
    "concept": [
        {
            "code": "S",
            "display": "外科",
            "definition": "所有外科",
            "designation": [{"language": "en", "value": "Surgery"}],
            "concept": [{"code": "S1", "display": "普外科"}],
        },
        {"code": "M", "display": "内科"},
    ],
}
SURGICAL = {
    "resourceType": "ValueSet",
    "id": "surgery",
    "url": SURGERY,
    "status": "active",
    "compose": {"include": [{"system": WARDS, "filter": [{"property": "concept", "op": "is-a", "value": "S"}]}]},
}
WARD_MAP = {
    "resourceType": "ConceptMap",
    "id": "wards",
    "url": "https://example.org/ConceptMap/wards",
    "status": "active",
    "group": [
        {
            "source": WARDS,
            "target": "urn:other",
            "element": [{"code": "S", "target": [{"code": "01", "equivalence": "equivalent"}]}],
        }
    ],
}


def parameters(*said: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(said)}


def told(answer: httpx.Response) -> dict[str, Any]:
    """Name → value of the parameters that were answered, the last of each name."""
    assert answer.status_code == 200, answer.text
    said = answer.json().get("parameter", [])
    return {one["name"]: next(value for name, value in one.items() if name != "name") for one in said}


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["code"] for entry in answer.json()["expansion"].get("contains", [])]


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    [issue] = answer.json()["issue"]
    assert issue["code"] == code
    assert issue["details"]["text"]
    assert issue["diagnostics"]
    return issue

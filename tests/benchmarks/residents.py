"""Residents of ordinary size, with a contract and a few measurements each: what the gateway's benchmarks are about."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from tests.gateway.district import agreement, contract, put, resident, staff

PEOPLE = 2000
PRESSURE = "85354-9"
ENTRIES = 50
"""Of a transaction."""
_V3 = "http://terminology.hl7.org/CodeSystem"


def populate(port: int, token: str) -> Iterator[dict[str, Any]]:
    with client(port, token) as http:
        http.post("/fhir", json=put(*staff())).raise_for_status()
        for start in range(0, PEOPLE, 100):
            batch = [detailed(number) for number in range(start, start + 100)]
            contracts = [contract(f"contract-{person['id']}", person["id"]) for person in batch]
            answer = http.post("/fhir", json=put(*batch, *contracts, *map(agreement, contracts), *charts(batch)))
            answer.raise_for_status()
            yield from batch


def client(port: int, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)


def charts(people: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Three measurements of two kinds each."""
    for person in people:
        for code in (PRESSURE, "8867-4"):
            for month in (2, 4, 6):
                own = {"id": f"{person['id']}-{code}-{month}"}
                yield {**measured(f"Patient/{person['id']}", code, month), **own}


def detailed(number: int) -> dict[str, Any]:
    """A resident of ordinary size, about 1.5 KB."""
    return {
        **resident(f"person-{number}", number % 1000, born(number, "-")),
        "telecom": [{"system": "phone", "value": f"139{number:08d}", "use": "mobile"}],
        "address": [{"use": "home", "text": f"示例省示例市示例区示例路{number}号", "district": "500114"}],
        "maritalStatus": {"coding": [{"system": f"{_V3}/v3-MaritalStatus", "code": "M"}]},
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "zh-CN"}]}}],
        "contact": [{"name": {"text": f"示例{number}"}, "telecom": [{"system": "phone", "value": "000-0000"}]}] * 3,
        "managingOrganization": {"reference": "Organization/centre"},
    }


def born(number: int, separator: str = "") -> str:
    return separator.join((str(1950 + number // 1000), "06", "15"))


def body(person: dict[str, Any], **changes: Any) -> str:
    changed = {**person, **changes}
    return json.dumps({name: value for name, value in changed.items() if value != []}, ensure_ascii=False)


def transaction(people: list[dict[str, Any]], start: int) -> str:
    """Ten new residents, each with four measurements that refer to the new resident."""
    entries = []
    for person in people[start : start + 10]:
        name = f"urn:uuid:{uuid.uuid4()}"
        new = {key: value for key, value in person.items() if key not in {"id", "identifier"}}
        made = [new, *(measured(name, PRESSURE, month) for month in range(1, ENTRIES // 10))]
        for number, resource in enumerate(made):
            full = {"fullUrl": name} if number == 0 else {}
            entries.append(
                {**full, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
            )
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}, ensure_ascii=False)


def measured(patient: str, code: str, month: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": patient},
        "effectiveDateTime": f"2026-{month:02}-11T10:12:00+08:00",
        "valueQuantity": {
            "value": 120 + month,
            "unit": "mmHg",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
        },
    }

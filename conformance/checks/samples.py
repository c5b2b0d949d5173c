"""Resources that suites put on a target: invented people, all tagged as test data.

https://terminology.hl7.org/CodeSystem-v3-ActReason.html
"""

from decimal import Decimal
from typing import Any

from profiles.json import Resource

IDENTIFIERS = "urn:oid:2.25.167438261930385719"
"""The system of every identifier that a suite invents."""
TAG = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
_LOINC, _UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def patient(unique: str, **elements: Any) -> Resource:  # noqa: ANN401 - any element
    """`unique` is the value of its identifier and its family name."""
    name = {"use": "official", "family": f"Conformance{unique}", "given": ["Invented"]}
    found = {"identifier": [identifier(unique)], "active": True, "name": [name], "gender": "unknown"}
    return _tagged("Patient", {**found, "birthDate": "1970-03-02", **elements})


def observation(subject: str, unique: str, value: str = "6.30", **elements: Any) -> Resource:  # noqa: ANN401 - any element
    """A glucose of `value` mmol/L; `subject` is `Patient/1`."""
    code = {"coding": [{"system": _LOINC, "code": "15074-8", "display": "Glucose [Moles/volume] in Blood"}]}
    quantity = {"value": Decimal(value), "unit": "mmol/L", "system": _UCUM, "code": "mmol/L"}
    found = {"identifier": [identifier(unique)], "status": "final", "code": code, "subject": {"reference": subject}}
    return _tagged("Observation", {**found, "effectiveDateTime": "2024-05-06", "valueQuantity": quantity, **elements})


def encounter(subject: str, unique: str, period: dict[str, str], **elements: Any) -> Resource:  # noqa: ANN401 - any element
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    found = {"identifier": [identifier(unique)], "status": "finished", "class": kind}
    return _tagged("Encounter", {**found, "subject": {"reference": subject}, "period": period, **elements})


def binary(content: str) -> Resource:
    """`content` is base64."""
    return _tagged("Binary", {"contentType": "text/plain", "data": content})


def identifier(unique: str) -> dict[str, str]:
    return {"system": IDENTIFIERS, "value": unique}


def entry(method: str, url: str, resource: Resource | None = None, **more: str) -> Resource:
    """Of a batch or transaction; `more`: fullUrl, ifNoneExist, ifMatch."""
    full = {"fullUrl": more.pop("fullUrl")} if "fullUrl" in more else {}
    content = {"resource": resource} if resource else {}
    return {**full, **content, "request": {"method": method, "url": url, **more}}


def bundle(kind: str, *entries: Resource) -> Resource:
    return _tagged("Bundle", {"type": kind, "entry": [*entries]})


def _tagged(kind: str, elements: Resource) -> Resource:
    return {"resourceType": kind, "meta": {"tag": [TAG]}, **elements}

"""Patches of one patient, as short as they can be written."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from gateway.errors import FhirError
from gateway.rest import patching

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "contained": [{"resourceType": "Organization", "id": "org", "name": "示例机构"}],
    "extension": [
        {"url": "urn:example:a", "valueString": "a"},
        {"url": "urn:example:b", "valueQuantity": {"value": Decimal("1.50"), "unit": "kg"}},
    ],
    "identifier": [
        {"use": "official", "system": "urn:example", "value": "1", "period": {"start": "2020-01-01"}},
        {"use": "usual", "system": "urn:example", "value": "2"},
    ],
    "name": [{"given": ["甲", "乙", "丙"], "_given": [None, {"id": "second"}, None]}, {"text": "示例"}],
    "birthDate": "1949-01-01",
    "_birthDate": {"extension": [{"url": "urn:example:time", "valueTime": "08:00:00"}]},
    "deceasedBoolean": False,
    "communication": [
        {"language": {"text": "zh"}, "preferred": False},
        {"language": {"text": "en"}, "preferred": True},
    ],
}


def parameters(*operations: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "operation", "part": [_part(name, value) for name, value in one.items()]} for one in operations
        ],
    }


def _part(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"name": name, **value}
    if isinstance(value, int):
        return {"name": name, "valueInteger": value}
    return {"name": name, "valueCode" if name == "type" else "valueString": value}


def patched(*operations: dict[str, Any], resource: dict[str, Any] = PATIENT) -> dict[str, Any]:
    untouched = copy.deepcopy(resource)
    try:
        return patching.apply_parameters(resource, parameters(*operations))
    finally:
        assert resource == untouched


def refused(*operations: dict[str, Any], resource: dict[str, Any] = PATIENT) -> FhirError:
    with pytest.raises(FhirError) as caught:
        patched(*operations, resource=resource)
    return caught.value


def key(error: FhirError) -> str:
    return error.issues[0].key


def add(path: str, name: str, **value: Any) -> dict[str, Any]:
    return {"type": "add", "path": path, "name": name, "value": value}


def insert(path: str, index: int, **value: Any) -> dict[str, Any]:
    return {"type": "insert", "path": path, "index": index, "value": value}


def replace(path: str, **value: Any) -> dict[str, Any]:
    return {"type": "replace", "path": path, "value": value}


def delete(path: str) -> dict[str, Any]:
    return {"type": "delete", "path": path}


def move(path: str, source: int, destination: int) -> dict[str, Any]:
    return {"type": "move", "path": path, "source": source, "destination": destination}


VALUES = {
    "valueBase64Binary": "YQ==",
    "valueBoolean": True,
    "valueCanonical": "urn:x|1",
    "valueCode": "a",
    "valueDate": "2020-02-29",
    "valueDateTime": "2020-01-01T00:00:00+08:00",
    "valueDecimal": Decimal("1.50"),
    "valueId": "a",
    "valueInstant": "2020-01-01T00:00:00Z",
    "valueInteger": -1,
    "valueMarkdown": "*a*",
    "valueOid": "urn:oid:1.2",
    "valuePositiveInt": 1,
    "valueString": "a",
    "valueTime": "08:00:00",
    "valueUnsignedInt": 0,
    "valueUri": "urn:x",
    "valueUrl": "http://example.org",
    "valueUuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "valueAddress": {"city": "A"},
    "valueAge": {"value": 1},
    "valueAnnotation": {"text": "a"},
    "valueAttachment": {"url": "urn:x"},
    "valueCodeableConcept": {"text": "a"},
    "valueCoding": {"code": "a"},
    "valueContactPoint": {"value": "1"},
    "valueCount": {"value": 1},
    "valueDistance": {"value": 1},
    "valueDuration": {"value": 1},
    "valueHumanName": {"text": "a"},
    "valueIdentifier": {"value": "1"},
    "valueMoney": {"value": Decimal("1.00")},
    "valuePeriod": {"start": "2020"},
    "valueQuantity": {"value": Decimal("1E+2")},
    "valueRange": {"low": {"value": 1}},
    "valueRatio": {"numerator": {"value": 1}},
    "valueReference": {"reference": "Patient/1"},
    "valueSampledData": {"dimensions": 1},
    "valueSignature": {"data": "YQ=="},
    "valueTiming": {"event": ["2020"]},
    "valueContactDetail": {"name": "a"},
    "valueContributor": {"name": "a"},
    "valueDataRequirement": {"type": "Patient"},
    "valueExpression": {"language": "text/fhirpath"},
    "valueParameterDefinition": {"type": "string"},
    "valueRelatedArtifact": {"type": "citation"},
    "valueTriggerDefinition": {"type": "named-event"},
    "valueUsageContext": {"code": {"code": "a"}},
    "valueDosage": {"text": "a"},
    "valueMeta": {"tag": [{"code": "a"}]},
}

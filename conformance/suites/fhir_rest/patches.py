"""Patch, as JSON Patch and as FHIRPath Patch. https://hl7.org/fhir/R4/http.html#patch"""

from conformance.checks import Session, check, samples, shall
from profiles import json
from profiles.json import Resource

_CLAIMS = ("Patient.create", "Patient.read", "Patient.patch")
_JSON_PATCH = "application/json-patch+json"
_JSON_CLAIMS = (*_CLAIMS, f"patch.{_JSON_PATCH}")
_FHIRPATH_CLAIMS = (*_CLAIMS, "patch.application/fhir+json")


async def _patient(on: Session) -> tuple[str, Resource]:
    made = await on.create(samples.patient(on.unique))
    return f"Patient/{made['id']}", made


def _steps(*steps: Resource) -> bytes:
    return json.dumps([*steps])


@check(
    shall("rest-json-patch", "http.html#patch", "JSON Patch 逐步生效", "the steps of a JSON Patch take effect"),
    claims=_JSON_CLAIMS,
    after=("rest-update",),
)
async def json_patch(on: Session) -> None:
    path, _ = await _patient(on)
    steps = _steps(
        {"op": "replace", "path": "/gender", "value": "other"},
        {"op": "add", "path": "/name/-", "value": {"text": "added"}},
        {"op": "remove", "path": "/birthDate"},
    )
    (await on.patch(path, steps, headers={"Content-Type": _JSON_PATCH})).expect_status(200)
    answer = await on.get(path)
    found = answer.resource
    met = found.get("gender") == "other" and len(found["name"]) == 2 and "birthDate" not in found
    answer.expect(met, "三步都应生效", "all three steps should have taken effect")


@check(
    shall(
        "rest-json-patch-test",
        "http.html#patch",
        "test 不成立时不改动（4xx）",
        "a test that does not hold changes nothing (4xx)",
    ),
    claims=_JSON_CLAIMS,
    after=("rest-json-patch",),
)
async def json_patch_test(on: Session) -> None:
    path, made = await _patient(on)
    steps = _steps(
        {"op": "replace", "path": "/gender", "value": "other"},
        {"op": "test", "path": "/birthDate", "value": "1900-01-01"},
    )
    answer = await on.patch(path, steps, headers={"Content-Type": _JSON_PATCH})
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")
    after = await on.get(path)
    met = after.resource.get("gender") == made["gender"]
    after.expect(met, "不应有改动", "nothing should have changed")


@check(
    shall(
        "rest-patch-if-match",
        "http.html#concurrency",
        "PATCH 的 If-Match 不符时返回 412",
        "PATCH with If-Match of another version answers 412",
    ),
    claims=(*_JSON_CLAIMS, "Patient.versioning"),
    after=("rest-json-patch",),
)
async def patch_if_match(on: Session) -> None:
    path, made = await _patient(on)
    step = _steps({"op": "replace", "path": "/gender", "value": "other"})
    headers = {"Content-Type": _JSON_PATCH, "If-Match": 'W/"no-such-version"'}
    (await on.patch(path, step, headers=headers)).expect_status(412, 409)
    after = await on.get(path)
    met = after.resource.get("gender") == made["gender"]
    after.expect(met, "不应有改动", "nothing should have changed")


@check(
    shall(
        "rest-fhirpath-patch",
        "fhirpatch.html",
        "FHIRPath Patch 的 add、replace、delete 生效",
        "add, replace and delete of a FHIRPath Patch take effect",
    ),
    claims=_FHIRPATH_CLAIMS,
    after=("rest-update",),
)
async def fhirpath_patch(on: Session) -> None:
    path, _ = await _patient(on)
    operations = (
        _operation("replace", "Patient.gender", valueCode="other"),
        _operation("add", "Patient", name="maritalStatus", valueCodeableConcept={"text": "added"}),
        _operation("delete", "Patient.birthDate"),
    )
    body = {"resourceType": "Parameters", "parameter": [*operations]}
    (await on.patch(path, body)).expect_status(200)
    answer = await on.get(path)
    found = answer.resource
    met = found.get("gender") == "other" and "maritalStatus" in found and "birthDate" not in found
    answer.expect(met, "三步都应生效", "all three operations should have taken effect")


def _operation(kind: str, path: str, *, name: str = "", **value: object) -> Resource:
    parts: list[Resource] = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    if name:
        parts.append({"name": "name", "valueString": name})
    if value:
        parts.append({"name": "value", **value})
    return {"name": "operation", "part": parts}


CHECKS = (json_patch, json_patch_test, patch_if_match, fhirpath_patch)

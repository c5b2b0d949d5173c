from typing import Any

import pytest

from profiles.json import Resource
from tests.profiles.validating import element, found, keys, observation, patient, profile

A, B = "http://example.org/a", "http://example.org/b"


def sliced(path: str, kind: str, *slices: Any, at: str, rules: str = "open", **more: Any) -> Resource:
    slicing = {"discriminator": [{"type": kind, "path": at}], "rules": rules, **more}
    return profile(path.partition(".")[0], element(path, slicing=slicing), *slices)


def part(path: str, name: str, inner: str, **said: Any) -> dict[str, Any]:
    return element(f"{path}.{inner}", id=f"{path}:{name}.{inner}", **said)


def identifiers(rules: str = "open", *, ordered: bool = False) -> Resource:
    path = "Patient.identifier"
    return sliced(
        path,
        "value",
        element(path, "a", min=1, max="1"),
        part(path, "a", "system", min=1, fixedUri=A),
        element(path, "b", max="1"),
        part(path, "b", "system", min=1, patternUri=B),
        part(path, "b", "value", min=1),
        at="system",
        rules=rules,
        ordered=ordered,
    )


def by(*systems: str) -> Resource:
    return patient(identifier=[{"system": system, "value": "1"} for system in systems])


@pytest.mark.parametrize(
    ("systems", "expected"),
    [
        ((A,), []),
        ((A, B), []),
        ((B, "http://example.org/c", A), []),
        ((B,), [("FD-SLICE-REQUIRED", "Patient.identifier")]),
        ((), [("FD-SLICE-REQUIRED", "Patient.identifier")]),
        ((A, A), [("FD-SLICE-REPEATED", "Patient.identifier")]),
    ],
)
def test_slices_by_value_are_counted(systems, expected):
    resource = by(*systems) if systems else patient()
    assert keys(found(resource, identifiers())) == expected


def test_an_item_meets_the_slice_that_it_belongs_to():
    resource = patient(identifier=[{"system": A}, {"system": B}])
    assert keys(found(resource, identifiers())) == [("FD-REQUIRED", "Patient.identifier[1].value")]


def test_closed_slices_let_nothing_else_in():
    issues = found(by(A, "http://example.org/c"), identifiers("closed"))
    assert keys(issues) == [("FD-SLICE-CLOSED", "Patient.identifier[1]")]
    assert found(by(A, B), identifiers("closed")) == []


def test_ordered_slices_come_in_their_order():
    assert found(by(A, B), identifiers(ordered=True)) == []
    assert keys(found(by(B, A), identifiers(ordered=True))) == [("FD-SLICE-ORDER", "Patient.identifier[1]")]


def test_what_is_open_at_the_end_comes_after_the_slices():
    assert found(by(A, "http://example.org/c"), identifiers("openAtEnd")) == []
    issues = found(by("http://example.org/c", A), identifiers("openAtEnd"))
    assert keys(issues) == [("FD-SLICE-ORDER", "Patient.identifier[1]")]


def test_the_default_slice_has_what_no_other_has():
    path = "Patient.identifier"
    other = (element(path, "@default"), part(path, "@default", "use", min=1))
    one = identifiers()
    one["differential"]["element"] += other
    assert keys(found(by(A, "http://example.org/c"), one)) == [("FD-REQUIRED", "Patient.identifier[1].use")]


def test_the_pattern_of_the_slice_itself_tells_it():
    path = "Observation.category"
    wanted = {"coding": [{"system": A, "code": "x"}]}
    one = sliced(path, "pattern", element(path, "x", min=1, max="1", patternCodeableConcept=wanted), at="$this")
    category = {"coding": [{"system": B, "code": "y"}, {"system": A, "code": "x"}]}
    assert keys(found(observation(category=[{"text": "other"}, category]), one)) == [
        ("FD-BINDING", "Observation.category[1]")
    ]
    assert keys(found(observation(category=[{"text": "other"}]), one)) == [
        ("FD-SLICE-REQUIRED", "Observation.category")
    ]


def test_a_pattern_further_up_tells_what_is_at_the_path():
    path = "Observation.component"
    wanted = {"coding": [{"system": A, "code": "x"}]}
    one = sliced(
        path,
        "value",
        element(path, "x", min=1),
        part(path, "x", "code", patternCodeableConcept=wanted),
        part(path, "x", "value[x]", min=1),
        at="code.coding.code",
    )
    component = {"code": wanted}
    assert keys(found(observation(component=[component]), one)) == [("FD-REQUIRED", "Observation.component[0].value")]
    assert found(observation(component=[component | {"valueString": "1"}]), one) == []


def test_a_required_binding_tells_a_slice():
    path = "Observation.category"
    binding = {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/observation-category"}
    one = sliced(path, "value", element(path, "known", min=1, max="1", binding=binding), at="$this")
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    good = observation(category=[{"coding": [{"system": system, "code": "laboratory"}]}])
    assert found(good, one) == []
    assert "FD-SLICE-REQUIRED" in {issue.key for issue in found(observation(category=[{"text": "x"}]), one)}


def test_slices_by_whether_something_is_there():
    path = "Patient.identifier"
    one = sliced(
        path,
        "exists",
        element(path, "dated", max="1"),
        part(path, "dated", "period", min=1),
        element(path, "timeless", min=1),
        part(path, "timeless", "period", max="0"),
        at="period",
    )
    dated = {"value": "1", "period": {"start": "2020"}}
    assert found(patient(identifier=[dated, {"value": "2"}]), one) == []
    assert keys(found(patient(identifier=[dated, dated]), one)) == [
        ("FD-SLICE-REPEATED", "Patient.identifier"),
        ("FD-SLICE-REQUIRED", "Patient.identifier"),
    ]


def test_slices_of_a_choice_by_type():
    path = "Observation.value[x]"
    one = sliced(
        path,
        "type",
        element(path, "valueQuantity", type=[{"code": "Quantity"}]),
        part(path, "valueQuantity", "code", min=1),
        at="$this",
    )
    assert found(observation(valueString="1"), one) == []
    assert keys(found(observation(valueQuantity={"value": 1}), one)) == [("FD-REQUIRED", "Observation.value.code")]


def test_slices_by_the_type_that_a_reference_leads_to():
    path = "Observation.performer"
    targets = [{"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Practitioner"]}]
    one = sliced(path, "type", element(path, "person", min=1, type=targets), at="resolve()")
    contained = [{"resourceType": "Practitioner", "id": "p"}]
    good = observation(performer=[{"reference": "#p"}], contained=contained)
    assert found(good, one) == []
    assert found(observation(performer=[{"reference": "Practitioner/1"}]), one) == []
    issues = found(observation(performer=[{"reference": "Organization/1"}]), one)
    assert keys(issues) == [("FD-SLICE-REQUIRED", "Observation.performer")]


def test_slices_by_the_profile_that_an_entry_meets():
    known = profile("Patient", element("Patient.active", min=1), url="http://example.org/StructureDefinition/known")
    path = "Bundle.entry"
    one = sliced(
        path,
        "profile",
        element(path, "known", min=1, max="1"),
        part(path, "known", "resource", min=1, type=[{"code": "Patient", "profile": [known["url"]]}]),
        at="resource",
    )
    entries = [
        {"fullUrl": "http://example.org/Patient/1", "resource": patient(id="1", active=True)},
        {"fullUrl": "http://example.org/Patient/2", "resource": patient(id="2")},
    ]
    assert found({"resourceType": "Bundle", "type": "collection", "entry": entries}, one, known) == []
    issues = found({"resourceType": "Bundle", "type": "collection", "entry": entries[1:]}, one, known)
    assert ("FD-SLICE-REQUIRED", "Bundle.entry") in keys(issues)


def test_slices_of_slices():
    path = "Patient.identifier"
    one = identifiers()
    inner = {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}
    elements = one["differential"]["element"]
    elements[2]["slicing"] = inner
    elements[4:4] = [element(path, "a/old", min=1), part(path, "a/old", "use", min=1, fixedCode="old")]
    old = patient(identifier=[{"system": A, "value": "1", "use": "old"}])
    assert found(old, one) == []
    assert ("FD-SLICE-REQUIRED", "Patient.identifier") in keys(found(by(A), one))

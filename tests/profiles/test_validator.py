"""Every fault is found, at its place, in words without the value; and nothing that is valid is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from profiles.definitions import value_set
from profiles.json import dumps, loads
from profiles.r4.issues import WORDINGS
from profiles.validator import DEEPEST, MOST_ISSUES, check

OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "血压"}}
GROUP = {"resourceType": "Group", "type": "person", "actual": True}
ENCOUNTER = {"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}}
VALID: list[dict[str, Any]] = loads(Path(__file__).with_name("valid.json").read_bytes())
"""Synthetic people; every way of writing that FHIR allows and others get wrong."""
INVALID: list[tuple[list[str], object]] = [
    *loads(Path(__file__).with_name("invalid.json").read_bytes()),
    (["FD-CONTROL-CHARACTER Group.name"], {**GROUP, "name": "a\ud800"}),
    (["FD-TOO-LONG Group.name"], {**GROUP, "name": "中" * (1024 * 1024 + 1)}),
]
"""What is wrong and where, and the resource."""


def with_patient(**members: object) -> dict[str, Any]:
    return {"resourceType": "Patient", **members}


def found(resource: object) -> list[str]:
    return sorted(f"{issue.key} {issue.expression}" for issue in check(resource))


@pytest.mark.parametrize("resource", VALID, ids=lambda one: one["resourceType"])
def test_a_valid_resource_has_no_issue(resource: dict[str, Any]):
    assert check(resource) == []
    assert check(loads(dumps(resource))) == []


@pytest.mark.parametrize(("faults", "resource"), [pytest.param(*case, id=case[0][0]) for case in INVALID])
def test_every_fault_is_found_at_its_place(faults: list[str], resource: object):
    assert found(resource) == sorted(faults)


def test_all_faults_of_a_resource_are_found():
    resource = with_patient(gender="F", birthDate="31/12/1949", name={"famly": "x"}, active="true", nickname="x")
    assert found(resource) == [
        "FD-ARRAY-EXPECTED Patient.name",
        "FD-CODE Patient.gender",
        "FD-FORMAT Patient.birthDate",
        "FD-UNKNOWN-ELEMENT Patient.name.famly",
        "FD-UNKNOWN-ELEMENT Patient.nickname",
        "FD-WRONG-TYPE Patient.active",
    ]


# The words


def only(resource: object) -> Any:
    (issue,) = check(resource)
    return issue


def test_an_issue_says_what_is_wrong_and_what_to_do():
    issue = only(with_patient(name=[{"famly": "x"}]))
    assert (issue.severity, issue.code, issue.key) == ("error", "structure", "FD-UNKNOWN-ELEMENT")
    assert "HumanName" in issue.en
    assert "Did you mean family?" in issue.en
    assert "是否指 family" in issue.zh
    issue = only(with_patient(active="true"))
    assert "Expected boolean (a JSON boolean), got string" in issue.en
    assert "布尔值" in issue.zh
    assert "male" in only(with_patient(gender="F")).en
    assert "valueQuantity" in only({**OBSERVATION, "valueAddress": {"text": "x"}}).en
    assert "valueString, valueInteger" in only({**OBSERVATION, "valueInteger": 1, "valueString": "x"}).en
    assert "Patient, Group" in only({**ENCOUNTER, "subject": {"reference": "Device/1"}}).en
    assert "Did you mean Patient?" in only({"resourceType": "Patiemt"}).en


def test_white_space_alone_is_a_warning():
    issue = only(with_patient(name=[{"text": "  "}]))
    assert (issue.severity, issue.code) == ("warning", "value")


def test_every_wording_is_reached_by_a_case_of_these_tests():
    limits = {"FD-TOO-DEEP", "FD-TOO-MANY"}
    assert {fault.split()[0] for faults, _ in INVALID for fault in faults} | limits == set(WORDINGS)


def test_the_code_of_an_issue_is_an_issue_type():
    known = value_set("http://hl7.org/fhir/ValueSet/issue-type")["http://hl7.org/fhir/issue-type"]
    assert {wording.code for wording in WORDINGS.values()} <= known


# Limits


def nested(levels: int) -> dict[str, Any]:
    extension: dict[str, Any] = {"url": "urn:x", "valueString": "x"}
    for _ in range(levels - 1):
        extension = {"url": "urn:x", "extension": [extension]}
    return with_patient(extension=[extension])


def test_sixty_four_levels_and_no_deeper():
    assert check(nested(DEEPEST)) == []
    (issue,) = check(nested(DEEPEST + 1))
    assert issue.key == "FD-TOO-DEEP"
    assert issue.expression.count("extension") == DEEPEST + 1
    assert found(nested(400))[0].startswith("FD-TOO-DEEP ")


def test_a_thousand_issues_are_enough():
    issues = check(with_patient(**{f"x{n}": n for n in range(MOST_ISSUES + 500)}))
    assert len(issues) == MOST_ISSUES + 1
    assert issues[-1].key == "FD-TOO-MANY"


# Laws

JSON_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    JSON_LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(
    ["id", "extension", "url", "valueString", "name", "given", "_given", "contained", "text", "div", "subject", "entry",
     "reference", "type", "coding", "code", "system", "resource", "value", "_value", "item", "clinicalStatus"]
)  # fmt: skip
LIKE_FHIR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["Patient", "Patient/1", "#a", "2025"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@settings(deadline=None)
@given(JSON | LIKE_FHIR)
def test_no_json_value_is_too_odd(value: object):
    assert check(value)[0].key in {"FD-NOT-RESOURCE", "FD-UNKNOWN-RESOURCE-TYPE"} or isinstance(value, dict)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["Patient", "Encounter", "Observation", "Bundle", "Parameters", "Condition", "Questionnaire"]),
    st.dictionaries(NAMES, LIKE_FHIR | JSON, max_size=6),
)
def test_no_content_is_too_odd_for_a_resource(kind: str, members: dict[str, Any]):
    for issue in check({**members, "resourceType": kind}):
        assert issue.expression.startswith(kind)
        assert issue.zh
        assert issue.en


def objects(value: object, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every JSON object in a resource, with its FHIRPath."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        yield value, place
        for name, item in value.items():
            step = (
                "value" if name == "valueQuantity" else "effective" if name == "effectivePeriod" else name.lstrip("_")
            )
            yield from objects(item, f"{place}.{step}")


@settings(deadline=None)
@given(st.data())
def test_an_unknown_element_is_found_at_any_depth(data: st.DataObject):
    resource = loads(dumps(data.draw(st.sampled_from(VALID))))
    target, place = data.draw(st.sampled_from(list(objects(resource, resource["resourceType"]))))
    target["zzz"] = data.draw(JSON)
    assert found(resource) == [f"FD-UNKNOWN-ELEMENT {place}.zzz"]


@settings(deadline=None)
@given(st.data())
def test_what_an_issue_says_never_holds_a_value(data: st.DataObject):
    """A marked value in the place of any value: whatever is said of it, it is not repeated."""
    resource = loads(dumps(data.draw(st.sampled_from(VALID))))
    target, _ = data.draw(st.sampled_from([(one, at) for one, at in objects(resource, "")]))
    name = data.draw(st.sampled_from([key for key in target if key != "resourceType"] or ["id"]))
    target[name] = data.draw(st.sampled_from(["机密 SECRET", ["机密 SECRET"], {"text": "机密 SECRET\x07"}]))
    for issue in check(resource):
        assert "SECRET" not in f"{issue.expression} {issue.zh} {issue.en}"


# A second opinion

REFUSED_BY_BOTH = [
    with_patient(familyName="x"),
    with_patient(name={"text": "x"}),
    with_patient(name="x"),
    with_patient(birthDate="1949-02-30"),
    with_patient(birthDate="31.12.1949"),
    with_patient(active="perhaps"),
    with_patient(id="a_b"),
    with_patient(name=[{"text": ""}]),
    with_patient(deceasedBoolean=True, deceasedDateTime="2025"),
    with_patient(multipleBirthInteger="two"),
    with_patient(communication=[{"preferred": True}]),
    with_patient(contact=[{"name": {"famly": "x"}}]),
    {"resourceType": "Observation", "code": {"text": "x"}},
    {"resourceType": "Observation", "status": "final"},
    {**OBSERVATION, "valueString": "x", "valueInteger": 1},
    {**OBSERVATION, "valueQuantity": {"value": "much"}},
    {**OBSERVATION, "effectiveDateTime": "2025-01-01T25:00:00Z"},
    {**ENCOUNTER, "class": "IMP"},
    {**ENCOUNTER, "period": {"begin": "2025"}},
]


@pytest.mark.parametrize("resource", REFUSED_BY_BOTH, ids=str)
def test_what_fhir_resources_refuses_is_refused(resource: dict[str, Any]):
    with pytest.raises(ValidationError):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert check(resource)


@pytest.mark.parametrize("resource", VALID[1:], ids=lambda one: one["resourceType"])
def test_what_we_accept_fhir_resources_accepts(resource: dict[str, Any]):
    get_fhir_model_class(resource["resourceType"]).model_validate(loads(dumps(resource)))

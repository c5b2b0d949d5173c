"""What holds whatever is sent."""

import copy
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles import json, package, validation
from profiles.validation import Issue
from tests.profiles.validating import element, found, observation, patient, profile

FOLDER = Path(package.__file__).parent / "examples"
EXAMPLES = [json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]

leaves = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["coding", "system", "code", "url", "extension", "a"]) | st.text(), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found_ = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found_ + [place for name, one in inner for place in places(one, (*path, name))]


def changed(resource: Any, path: tuple[Any, ...], value: Any) -> Any:
    resource = copy.deepcopy(resource)
    holder = resource
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return resource


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_in_any_place_of_a_resource_is_answered_with_issues(data):
    resource = data.draw(st.sampled_from(EXAMPLES))
    path = data.draw(st.sampled_from(places(resource)))
    issues = validation.shipped().check(changed(resource, path, data.draw(anything)))
    assert all(isinstance(one, Issue) and one.zh and one.en and one.expression for one in issues)
    assert len(issues) == len(set(issues))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_is_no_value_of_its_type_has_an_issue(data):
    """An object without members is the value of no element."""
    resource = data.draw(st.sampled_from(EXAMPLES))
    path = data.draw(st.sampled_from(places(resource)))
    issues = validation.shipped().check(changed(resource, path, {}))
    assert [one for one in issues if one.severity == "error"]


@settings(max_examples=100, deadline=None)
@given(anything, st.lists(st.text(max_size=30), max_size=3))
def test_nothing_raises_on_any_json_and_any_profile(value, profiles):
    validation.shipped().check(value, profiles)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_definition_of_a_stranger_raises(data):
    """What makes no sense in a StructureDefinition is left out, or the whole is."""
    one = profile("Patient", element("Patient.name", min=1), element("Patient.active"))
    path = data.draw(st.sampled_from([place for place in places(one) if place not in {("url",), ("resourceType",)}]))
    found(patient(active=True), changed(one, path, data.draw(anything)))


def test_the_same_resource_has_the_same_issues():
    for resource in EXAMPLES:
        assert validation.shipped().check(resource) == validation.shipped().check(copy.deepcopy(resource))


def test_checking_changes_nothing():
    before = copy.deepcopy(EXAMPLES)
    for resource in EXAMPLES:
        validation.shipped().check(resource)
    assert before == EXAMPLES


def test_there_are_at_most_a_thousand_issues():
    many = patient(identifier=[{"system": "urn:oid:2.16.156.10011.1.3", "value": "1"}] * 5000)
    issues = validation.shipped().check(many)
    assert len(issues) == 1001
    assert issues[-1].key == "FD-TOO-MANY"


def nested(depth: int) -> Any:
    item: Any = {"linkId": "x", "type": "group", "text": "x"}
    for number in range(depth):
        item = {"linkId": str(number), "type": "group", "item": [item]}
    return {"resourceType": "Questionnaire", "status": "draft", "item": [item]}


def test_hostile_resources_do_not_take_long():
    url = "http://example.org/x"
    extension: Any = {"url": url, "valueString": "x"}
    for _ in range(200):
        extension = {"url": url, "extension": [extension]}
    hostile = [
        nested(200),
        patient(extension=[extension]),
        observation(component=[{"code": {"coding": [{"system": url, "code": "x"}] * 50}} for _ in range(200)]),
        observation(
            valueQuantity={"value": Decimal("1E+399"), "code": "m" * 1000, "system": "http://unitsofmeasure.org"}
        ),
        patient(contained=[patient(id=str(number), active=True) for number in range(2000)]),
        {"resourceType": "CodeSystem", "status": "draft", "content": "complete", "concept": [{"code": "a"}] * 20_000},
    ]
    for resource in hostile:
        start = time.process_time()
        validation.shipped().check(resource)
        assert time.process_time() - start < 10

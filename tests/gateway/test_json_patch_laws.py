"""Laws of JSON Patch: any patch of anything gives a resource or an error of ours."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import FhirError
from gateway.rest import patching
from gateway.rest.patching import json_patch

pytestmark = pytest.mark.feature("Interactions", "JSON Patch")

NAMES = st.sampled_from(["a", "b", "id", "resourceType", "name", "", "0", "1", "-", "~", "/", "given"])


def objects(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.dictionaries(NAMES, inner, max_size=4)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals(allow_nan=False, places=2)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | objects(inner), max_leaves=8)
POINTERS = st.lists(NAMES | st.text(max_size=3), max_size=4).map(
    lambda tokens: "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
)


OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": POINTERS},
        optional={"value": VALUES, "from": POINTERS},
    ),
    max_size=5,
)


def outcome(resource: dict, operations: object) -> dict | FhirError:
    try:
        return patching.apply_operations(resource, operations)
    except FhirError as error:
        return error


RESOURCES = objects(VALUES).map(lambda members: {"resourceType": "Patient", "id": "p", **members})


@settings(max_examples=300, deadline=None)
@given(RESOURCES, OPERATIONS | VALUES)
def test_any_patch_of_anything_gives_a_resource_or_an_error_of_ours(resource, operations):
    untouched = copy.deepcopy(resource)
    after = outcome(resource, operations)
    if isinstance(after, FhirError):
        assert after.issues[0].zh
        assert after.status in {400, 413, 422}
    else:
        assert json_patch.same([after["resourceType"], after["id"]], [resource["resourceType"], resource["id"]])
    assert resource == untouched


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_what_was_replaced_tests_true(before, after):
    operations = [{"op": "replace", "path": "/a", "value": after}, {"op": "test", "path": "/a", "value": after}]
    assert json_patch.apply({"a": before}, operations) == {"a": after}


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=6), st.data())
def test_a_move_there_and_back_changes_nothing(values, data):
    here, there = (data.draw(st.integers(0, len(values) - 1)) for _ in range(2))
    moves = [(f"/{here}", f"/{there}"), (f"/{there}", f"/{here}")]
    assert json_patch.apply(values, [{"op": "move", "from": one, "path": two} for one, two in moves]) == values


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_deep_nesting_is_an_error_and_no_crash():
    deep = {"resourceType": "Patient", "a": nested(900)}
    operations = [
        {"op": "add", "path": "/a", "value": nested(900)},
        {"op": "test", "path": "/a", "value": nested(5000)},
    ]
    with pytest.raises(FhirError):
        patching.apply_operations(deep, operations)

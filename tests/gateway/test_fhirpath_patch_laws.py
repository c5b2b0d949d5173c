"""Any FHIRPath Patch of anything gives a resource or an error of ours."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import FhirError
from gateway.rest import patching
from profiles import validator
from tests.gateway.fhirpath_patches import (
    PATIENT,
    VALUES,
    delete,
    move,
    parameters,
    patched,
)

pytestmark = pytest.mark.feature("Interactions", "FHIRPath Patch")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from([Decimal("1.50"), Decimal("1E+999999999")]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["use", "value", "given", "_given", "text", "extension", "url", "valueString", "id", "resourceType"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["name", "_name", "identifier", "birthDate", "_birthDate", "deceasedBoolean", "deceasedDateTime", "extension",
     "contained", "contact", "communication", "meta", "other"]
)  # fmt: skip
RESOURCES = st.just(PATIENT) | st.dictionaries(MEMBERS, ANYTHING, max_size=5).map(
    lambda members: {"resourceType": "Patient", "id": "p", **members}
)
STEPS = st.sampled_from(
    ["name", "identifier", "given", "birthDate", "deceased", "extension", "value", "contained", "contact", "id", "text",
     "[0]", "[1]", "where(use = 'official')", "where(value > 1)", "where($this = 1)", "where(extension.exists())",
     "where(given.first() = 'x')", "where(value.value = 1.50)", "first()", "last()", "ofType(string)", "extension('x')"]
)  # fmt: skip
PATHS = st.lists(STEPS, max_size=4).map(lambda steps: ".".join(["Patient", *steps]).replace(".[", "[")) | st.text(
    max_size=8
)
PART_VALUES = st.sampled_from([{name: value} for name, value in VALUES.items()]) | st.dictionaries(
    st.sampled_from(["valueString", "_valueString", "valueHumanName", "valueBoolean", "part", "resource"]),
    ANYTHING,
    max_size=2,
)
OPERATIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["add", "insert", "delete", "replace", "move"]), "path": PATHS},
    optional={
        "name": STEPS | st.text(max_size=4),
        "value": PART_VALUES,
        "index": st.integers(-2, 4),
        "source": st.integers(-2, 4),
        "destination": st.integers(-2, 4),
    },
)


def outcome(resource: dict[str, Any], anything: Any) -> dict[str, Any] | FhirError:
    untouched = copy.deepcopy(resource)
    try:
        return patching.apply_parameters(resource, anything)
    except FhirError as error:
        return error
    finally:
        assert resource == untouched


@settings(max_examples=500, deadline=None)
@given(RESOURCES, st.lists(OPERATIONS, max_size=4))
def test_any_patch_of_anything_gives_a_resource_or_an_error_of_ours(resource, operations):
    after = outcome(resource, parameters(*operations))
    if isinstance(after, FhirError):
        assert after.issues[0].zh
        assert after.status in {400, 413, 422}
    else:
        assert (after["resourceType"], after["id"]) == (resource["resourceType"], resource["id"])


@settings(max_examples=200, deadline=None)
@given(RESOURCES, ANYTHING | st.builds(lambda any_: {"resourceType": "Parameters", "parameter": any_}, ANYTHING))
def test_anything_as_a_patch_gives_a_resource_or_an_error_of_ours(resource, anything):
    after = outcome(resource, anything)
    assert not isinstance(after, FhirError) or after.status in {400, 413, 422}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("甲乙丙", min_size=1, max_size=3), min_size=1, max_size=6), st.data())
def test_a_valid_resource_stays_valid(names, data):
    before = {"resourceType": "Patient", "name": [{"given": names}]}
    source, destination = (data.draw(st.integers(0, len(names) - 1)) for _ in range(2))
    after = patched(move("Patient.name.given", source, destination), resource=before)
    assert sorted(after["name"][0]["given"]) == sorted(names)
    assert after["name"][0]["given"][destination] == names[source]
    assert not [one for one in validator.check(after) if one.severity == "error"]
    for _ in names:
        after = patched(delete("Patient.name.given[0]"), resource=after)
    assert after == {"resourceType": "Patient"}

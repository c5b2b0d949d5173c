"""The form of a FHIRPath Patch, and hostile ones."""

from typing import Any

import pytest

from gateway.errors import BadRequest, FhirError, TooLarge, Unprocessable
from gateway.rest import patching
from tests.gateway.fhirpath_patches import PATIENT, add, delete, parameters, refused

pytestmark = pytest.mark.feature("Interactions", "FHIRPath Patch")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": {}},
        {"resourceType": "Parameters", "parameter": [1]},
        {"resourceType": "Parameters", "parameter": [{"name": "op"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [{"valueString": "x"}]}]},
        parameters({"path": "Patient"}),
        parameters({"type": "remove", "path": "Patient"}),
        parameters({"type": "delete"}),
        parameters({"type": 1, "path": "Patient"}),
        parameters({"type": "delete", "path": 1}),
        parameters({"type": "delete", "path": {"valueString": "a", "valueCode": "b"}}),
        parameters({"type": "add", "path": "Patient", "value": {"valueBoolean": True}}),
        parameters({"type": "add", "path": "Patient", "name": "active"}),
        parameters({"type": "replace", "path": "Patient.active"}),
        parameters({"type": "insert", "path": "Patient.name", "value": {"valueHumanName": {"text": "a"}}}),
        parameters(
            {"type": "insert", "path": "Patient.name", "index": "0", "value": {"valueHumanName": {"text": "a"}}}
        ),
        parameters({"type": "move", "path": "Patient.name", "source": 0}),
        parameters({"type": "move", "path": "Patient.name", "source": True, "destination": 1}),
        parameters(add("Patient", "active")),
        parameters(add("Patient", "active", valueBoolean=None)),
        parameters(add("Patient", "active", valueBoolean=True, valueString="x")),
        parameters(add("Patient", "active", valueBoolean=True, part=[])),
        parameters(add("Patient", "active", valueNothing=True)),
        parameters(add("Patient", "contact", part={})),
        parameters(add("Patient", "contact", part=[{"valueString": "x"}])),
    ],
)
def test_what_is_no_fhirpath_patch_is_a_bad_request(wrong):
    with pytest.raises(BadRequest):
        patching.apply_parameters(PATIENT, wrong)


def test_a_part_that_is_there_twice_is_a_bad_request():
    twice = parameters(delete("Patient.name[0]"))
    twice["parameter"][0]["part"].append({"name": "path", "valueString": "Patient.name[1]"})
    with pytest.raises(BadRequest, match="twice"):
        patching.apply_parameters(PATIENT, twice)


def test_an_error_names_the_operation_and_its_path_and_quotes_nobody():
    path = "Patient.identifier.where(value = '990101194901010011').period"
    issue = refused(delete("Patient.birthDate"), add(path, "end", valueDateTime="2020")).issues[0]
    assert issue.expression == "Patient.identifier.where(value = '…').period"
    assert issue.en.startswith("Operation 2 add Patient.identifier.where(value = '…').period:")
    assert issue.zh.startswith("第 2 个操作 add Patient.identifier.where(value = '…').period:")
    unfinished = refused(delete("Patient.identifier.where(value = '990101194901010011")).issues[0]
    assert "9901" not in f"{unfinished}"


def test_a_resource_of_no_known_type_is_unprocessable():
    for resource in ({}, {"resourceType": "Nothing"}, {"resourceType": []}, {"resourceType": "Resource"}):
        assert isinstance(refused(delete("Patient.name"), resource=resource), Unprocessable)


def test_a_patch_of_very_many_operations_is_too_large():
    assert isinstance(refused(*[delete("Patient.address")] * 251), TooLarge)


def test_a_patch_that_looks_at_too_much_is_too_large():
    crowd = {"resourceType": "Patient", "name": [{"text": "x"}] * 5000}
    assert isinstance(refused(*[delete("Patient.name.text.where($this = 'y')")] * 50, resource=crowd), TooLarge)


@pytest.mark.parametrize(
    "path",
    [
        "(" * 900 + "a" + ")" * 900,
        "name" + ".where(exists()" * 130,
        "a." * 999 + "a",
        "-" * 1900 + "1",
        "a" + "[0]" * 600,
    ],
)
def test_deep_paths_are_an_error_and_no_crash(path):
    assert refused(delete(path)).status in {400, 422}


def test_deep_values_are_an_error_and_no_crash():
    part: dict[str, Any] = {"valueString": "x"}
    for _ in range(3000):
        part = {"part": [{"name": "extension", **part}]}
    with pytest.raises(FhirError):
        patching.apply_parameters(PATIENT, parameters(add("Patient", "extension", **part)))

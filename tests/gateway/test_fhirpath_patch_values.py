"""What a FHIRPath Patch may carry: every type, values of parts in parts, resources."""

from decimal import Decimal

import pytest

from profiles import json, validator
from tests.gateway.fhirpath_patches import PATIENT, VALUES, add, insert, key, patched, refused, replace

pytestmark = pytest.mark.feature("Interactions", "FHIRPath Patch")


def test_add_of_a_value_that_is_only_extensions():
    bare = {"resourceType": "Patient"}
    side = {"extension": [{"url": "urn:absent", "valueCode": "masked"}]}
    assert patched(add("Patient", "birthDate", _valueDate=side), resource=bare) == {**bare, "_birthDate": side}


def test_values_are_built_of_parts_in_parts():
    reference = {"name": "reference", "valueString": "Patient/2"}
    contact = [
        {"name": "relationship", "valueCodeableConcept": {"text": "a"}},
        {"name": "relationship", "part": [{"name": "text", "valueString": "b"}]},
        {"name": "name", "part": [{"name": "given", "valueString": "甲"}, {"name": "given", "valueString": "乙"}]},
        {"name": "organization", "part": [reference]},
    ]
    assert patched(add("Patient", "contact", part=contact))["contact"] == [
        {
            "relationship": [{"text": "a"}, {"text": "b"}],
            "name": {"given": ["甲", "乙"]},
            "organization": {"reference": "Patient/2"},
        }
    ]


def test_backbone_elements_stand_in_backbone_elements():
    bare = {"resourceType": "Questionnaire", "id": "q", "status": "draft"}
    leaf = [{"name": "linkId", "valueString": "1.1"}, {"name": "type", "valueCode": "string"}]
    option = [{"name": "value", "valueCoding": {"code": "x"}}]
    item = [{"name": "linkId", "valueString": "1"}, {"name": "answerOption", "part": option}]
    after = patched(add("Questionnaire", "item", part=[*item, {"name": "item", "part": leaf}]), resource=bare)
    assert after["item"] == [
        {"linkId": "1", "answerOption": [{"valueCoding": {"code": "x"}}], "item": [{"linkId": "1.1", "type": "string"}]}
    ]
    deeper = patched(add("Questionnaire.item.item", "prefix", valueString="a)"), resource=after)
    assert deeper["item"][0]["item"][0]["prefix"] == "a)"


def test_a_contained_resource_is_added_and_reached():
    device = {"resourceType": "Device", "id": "d"}
    after = patched(
        add("Patient", "contained", resource=device), add("Patient.contained[1]", "lotNumber", valueString="7")
    )
    assert after["contained"][1] == {**device, "lotNumber": "7"}
    assert (
        patched(replace("Patient.contained.where(id = 'org').name", valueString="新"))["contained"][0]["name"] == "新"
    )


@pytest.mark.parametrize("name", VALUES)
def test_every_type_of_value_is_carried(name):
    bare = {"resourceType": "Basic", "id": "b", "extension": [{"url": "urn:x"}]}
    after = patched(add("Basic.extension", "value", **{name: VALUES[name]}), resource=bare)
    assert after["extension"] == [{"url": "urn:x", name: VALUES[name]}]
    assert json.dumps(after["extension"][0][name]) == json.dumps(VALUES[name])
    other = "valueString" if name != "valueString" else "valueBoolean"
    changed = patched(replace("Basic.extension.value", **{other: VALUES[other]}), resource=after)
    assert changed["extension"] == [{"url": "urn:x", other: VALUES[other]}]


@pytest.mark.parametrize(
    "operation",
    [
        add("Patient", "active", valueString="true"),
        add("Patient", "maritalStatus", valueCoding={"code": "M"}),
        add("Patient", "maritalStatus", valueString="M"),
        add("Patient", "active", part=[{"name": "a", "valueString": "b"}]),
        add("Patient", "contained", valueString="x"),
        add("Patient", "photo", resource={"resourceType": "Device"}),
        add("Patient", "multipleBirth", valueString="2"),
        replace("Patient.birthDate", valueString="1950-01-01"),
        insert("Patient.name", 0, valueString="甲"),
        add("Patient.extension[0]", "extension", part=[{"name": "value", "part": [{"name": "x", "valueString": "y"}]}]),
    ],
)
def test_a_value_of_a_wrong_type_is_an_error(operation):
    assert key(refused(operation)) == "FD-PATCH-TYPE"


@pytest.mark.parametrize(
    "operation",
    [
        replace("Patient.birthDate", valueDate="tomorrow"),
        replace("Patient.birthDate", valueDate=1949),
        replace("Patient.birthDate", valueDate={"a": 1}),
        replace("Patient.deceased", valueBoolean="true"),
        add("Patient", "multipleBirth", valueInteger=True),
        add("Patient", "multipleBirth", valueInteger=Decimal("1.5")),
        add("Patient", "maritalStatus", valueCodeableConcept="M"),
        add("Patient", "maritalStatus", valueCodeableConcept={}),
        add("Patient", "maritalStatus", part=[]),
        add("Patient", "gender", _valueCode=[]),
    ],
)
def test_a_value_that_its_type_does_not_allow_is_an_error(operation):
    assert key(refused(operation)) == "FD-PATCH-VALUE-FORM"


def test_kin_of_a_type_stand_in_for_it():
    """No value[x] is xhtml; and a code is often sent as a string. The validator reads what comes of it."""
    after = patched(
        add("Patient", "gender", valueString="other"),
        add("Patient.identifier[0].period", "end", valueDate="2021"),
    )
    assert after["gender"] == "other"
    assert after["identifier"][0]["period"] == {"start": "2020-01-01", "end": "2021"}
    assert validator.check(after) == validator.check({**PATIENT, "gender": "other"})

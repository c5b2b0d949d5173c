"""FHIRPath Patch: HL7's published cases, each rule of the specification, and hostile patches."""

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import BadRequest, FhirError, NotSupported, TooLarge, Unprocessable
from gateway.rest import patching
from profiles import json, validator

pytestmark = pytest.mark.feature("Interactions", "FHIRPath Patch")

# https://github.com/FHIR/fhir-test-cases/blob/master/r4/patch/fhir-path-tests.xml, in JSON. Its last case expects
# what its own "Operation on missing element" forbids, and was taken out for R5: here it is an error too.
CASES = json.loads((Path(__file__).parent / "fhirpath_patch_cases.json").read_bytes())

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


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_published_cases(case):
    if "error" in case:
        error = refused(*case["operations"], resource=case["input"])
        assert (error.status, key(error)) == (422, case["error"])
    else:
        assert patched(*case["operations"], resource=case["input"]) == case["output"]


def test_it_arrives_as_fhir_json():
    body = json.dumps(parameters(delete("Patient.birthDate")))
    assert "birthDate" not in patching.apply(PATIENT, body, "application/fhir+json; charset=UTF-8")
    assert "birthDate" not in patching.apply(PATIENT, body, "application/json")
    assert "birthDate" not in patching.apply_entry(PATIENT, parameters(delete("Patient.birthDate")))


# add


def test_add_makes_a_repeating_element_a_list_and_a_single_one_none():
    bare = {"resourceType": "Patient"}
    assert patched(add("Patient", "telecom", valueContactPoint={"value": "0"}), resource=bare) == {
        **bare,
        "telecom": [{"value": "0"}],
    }
    assert patched(add("Patient", "active", valueBoolean=False), resource=bare) == {**bare, "active": False}


def test_add_appends():
    after = patched(add("Patient.name[0]", "given", valueString="丁"))
    assert after["name"][0] == {"given": ["甲", "乙", "丙", "丁"], "_given": [None, {"id": "second"}, None, None]}


@pytest.mark.parametrize(
    "operation",
    [
        add("Patient", "birthDate", valueDate="1950-01-01"),
        add("Patient", "deceased", valueBoolean=True),
        add("Patient", "deceased", valueDateTime="2020"),
        add("Patient", "deceasedDateTime", valueDateTime="2020"),
        add("Patient.communication[0]", "preferred", valueBoolean=True),
    ],
)
def test_add_of_a_single_element_that_is_there_is_an_error(operation):
    assert key(refused(operation)) == "FD-PATCH-EXISTS"


@pytest.mark.parametrize("name", ["multipleBirth", "multipleBirthInteger"])
def test_add_of_a_choice_takes_the_name_of_its_type(name):
    assert patched(add("Patient", name, valueInteger=2))["multipleBirthInteger"] == 2


def test_add_to_a_primitive_is_an_extension_beside_it():
    value = {"part": [{"name": "url", "valueUri": "urn:x"}, {"name": "value", "valueDecimal": Decimal("1.50")}]}
    after = patched(add("Patient.deceased", "extension", **value))
    assert json.dumps(after["_deceasedBoolean"]) == b'{"extension":[{"url":"urn:x","valueDecimal":1.50}]}'
    assert after["deceasedBoolean"] is False
    assert patched(add("Patient.name[0].given[2]", "id", valueString="third"))["name"][0]["_given"] == [
        None,
        {"id": "second"},
        {"id": "third"},
    ]


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


# insert, move


def test_insert_into_a_list_that_is_not_there_yet():
    assert patched(insert("Patient.address", 0, valueAddress={"city": "A"}))["address"] == [{"city": "A"}]
    assert patched(insert("address", 0, valueAddress={"city": "A"}))["address"] == [{"city": "A"}]


def test_insert_and_move_keep_a_primitive_with_its_extensions():
    after = patched(insert("Patient.name[0].given", 1, valueString="丁", _valueString={"id": "new"}))
    assert after["name"][0] == {
        "given": ["甲", "丁", "乙", "丙"],
        "_given": [None, {"id": "new"}, {"id": "second"}, None],
    }
    after = patched(move("Patient.name[0].given", 1, 2))
    assert after["name"][0] == {"given": ["甲", "丙", "乙"], "_given": [None, None, {"id": "second"}]}


@pytest.mark.parametrize(
    "operation",
    [
        insert("Patient.identifier", 3, valueIdentifier={"value": "3"}),
        insert("Patient.identifier", -1, valueIdentifier={"value": "3"}),
        insert("Patient.identifier", 10**30, valueIdentifier={"value": "3"}),
        insert("Patient.address", 1, valueAddress={"city": "A"}),
        move("Patient.identifier", 2, 0),
        move("Patient.identifier", 0, 2),
        move("Patient.identifier", -1, 0),
        move("Patient.identifier", 0, -1),
        move("Patient.address", 0, 0),
    ],
)
def test_an_index_outside_the_list_is_an_error(operation):
    assert key(refused(operation)) == "FD-PATCH-INDEX"


@pytest.mark.parametrize(
    "path",
    ["Patient.birthDate", "Patient", "Patient.identifier[0]", "Patient.identifier.where(use = 'x')", "birthDate"],
)
def test_only_lists_take_insertions(path):
    assert key(refused(insert(path, 0, valueIdentifier={"value": "3"}))) == "FD-PATCH-LIST"


def test_a_list_in_one_of_several_elements_must_be_told_apart():
    assert key(refused(insert("Patient.name.given", 0, valueString="丁"))) == "FD-PATCH-PATH"
    assert key(refused(move("Patient.contact.telecom", 0, 0))) == "FD-PATCH-PATH"


# delete, replace


def test_delete_of_what_is_not_there_does_nothing():
    for path in ("Patient.address", "Patient.identifier[9]", "Patient.name.where(use = 'old')", "Patient.contact.name"):
        assert patched(delete(path)) == PATIENT


def test_delete_of_more_than_one_is_an_error():
    for path in ("Patient.identifier", "Patient.name.given", "Patient.identifier.where(system = 'urn:example')"):
        assert key(refused(delete(path))) == "FD-PATCH-PATH"


def test_delete_takes_the_extensions_of_a_primitive_with_it():
    assert "_birthDate" not in patched(delete("Patient.birthDate"))
    assert patched(delete("Patient.name[0].given[1]"))["name"][0] == {"given": ["甲", "丙"]}


def test_delete_leaves_nothing_empty():
    after = patched(delete("Patient.birthDate.extension"))
    assert "_birthDate" not in after
    assert after["birthDate"] == "1949-01-01"
    assert patched(delete("Patient.name[1].text"))["name"] == PATIENT["name"][:1]
    assert patched(delete("Patient.name[0].given[1].id"))["name"][0] == {"given": ["甲", "乙", "丙"]}
    only_extension = {"resourceType": "Patient", "_birthDate": {"id": "x"}}
    assert patched(delete("Patient.birthDate.id"), resource=only_extension) == {"resourceType": "Patient"}


@pytest.mark.parametrize(
    "path", ["Patient.address", "Patient.identifier[9]", "Patient.identifier", "Patient.multipleBirth"]
)
def test_replace_is_of_exactly_one(path):
    assert key(refused(replace(path, valueBoolean=True))) == "FD-PATCH-PATH"


def test_replace_of_a_choice_may_change_its_type():
    after = patched(replace("Patient.deceased", valueDateTime="2020"))
    assert after["deceasedDateTime"] == "2020"
    assert "deceasedBoolean" not in after


def test_replace_replaces_extensions_too():
    after = patched(replace("Patient.birthDate", valueDate="1950-01-01"))
    assert after["birthDate"] == "1950-01-01"
    assert "_birthDate" not in after


@pytest.mark.parametrize("operation", [delete("Patient"), replace("Patient", valueString="x")])
def test_the_resource_itself_is_neither_deleted_nor_replaced(operation):
    assert key(refused(operation)) == "FD-PATCH-ROOT"


@pytest.mark.parametrize("operation", [delete("Patient.id"), replace("Patient.id", valueId="other")])
def test_the_id_stays(operation):
    assert key(refused(operation)) == "FD-PATCH-IDENTITY"


# Paths

SELECTED = {
    "Patient.identifier.where(use = 'official')": 0,
    "identifier.where(use = 'official')": 0,
    "Resource.identifier.where(use != 'official')": 1,
    "Patient.identifier.first()": 0,
    "Patient.identifier.last()": 1,
    "Patient.identifier.tail()": 1,
    "Patient.identifier.skip(1)": 1,
    "Patient.identifier.take(1)": 0,
    "Patient.identifier.where(period.exists())": 0,
    "Patient.identifier.where(period.empty())": 1,
    "Patient.identifier.where(period.start < @2021-01-01)": 0,
    "Patient.identifier.where(system = 'urn:example' and value = '2')": 1,
    "Patient.identifier.where(value = '9' or value.startsWith('2'))": 1,
    "Patient.identifier.where(use.lower() & value = 'usual2')": 1,
    "Patient.identifier.where(value in ('2' | '3'))": 1,
    "Patient.identifier.where(period.where(start = '2020-01-01').exists())": 0,
    "Patient.identifier.where($this.use = 'usual')": 1,
    "Patient.`identifier`[ 1 ]": 1,
    "(Patient.identifier)[1].single()": 1,
    "Patient.identifier /* all */ . where(use = 'usual')": 1,
}


@pytest.mark.parametrize("path", SELECTED)
def test_a_path_selects(path):
    kept = PATIENT["identifier"][1 - SELECTED[path]]
    assert patched(delete(path))["identifier"] == [kept]


def test_false_is_not_true():
    assert patched(delete("Patient.communication.where(preferred)"))["communication"] == PATIENT["communication"][:1]
    assert (
        patched(delete("Patient.communication.where(preferred = false)"))["communication"]
        == PATIENT["communication"][1:]
    )
    assert (
        patched(delete("Patient.communication.where(preferred.not())"))["communication"] == PATIENT["communication"][1:]
    )


def test_a_path_selects_primitives_choices_and_extensions():
    assert patched(delete("Patient.name.given.where($this = '乙')"))["name"][0] == {"given": ["甲", "丙"]}
    assert "deceasedBoolean" not in patched(delete("Patient.deceased.ofType(boolean)"))
    assert "deceasedBoolean" not in patched(delete("Patient.deceased as boolean"))
    assert patched(delete("Patient.deceased.ofType(dateTime)")) == PATIENT
    after = patched(replace("Patient.extension('urn:example:b').value.as(Quantity).unit", valueString="g"))
    assert json.dumps(after["extension"][1]["valueQuantity"]) == b'{"value":1.50,"unit":"g"}'
    after = patched(replace("(Patient.extension[1].value as FHIR.Quantity).value", valueDecimal=Decimal("2.0")))
    assert json.dumps(after["extension"][1]["valueQuantity"]) == b'{"value":2.0,"unit":"kg"}'
    assert patched(delete("Patient.extension.where(value = 'a')"))["extension"] == PATIENT["extension"][1:]
    assert patched(delete("Patient.extension.where(value.value = 1.5)"))["extension"] == PATIENT["extension"][:1]
    assert "_birthDate" not in patched(delete("Patient.birthDate.extension('urn:example:time')"))


@pytest.mark.parametrize(
    "path", ["Patient.nmae", "Patient.name.given.family", "Patient.name[0].deceased", "Observation.status"]
)
def test_a_name_that_the_type_does_not_have_is_an_error(path):
    assert refused(delete(path)).status == 422


@pytest.mark.parametrize(
    "path",
    ["", " ", "Patient.", ".name", "Patient.name[", "Patient.name]", "Patient.name name", "Patient..name", "Patient#",
     "Patient.name.where(use =)", "Patient.name.where(use = 'x'", "Patient.name.where(use = 'x) ", "'", "Patient.name;",
     "a" * 2001],
)  # fmt: skip
def test_what_is_no_fhirpath_is_a_bad_request(path):
    error = refused(delete(path))
    assert (error.status, key(error)) == (400, "FD-PATCH-PATH-FORM")


@pytest.mark.parametrize(
    "path",
    ["1", "'a'", "%resource.name", "Patient.name | Patient.identifier", "Patient.children()",
     "Patient.name.given & 'a'",
     "Patient.name[-1]", "Patient.name['a']", "Patient.name[99999999999]", "Patient.name.where()",
     "Patient.name.first(1)",
     "Patient.generalPractitioner.resolve()", "Patient.identifier.where(value.matches('(a+)+b'))",
     "Patient.identifier.where($index = 0)", "Patient.identifier.where(period.start < now())",
     "Patient.identifier.where(%resource.active)", "Patient.communication.where($this.where(preferred))",
     "Patient.name.where(given.trace('x') = 'a')", "Patient.extension.where(value ~ 1)", "$this",
     "Patient.name is HumanName"],
)  # fmt: skip
def test_what_a_patch_does_not_need_of_fhirpath_is_said_to_be_unsupported(path, capsys):
    assert isinstance(refused(delete(path)), NotSupported)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("path", ["Patient.identifier.where(use | value)", "Patient.identifier.where(value > 1)"])
def test_a_condition_that_has_no_answer_is_an_error(path):
    assert key(refused(delete(path))) == "FD-PATCH-CONDITION"


# The form of the patch


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


# Hostile patches


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

"""The paths of a FHIRPath Patch: what they select, and what is refused."""

from decimal import Decimal

import pytest

from gateway.errors import NotSupported
from profiles import json
from tests.gateway.fhirpath_patches import PATIENT, delete, key, patched, refused, replace

pytestmark = pytest.mark.feature("Interactions", "FHIRPath Patch")


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

from decimal import Decimal

import pytest

from tests.profiles.validating import element, found, keys, observation, patient, profile

PERSON = profile(
    "Patient",
    element("Patient.name", min=1, max="2"),
    element("Patient.birthDate", min=1),
    element("Patient.photo", max="0"),
    element("Patient.deceased[x]", type=[{"code": "boolean"}]),
)
NAMED = {"name": [{"text": "甲"}], "birthDate": "2000-01-01"}


def test_what_fits_a_profile_has_no_issue():
    assert found(patient(**NAMED), PERSON) == []


def test_a_required_element_that_is_missing_is_named_by_its_own_path():
    assert keys(found(patient(name=[{"text": "甲"}]), PERSON)) == [("FD-REQUIRED", "Patient.birthDate")]


def test_a_primitive_that_only_says_why_it_is_absent_is_there():
    why = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert found(patient(name=[{"text": "甲"}], _birthDate={"extension": [why]}), PERSON) == []


def test_more_than_the_most_are_counted():
    issues = found(patient(**NAMED | {"name": [{"text": name} for name in "甲乙丙"]}), PERSON)
    assert keys(issues) == [("FD-REPEATED", "Patient.name")]
    assert "2" in issues[0].zh
    assert "3" in issues[0].en


def test_what_a_profile_leaves_out_is_not_allowed():
    issues = found(patient(**NAMED, photo=[{"title": "x"}]), PERSON)
    assert keys(issues) == [("FD-NOT-ALLOWED", "Patient.photo")]


def test_of_a_choice_only_the_types_of_the_profile_are_allowed():
    assert keys(found(patient(**NAMED, deceasedDateTime="2020"), PERSON)) == [("FD-TYPE", "Patient.deceased")]
    assert found(patient(**NAMED, deceasedBoolean=False), PERSON) == []


def test_too_few_are_counted():
    two = profile("Patient", element("Patient.name", min=2))
    assert keys(found(patient(name=[{"text": "甲"}]), two)) == [("FD-TOO-FEW", "Patient.name")]


def test_an_element_inside_a_data_type_is_required_where_the_data_type_is_there():
    ended = profile("Patient", element("Patient.identifier"), element("Patient.identifier.period.end", min=1))
    assert found(patient(), ended) == []
    issues = found(patient(identifier=[{"value": "1", "period": {"start": "2020"}}]), ended)
    assert keys(issues) == [("FD-REQUIRED", "Patient.identifier[0].period.end")]


@pytest.mark.parametrize(
    ("said", "good", "bad", "key"),
    [
        ({"fixedUri": "http://a"}, "http://a", "http://b", "FD-FIXED"),
        ({"patternUri": "http://a"}, "http://a", "http://b", "FD-PATTERN"),
        ({"maxLength": 8}, "http://a", "http://ab", "FD-LENGTH"),
    ],
)
def test_a_value_is_as_the_profile_says(said, good, bad, key):
    one = profile("Patient", element("Patient.identifier.system", **said))
    assert found(patient(identifier=[{"system": good}]), one) == []
    issues = found(patient(identifier=[{"system": bad}]), one)
    assert keys(issues) == [(key, "Patient.identifier[0].system")]
    assert bad not in issues[0].en


def test_a_pattern_is_a_part_and_a_fixed_value_the_whole():
    wanted = {"coding": [{"system": "http://example.org/a", "code": "a"}]}
    more = {"coding": [{"system": "http://example.org/b", "code": "b"}, wanted["coding"][0]], "text": "a"}
    by_pattern = profile("Observation", element("Observation.code", patternCodeableConcept=wanted))
    by_value = profile("Observation", element("Observation.code", fixedCodeableConcept=wanted))
    assert found(observation(code=more), by_pattern) == []
    assert keys(found(observation(code={"text": "a"}), by_pattern)) == [("FD-PATTERN", "Observation.code")]
    assert found(observation(code=wanted), by_value) == []
    assert keys(found(observation(code=more), by_value)) == [("FD-FIXED", "Observation.code")]


def test_decimals_are_compared_as_numbers():
    one = profile("Observation", element("Observation.valueQuantity", patternQuantity={"value": Decimal("1.50")}))
    path = element("Observation.value[x]", patternQuantity={"value": Decimal("1.50")}, type=[{"code": "Quantity"}])
    by_choice = profile("Observation", path)
    for each in (by_choice, one):
        assert found(observation(valueQuantity={"value": Decimal("1.5")}), each) == []
        assert keys(found(observation(valueQuantity={"value": Decimal("1.51")}), each))[0][0] == "FD-PATTERN"


def test_true_is_not_one():
    one = profile("Patient", element("Patient.multipleBirth[x]", type=[{"code": "integer"}], fixedInteger=1))
    assert found(patient(multipleBirthInteger=1), one) == []
    assert "FD-FIXED" in {issue.key for issue in found(patient(multipleBirthInteger=True), one)}


@pytest.mark.parametrize(
    ("said", "good", "bad"),
    [
        ({"minValueDate": "1900-01-01"}, "1900-01-01", "1899-12-31"),
        ({"maxValueDate": "2000"}, "2000-06-01", "2001-01-01"),
    ],
)
def test_a_date_is_within_its_range_unless_it_certainly_is_not(said, good, bad):
    one = profile("Patient", element("Patient.birthDate", **said))
    assert found(patient(birthDate=good), one) == []
    assert keys(found(patient(birthDate=bad), one)) == [("FD-RANGE", "Patient.birthDate")]


def test_quantities_are_compared_by_their_units():
    said = {"maxValueQuantity": {"value": Decimal(1), "system": "http://unitsofmeasure.org", "code": "g"}}
    one = profile("Observation", element("Observation.value[x]", type=[{"code": "Quantity"}], **said))
    unit = {"system": "http://unitsofmeasure.org", "code": "mg"}
    assert found(observation(valueQuantity={"value": 1000, **unit}), one) == []
    assert keys(found(observation(valueQuantity={"value": 1001, **unit}), one)) == [("FD-RANGE", "Observation.value")]


def test_a_data_type_meets_its_profile():
    """Observation.referenceRange.low is a SimpleQuantity, which has no comparator."""
    issues = found(observation(referenceRange=[{"low": {"value": 1, "comparator": "<"}}]), asked=())
    assert ("sqty-1", "Observation.referenceRange[0].low") in keys(issues)
    assert found(observation(referenceRange=[{"low": {"value": 1}}]), asked=()) == []


def test_what_r4_says_holds_for_content_that_refers_to_content():
    inner = {"linkId": "2", "type": "display", "required": True}
    item = {"linkId": "1", "type": "group", "item": [inner]}
    issues = found({"resourceType": "Questionnaire", "status": "draft", "name": "Asked", "item": [item]}, asked=())
    assert keys(issues) == [("que-6", "Questionnaire.item[0].item[0]")]


def test_a_fault_of_structure_does_not_hide_those_of_the_profile():
    issues = found(patient(name="甲", colour="red"), PERSON)
    assert {"FD-UNKNOWN-ELEMENT", "FD-ARRAY-EXPECTED", "FD-REQUIRED"} <= {one.key for one in issues}


def test_what_two_definitions_say_is_said_once():
    twice = profile("Observation", element("Observation.status", min=1))
    issues = found({"resourceType": "Observation", "code": {"text": "x"}}, twice)
    assert keys(issues) == [("FD-REQUIRED", "Observation.status")]

from pathlib import Path

import pytest

from profiles import canonical, json, package, validation
from profiles.json import Resource
from tests.profiles.validating import URL, element, found, keys, observation, patient, profile, validator

ACTIVE = profile("Patient", element("Patient.active", min=1))


def examples() -> list[Resource]:
    folder = Path(package.__file__).parent / "examples"
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]


def test_a_claimed_profile_is_checked():
    issues = found(patient(meta={"profile": [URL]}, gender="male"), ACTIVE, asked=())
    assert keys(issues) == [("FD-REQUIRED", "Patient.active")]


def test_a_profile_that_is_not_here_is_a_warning_where_it_is_claimed():
    (issue,) = found(patient(meta={"profile": ["http://example.org/gone"]}, active=True), asked=())
    assert (issue.key, issue.severity, issue.expression) == ("FD-PROFILE-UNKNOWN", "warning", "Patient.meta.profile[0]")
    assert "http://example.org/gone" in issue.en


def test_a_profile_of_another_version_is_not_here():
    versioned = ACTIVE | {"version": "2.0"}
    assert keys(found(patient(gender="male"), versioned, asked=[f"{URL}|2.0"])) == [("FD-REQUIRED", "Patient.active")]
    assert keys(found(patient(gender="male"), versioned, asked=[f"{URL}|1.0"])) == [("FD-PROFILE-UNKNOWN", "Patient")]


def test_a_profile_of_another_type_is_an_error():
    assert keys(found(observation(), ACTIVE)) == [("FD-PROFILE-TYPE", "Observation")]


def test_a_profile_that_makes_no_sense_is_a_warning():
    broken = profile("Patient", element("Patient.nothing.at.all", min=1))
    (issue,) = found(patient(active=True), broken)
    assert (issue.key, issue.severity) == ("FD-PROFILE-UNKNOWN", "warning")


def test_the_types_of_r4_may_be_claimed():
    hl7 = "http://hl7.org/fhir/StructureDefinition/Patient"
    assert found(patient(meta={"profile": [hl7]}, active=True), asked=()) == []


def test_what_is_contained_meets_what_it_claims():
    inner = patient(id="p", meta={"profile": [URL]}, gender="male")
    issues = found(observation(contained=[inner], subject={"reference": "#p"}), ACTIVE, asked=())
    assert keys(issues) == [("FD-REQUIRED", "Observation.contained[0].active")]


def test_contained_resources_have_ids_of_their_own():
    twins = [patient(id="p", active=True), patient(id="p", active=False)]
    issues = found(observation(contained=twins, subject={"reference": "#p"}), asked=())
    assert keys(issues) == [("FD-CONTAINED-DUPLICATE", "Observation.contained[1].id")]


def test_entries_and_parameters_are_resources_too():
    claimed = patient(id="1", meta={"profile": [URL]}, gender="male")
    entry = {"fullUrl": "http://example.org/Patient/1", "resource": claimed}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    assert keys(found(bundle, ACTIVE, asked=())) == [("FD-REQUIRED", "Bundle.entry[0].resource.active")]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": claimed}]}
    assert keys(found(parameters, ACTIVE, asked=())) == [("FD-REQUIRED", "Parameters.parameter[0].resource.active")]


def test_the_rules_of_bundles_hold_inside_of_others():
    inner = {"resourceType": "Bundle", "type": "collection", "total": 1}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": inner}]}
    assert keys(found(parameters, asked=())) == [("bdl-1", "Parameters.parameter[0].resource.total")]


def test_answers_are_checked_against_their_questionnaire():
    questionnaire = {
        "resourceType": "Questionnaire",
        "id": "q",
        "url": "http://example.org/Questionnaire/q",
        "status": "active",
        "item": [{"linkId": "1", "type": "boolean", "required": True, "text": "?"}],
    }
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": questionnaire["url"]}
    assert found(response, asked=()) == []
    issues = found(response, asked=(), resolve={questionnaire["url"]: questionnaire}.get)
    assert any(one.key.startswith("FD-ANSWER") for one in issues)
    contained = response | {"questionnaire": "#q", "contained": [questionnaire]}
    assert any(one.key.startswith("FD-ANSWER") for one in found(contained, asked=()))


# What the content implies


VALUES = {"path": "valueString", "with": "valueString", "system": "valueUri", "code": "valueCode"}


def implying(*signs: dict[str, str]) -> Resource:
    parts = [
        {
            "url": canonical.structure("implied-by"),
            "extension": [{"url": name, VALUES[name]: value} for name, value in sign.items()],
        }
        for sign in signs
    ]
    return ACTIVE | {"extension": parts}


@pytest.mark.parametrize(
    ("sign", "holds"),
    [
        ({"path": "identifier", "system": "http://example.org/no"}, True),
        ({"path": "identifier", "system": "http://example.org/other"}, False),
        ({"path": "maritalStatus.coding", "system": "http://example.org/m", "code": "M"}, True),
        ({"path": "maritalStatus.coding", "system": "http://example.org/m", "code": "S"}, False),
        ({"path": "identifier", "with": "gender"}, True),
        ({"path": "identifier", "with": "birthDate"}, False),
        ({"path": "gender", "code": "male"}, True),
        ({"path": "photo"}, False),
    ],
)
def test_content_implies_a_profile_whatever_is_claimed(sign, holds):
    marital = {"coding": [{"system": "http://example.org/m", "code": "M"}]}
    resource = patient(
        identifier=[{"system": "http://example.org/no", "value": "1"}], gender="male", maritalStatus=marital
    )
    one = implying(sign)
    assert (URL in validator(one).implied(resource)) is holds
    assert (("FD-REQUIRED", "Patient.active") in keys(found(resource, one, asked=()))) is holds


def test_our_examples_are_good():
    faults = [
        (resource["resourceType"], resource.get("id"), one.key, one.expression)
        for resource in examples()
        for one in validation.shipped().check(resource)
        if one.severity == "error" or one.key == "FD-INVARIANT-UNDECIDED"
    ]
    assert faults == []


def test_attachments_are_as_long_as_they_say():
    photo = {"contentType": "text/plain", "data": "5pyJ", "size": 3}
    assert found(patient(photo=[photo]), asked=()) == []
    assert keys(found(patient(photo=[photo | {"size": 4}]), asked=())) == [
        ("FD-ATTACHMENT-SIZE", "Patient.photo[0].size")
    ]


def test_a_canonical_resource_is_named_by_an_absolute_url():
    issues = found({"resourceType": "ValueSet", "status": "draft", "url": "ValueSet/a"}, asked=())
    assert keys(issues) == [("FD-CANONICAL-URL", "ValueSet.url")]


def test_a_value_set_takes_codes_of_systems_named_by_absolute_uris():
    compose = {"include": [{"system": "http://example.org/a"}, {"system": "#here"}]}
    issues = found({"resourceType": "ValueSet", "status": "draft", "compose": compose}, asked=())
    assert keys(issues) == [("FD-CODING-SYSTEM", "ValueSet.compose.include[1].system")]


def test_a_definition_that_no_snapshot_can_be_made_of_is_an_error():
    good = profile("Patient", element("Patient.active", min=1), url="http://example.org/StructureDefinition/new")
    assert [one for one in found(good, asked=()) if one.severity == "error"] == []
    bad = profile("Patient", element("Patient.nothing", min=1), url="http://example.org/StructureDefinition/new")
    assert ("FD-SNAPSHOT", "StructureDefinition") in keys(found(bad, asked=()))

import pytest

from tests.profiles.validating import URL, element, found, keys, observation, patient, profile, value_set

COLOURS = value_set("colours", "red", "green")
RED = {"system": "http://example.org/colours", "code": "red"}
BLUE = {"system": "http://example.org/colours", "code": "blue"}


def bound(strength, path="Observation.method", url=COLOURS["url"], **more):
    return profile("Observation", element(path, binding={"strength": strength, "valueSet": url, **more}))


@pytest.mark.parametrize(
    ("strength", "severity"), [("required", "error"), ("extensible", "warning"), ("preferred", "information")]
)
def test_a_code_outside_its_value_set_is_as_grave_as_the_binding_is_strong(strength, severity):
    one = bound(strength)
    assert found(observation(method={"coding": [RED]}), one, COLOURS) == []
    issues = found(observation(method={"coding": [BLUE]}), one, COLOURS)
    assert keys(issues) == [("FD-BINDING", "Observation.method")]
    assert issues[0].severity == severity
    assert COLOURS["url"] in issues[0].zh
    assert "blue" not in issues[0].en


def test_an_example_binds_nothing():
    assert found(observation(method={"coding": [BLUE]}), bound("example"), COLOURS) == []


def test_one_coding_of_several_is_enough():
    assert found(observation(method={"coding": [BLUE, RED]}), bound("required"), COLOURS) == []


def test_a_code_of_another_system_is_another_code():
    other = {"system": "http://example.org/other", "code": "red"}
    assert keys(found(observation(method={"coding": [other]}), bound("required"), COLOURS))


def test_text_alone_is_no_code():
    one = bound("required")
    assert keys(found(observation(method={"text": "red"}), one, COLOURS)) == [("FD-BINDING", "Observation.method")]
    why = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert found(observation(method={"extension": [why]}), one, COLOURS) == []


def test_the_widest_value_set_is_required():
    widest = {
        "url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
        "valueCanonical": COLOURS["url"],
    }
    reds = value_set("reds", "red")
    one = bound("extensible", url=reds["url"], extension=[widest])
    green = {"system": "http://example.org/colours", "code": "green"}
    issues = [found(observation(method={"coding": [coding]}), one, COLOURS, reds) for coding in (RED, green, BLUE)]
    assert [sorted(issue.severity for issue in each) for each in issues] == [[], ["warning"], ["error", "warning"]]


def test_a_value_set_that_is_not_here_is_named_in_a_warning():
    issues = found(observation(method={"coding": [RED]}), bound("required", url="http://example.org/ValueSet/gone"))
    assert [(one.key, one.severity) for one in issues] == [("FD-BINDING-UNKNOWN", "warning")]
    assert "http://example.org/ValueSet/gone" in issues[0].en


def test_a_large_code_system_that_is_not_here_is_named():
    compose = {"include": [{"system": "http://snomed.info/sct"}]}
    large = {"resourceType": "ValueSet", "url": "http://example.org/ValueSet/large", "compose": compose}
    coding = {"system": "http://snomed.info/sct", "code": "1"}
    issues = found(observation(method={"coding": [coding]}), bound("required", url=large["url"]), large)
    assert [one.key for one in issues] == ["FD-BINDING-UNKNOWN"]
    assert "http://snomed.info/sct" in issues[0].zh


def test_plain_codes_and_codings_are_bound_too():
    languages = profile(
        "Patient",
        element("Patient.language", binding={"strength": "required", "valueSet": COLOURS["url"]}),
        element("Patient.meta.tag", binding={"strength": "required", "valueSet": COLOURS["url"]}),
    )
    good = patient(language="red", meta={"tag": [RED]})
    assert [one for one in found(good, languages, COLOURS) if one.severity == "error"] == []
    bad = found(patient(language="en", meta={"tag": [BLUE]}), languages, COLOURS)
    assert keys(bad) == [("FD-BINDING", "Patient.language"), ("FD-BINDING", "Patient.meta.tag[0]")]


def test_the_unit_of_a_quantity_is_bound():
    units = value_set("units", "mg", system="http://unitsofmeasure.org")
    binding = {"strength": "required", "valueSet": units["url"]}
    one = profile("Observation", element("Observation.value[x]", type=[{"code": "Quantity"}], binding=binding))
    quantity = {"value": 1, "system": "http://unitsofmeasure.org"}
    assert found(observation(valueQuantity={**quantity, "code": "mg"}), one, units) == []
    issues = found(observation(valueQuantity={**quantity, "code": "g"}), one, units)
    assert keys(issues) == [("FD-BINDING", "Observation.value")]


@pytest.mark.parametrize(
    ("content_type", "fits"), [("text/plain", True), ("application/fhir+json; charset=utf-8", True), ("a b", False)]
)
def test_systems_with_a_grammar_are_checked_by_it(content_type, fits):
    issues = found(
        {"resourceType": "Media", "status": "completed", "content": {"contentType": content_type, "url": "http://a"}},
        asked=(),
    )
    assert (issues == []) is fits


def test_a_code_that_its_system_does_not_have():
    system = "http://hl7.org/fhir/address-use"
    issues = found(observation(method={"coding": [{"system": system, "code": "nowhere"}]}), asked=())
    assert keys(issues) == [("FD-CODE-UNKNOWN", "Observation.method.coding[0].code")]
    assert found(observation(method={"coding": [{"system": system, "code": "home"}]}), asked=()) == []


def test_a_name_that_is_not_that_of_the_code_is_a_warning():
    coding = {"system": "http://hl7.org/fhir/address-use", "code": "home", "display": "Palace"}
    issues = found(observation(method={"coding": [coding]}), asked=())
    assert [(one.key, one.expression, one.severity) for one in issues] == [
        ("FD-DISPLAY", "Observation.method.coding[0].display", "warning")
    ]
    assert "Palace" not in issues[0].en
    assert found(observation(method={"coding": [coding | {"display": "HOME"}]}), asked=()) == []


def test_a_code_system_is_named_by_an_absolute_uri():
    issues = found(observation(method={"coding": [{"system": "colours", "code": "red"}]}), asked=())
    assert keys(issues) == [("FD-CODING-SYSTEM", "Observation.method.coding[0].system")]


def test_a_profile_that_repeats_the_binding_of_r4_adds_nothing():
    again = {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/observation-status|4.0.1"}
    one = profile("Observation", element("Observation.status", binding=again))
    assert keys(found(observation(status="bogus"), one, asked=(URL,))) == [("FD-CODE", "Observation.status")]

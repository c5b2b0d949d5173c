import pytest

from profiles.canonical import structure
from tests.profiles.validating import element, found, keys, observation, patient, profile, validator, value_set


def rule(expression, path="Patient", **more):
    constraint = {"key": "my-1", "severity": "error", "human": "规则", "expression": expression, **more}
    one = profile("Patient", element(path, constraint=[constraint]))
    if path == "Patient":
        one["differential"]["element"] = [element("Patient", constraint=[constraint])]
    return one


def test_a_constraint_that_does_not_hold_is_an_issue_of_its_key():
    (issue,) = found(patient(active=False), rule("active"))
    assert (issue.key, issue.severity, issue.code, issue.expression) == ("my-1", "error", "invariant", "Patient")
    assert found(patient(active=True), rule("active")) == []


def test_what_comes_to_nothing_does_not_hold():
    assert keys(found(patient(gender="male"), rule("birthDate <= @2020"))) == [("my-1", "Patient")]


def test_a_constraint_is_asked_of_every_element_it_stands_on():
    names = [{"text": "甲"}, {"family": "乙"}]
    assert keys(found(patient(name=names), rule("text.exists()", "Patient.name"))) == [("my-1", "Patient.name[1]")]


def test_a_warning_stays_one():
    (issue,) = found(patient(active=False), rule("active", severity="warning"))
    assert issue.severity == "warning"


def test_the_words_are_in_both_languages_where_they_are_given():
    english = {"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "a rule"}
    translation = {"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": list(english)}
    (issue,) = found(patient(active=False), rule("active", _human={"extension": [translation]}))
    assert (issue.zh, issue.en) == ("规则", "a rule")


@pytest.mark.parametrize(
    "expression", ["name.where(", "nonsense()", "%nobody = 1", "name.single().exists()", "1 > 'a'"]
)
def test_what_cannot_be_decided_is_said_and_names_the_constraint(expression):
    issues = found(patient(name=[{"text": "甲"}, {"text": "乙"}]), rule(expression))
    assert [(one.key, one.severity) for one in issues] == [("FD-INVARIANT-UNDECIDED", "warning")]
    assert "my-1" in issues[0].zh


def test_a_constraint_of_r4_that_says_something_else_is_not_that_of_r4():
    mine = rule("active", key="dom-3")
    assert keys(found(patient(active=False), mine)) == [("dom-3", "Patient")]


def test_terminology_may_be_asked():
    colours = value_set("colours", "red")
    ask = f"gender.memberOf('{colours['url']}')"
    assert found(patient(gender="male"), rule(ask), colours)[0].key == "my-1"
    unknown = found(patient(gender="male"), rule("gender.memberOf('http://example.org/ValueSet/gone')"))
    assert unknown[0].key == "FD-INVARIANT-UNDECIDED"


def test_what_is_referred_to_may_be_asked():
    named = profile("Patient", element("Patient.name", min=1), url="http://example.org/StructureDefinition/named")
    expression = "contained.all(conformsTo('http://example.org/StructureDefinition/named'))"
    resource = patient(
        contained=[patient(id="a", active=True)], link=[{"other": {"reference": "#a"}, "type": "seealso"}]
    )
    assert keys(found(resource, rule(expression), named)) == [("my-1", "Patient")]
    assert found(resource, rule("link.other.resolve().active"), named) == []


def test_the_resource_is_the_one_inside_and_the_root_is_the_outer_one():
    inner = rule("%resource.id = 'p' and %rootResource.id = 'o' and %context.active")
    resource = observation(
        id="o",
        contained=[patient(id="p", active=True, meta={"profile": [inner["url"]]})],
        subject={"reference": "#p"},
    )
    assert found(resource, inner, asked=()) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (patient(contact=[{"gender": "male"}]), ("pat-1", "Patient.contact[0]")),
        (observation(valueString="x", dataAbsentReason={"text": "x"}), ("obs-6", "Observation")),
        (
            {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": "Patient/1"}}
            | {"period": {"start": "2020-02-01", "end": "2020-01-31"}},
            ("per-1", "EpisodeOfCare.period"),
        ),
        (observation(valueQuantity={"value": 1, "code": "mg"}), ("qty-3", "Observation.value")),
        (patient(contained=[patient(id="x", active=True)]), ("dom-3", "Patient")),
        (
            patient(
                contained=[patient(id="x", meta={"versionId": "1"})],
                link=[{"other": {"reference": "#x"}, "type": "refer"}],
            ),
            ("dom-4", "Patient"),
        ),
        (patient(telecom=[{"value": "1"}]), ("cpt-2", "Patient.telecom[0]")),
    ],
)
def test_constraints_of_r4(resource, expected):
    assert expected in keys(found(resource, asked=()))


def test_dates_of_different_precision_are_in_order_unless_they_certainly_are_not():
    period = {"start": "2020-01-31", "end": "2020-01"}
    resource = {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": "Patient/1"}}
    assert found({**resource, "period": period}, asked=()) == []


def test_a_resource_without_narrative_is_warned_of():
    (issue,) = validator().check(patient(active=True))
    assert (issue.key, issue.severity) == ("dom-6", "warning")
    assert structure("x") not in issue.en

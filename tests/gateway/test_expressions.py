"""Search parameter expressions: all of R4 compile, and find what FHIRPath says they find."""

import re
from decimal import Decimal
from functools import cache

import fhirpathpy
import pytest
from fhirpathpy.models import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.search import expressions
from profiles import definitions, package

pytestmark = pytest.mark.feature("Search", "every search parameter of R4")

TYPES = sorted(definitions.resource_types())
HOT = re.findall(
    r"\w+",
    "CareTeam Communication Composition Consent Encounter EpisodeOfCare Observation Organization "
    "Patient Practitioner PractitionerRole Provenance ServiceRequest Task",
)

# Compiling


@pytest.mark.parametrize("resource_type", TYPES)
def test_every_expression_of_r4_compiles(resource_type):
    for parameter in definitions.search_parameters(resource_type).values():
        if parameter.expression:  # _text, _content and _query have none
            expressions.compile(parameter.expression, resource_type)


def test_every_part_of_a_composite_compiles():
    found = set()
    for resource_type in TYPES:
        for parameter in definitions.search_parameters(resource_type).values():
            for component in parameter.components:
                of_resource = component.expression.startswith("%resource")
                for focus in [resource_type] if of_resource else focus_types(parameter.expression):
                    expressions.compile(component.expression, focus)
                    found.add(focus)
    assert {"Observation", "Observation.component", "UsageContext", "Group.characteristic"} <= found


def focus_types(expression):
    for path in expression.split(" | "):
        focus, *names = path.split(".")
        for name in names:
            (focus,) = (element.types[0] for element in definitions.elements(focus) if element.name == name)
        yield focus


def test_every_parameter_of_ours_compiles():
    for parameter in package.resources("search-parameters"):
        for base in parameter["base"]:
            assert expressions.compile(parameter["expression"], base)({}) == []


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "Patient.",
        "Patient.name family",
        "Patient.nome",
        "Patient.name.where(use='home'",
        "Patient.name.where(used='home')",
        "Patient.name.where(use)",
        "Patient.name.first()",
        "Patient.name[family]",
        "Patient.deceased[0]",
        "(Patient.name | Patient.contact.name)[0]",
        "Patient.name.exists().given",
        "Patient.birthDate.extension('https://example.org/x').value",
        "Patient.managingOrganization.resolve() is Organization",
        "(Patient.deceased as Quantity)",
        "Observation.code",
        "Patient.name.family + 'x'",
        "Patient.extension('it\\'s').value",
        "(" * 10_000 + "Patient.name" + ")" * 10_000,
        "Patient" + ".extension" * 10_000,
        "Patient.name" + ".where(use='home')" * 10_000,
    ],
)
def test_what_is_not_understood_is_refused_by_name(expression):
    with pytest.raises(expressions.Unsupported, match=re.escape(f"`{expression[:100]}")):
        expressions.compile(expression, "Patient")


def test_a_long_union_is_no_trouble():
    extract = expressions.compile(" | ".join(["Observation.code", "Patient.gender"] * 5_000), "Patient")
    assert len(extract({"gender": "female"})) == 5_000


# Special shapes

EXTENSION = "https://fdgw.example.org/fhir/StructureDefinition/example"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "extension": [
        {"url": "https://example.org/other", "valueString": "no"},
        {"url": EXTENSION, "valueCodeableConcept": {"coding": [{"code": "yes"}]}},
    ],
    "name": [
        {"use": "official", "family": "测"},
        {"use": "usual", "given": ["试", None, "验"], "_given": [{}]},
    ],
    "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}, {"system": "phone"}],
    "_birthDate": {"extension": [{"url": EXTENSION, "valueDateTime": "2000-01-01"}]},
    "deceasedDateTime": "2026-01-01",
}
WEIGHT = {"value": Decimal("80.50"), "unit": "kg"}
OBSERVATION = {
    "resourceType": "Observation",
    "valueQuantity": WEIGHT,
    "component": [{"valueString": "a"}, {"valueQuantity": WEIGHT}, {"valueCodeableConcept": {"text": "b"}}],
}
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": OBSERVATION}]}
DEATH = "Patient.deceased.exists() and Patient.deceased != false"


@pytest.mark.parametrize(
    ("expression", "resource", "found"),
    [
        ("Patient", PATIENT, [("Patient", PATIENT)]),
        ("Resource.id", PATIENT, [("id", "p1")]),
        ("DomainResource.language", {"language": "zh"}, [("code", "zh")]),
        ("%resource.gender | Person.gender", {"gender": "other"}, [("code", "other")]),
        ("name.given", PATIENT, [("string", "试"), ("string", "验")]),
        ("Patient.name.given | Patient.name.family", PATIENT, [("string", text) for text in "试验测"]),
        ("Patient.birthDate", PATIENT, []),
        ("Patient.deceased", PATIENT, [("dateTime", "2026-01-01")]),
        ("Patient.deceased.as(DateTime)", PATIENT, [("dateTime", "2026-01-01")]),
        ("Patient.deceased.ofType(boolean)", PATIENT, []),
        ("Patient.deceased.exists()", PATIENT, [("boolean", True)]),
        ("Patient.deceased != false", {}, []),
        (DEATH, PATIENT, [("boolean", True)]),
        (DEATH, {"deceasedBoolean": True}, [("boolean", True)]),
        (DEATH, {"deceasedBoolean": False}, [("boolean", False)]),
        (DEATH, {"deceasedBoolean": 0}, [("boolean", False)]),
        (DEATH, {}, [("boolean", False)]),
        ("Patient.telecom.where(system='phone').value", PATIENT, [("string", "1")]),
        ("Patient.telecom.where(system='phone' and value.exists()).value", PATIENT, [("string", "1")]),
        ("Patient.telecom.where(value != '1').value", PATIENT, [("string", "2")]),
        ("Patient.name.where(given='试').use", {"name": {"given": ["试"], "use": "old"}}, [("code", "old")]),
        ("Patient.name.where(given='试').use", PATIENT, []),
        ("Patient.name[1].given[1]", PATIENT, [("string", "验")]),
        ("Patient.name[2].given", PATIENT, []),
        (f"Patient.extension('{EXTENSION}').value.coding.code", PATIENT, [("code", "yes")]),
        (f"Patient.extension.where(url = '{EXTENSION}').value as Coding", PATIENT, []),
        ("Observation.value", OBSERVATION, [("Quantity", WEIGHT)]),
        ("(Observation.component.value as Quantity).value", OBSERVATION, [("decimal", Decimal("80.50"))]),
        (
            "(Observation.component.value as string) | (Observation.component.value as CodeableConcept).text",
            OBSERVATION,
            [("string", "a"), ("string", "b")],
        ),
        ("Bundle.entry[0].resource", BUNDLE, [("Resource", PATIENT)]),
    ],
)
def test_special_shapes(expression, resource, found):
    assert expressions.compile(expression, resource.get("resourceType", "Patient"))(resource) == found


@pytest.mark.parametrize(
    ("reference", "is_patient"),
    [
        ({"reference": "Patient/1"}, True),
        ({"reference": "Patient/1/_history/2"}, True),
        ({"reference": "https://example.org/fhir/Patient/1"}, True),
        ({"reference": "Group/1"}, False),
        ({"reference": "https://example.org/Patient/Group/1"}, False),
        ({"reference": "Group/1", "type": "Patient"}, False),
        ({"reference": "urn:uuid:5b1ee7c0-9b4d-4bd0-8d3f-0d1f2a3b4c5d", "type": "Patient"}, True),
        ({"reference": "#p", "type": "Patient"}, True),
        ({"reference": "#p"}, False),
        ({"identifier": {"value": "x"}, "type": "Patient"}, True),
        ({"identifier": {"value": "x"}, "type": "http://hl7.org/fhir/StructureDefinition/Patient"}, True),
        ({"identifier": {"value": "x"}}, False),
        ({"reference": 1, "type": {}}, False),
        ({}, False),
    ],
)
def test_resolve_is_told_from_the_reference(reference, is_patient):
    extract = expressions.compile("Encounter.subject.where(resolve() is Patient)", "Encounter")
    assert extract({"subject": reference}) == [("Reference", reference)] * is_patient


# Properties

PRIMITIVES = {
    "boolean": st.booleans(),
    "integer": st.integers(0, 3),
    "decimal": st.sampled_from([2, Decimal("80.50")]),
    "date": st.sampled_from(["2026", "2026-01-02"]),
    "dateTime": st.sampled_from(["2026-01", "2026-01-02T03:04:05+08:00"]),
    "instant": st.just("2026-01-02T03:04:05.678+08:00"),
    "time": st.just("03:04:05"),
}


@st.composite
def structures(draw, type_name, words, literals, depth=5):
    """A resource or part of one, with some of the elements and types that its expressions name."""
    node = {}
    for element in definitions.elements(type_name):
        if element.name.removesuffix("[x]") not in words or not draw(st.booleans()):
            continue
        members = sorted(element.json_names.items())
        named = [(member, kind) for member, kind in members if kind in words]
        member, kind = draw(st.sampled_from(members + 3 * named))
        if kind not in definitions.resource_types() and (depth or definitions.is_primitive(kind)):
            one = values(kind, words, literals, depth - 1)
            node[member] = draw(st.lists(one, min_size=1, max_size=2) if element.many else one)
    return node


def values(kind, words, literals, depth):
    if definitions.is_primitive(kind):
        return PRIMITIVES.get(kind, st.sampled_from(["x", *literals]))
    return structures(kind, words, literals, depth)


@cache
def compiled(resource_type):
    """Expression → what we make of it, for every parameter of a type that has one."""
    known = definitions.search_parameters(resource_type).values()
    return {one.expression: expressions.compile(one.expression, resource_type) for one in known if one.expression}


def oracle(expression, resource_type):
    """fhirpathpy's reading, told what search parameters mean: `as` keeps of many what is a T, and
    `Resource` is the type at hand. It has no resolve(); those shapes are in the table above."""
    text = re.sub(r"\((\S+) as (\w+)\)", r"\1.ofType(\2)", expression).replace(".as(", ".ofType(")
    text = re.sub(r"\bResource\.", f"{resource_type}.", text)
    return fhirpathpy.compile(text, model=models["r4"], options={"returnRawData": True})


def words(extractors):
    """Names and literals in expressions, and what makes the parts of a value tell apart."""
    return {"coding", "text", *re.findall(r"[\w-]+", " ".join(extractors))}


def distinct(found):
    """A union of FHIRPath drops duplicates; ours keeps them."""
    return [value for at, value in enumerate(found) if value not in found[:at]]


@pytest.mark.parametrize("resource_type", HOT)
def test_fhirpath_finds_the_same(resource_type):
    ours = {text: extract for text, extract in compiled(resource_type).items() if "resolve()" not in text}
    theirs = {text: oracle(text, resource_type) for text in ours}

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(structures(resource_type, words(ours), re.findall(r"'([^']*)'", " ".join(ours))))
    def same(resource):
        resource["resourceType"] = resource_type
        for text, extract in ours.items():
            found, expected = extract(resource), theirs[text](resource, {})
            values = [getattr(node, "data", node) for node in expected]
            assert distinct([value for _, value in found]) == distinct(values), text
            types = [getattr(node, "path", None) for node in expected]
            if None not in types and text != "Resource.id":  # their unions forget types, and their id is System.String
                assert [fhir_type for fhir_type, _ in found] == types, text

    same()


SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(["Patient/1", "phone", Decimal("1.0")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(HOT))
def test_wrong_data_gives_nothing_of_a_wrong_shape(data, resource_type):
    ours = compiled(resource_type)
    members = {name for element in definitions.elements(resource_type) for name in element.json_names}
    names = st.sampled_from(sorted(members | words(ours) | {"reference", "url"}))
    anything = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(names, part), max_leaves=20)
    resource = data.draw(st.dictionaries(names, anything, max_size=8))
    for text, extract in ours.items():
        for fhir_type, value in extract(resource):
            assert shape(value) == kind(fhir_type), text


def shape(value):
    return "number" if type(value) in {int, Decimal} else type(value).__name__


def kind(fhir_type):
    if not definitions.is_primitive(fhir_type):
        return "dict"
    numbers = {"decimal", "integer", "positiveInt", "unsignedInt"}
    return "number" if fhir_type in numbers else {"boolean": "bool"}.get(fhir_type, "str")

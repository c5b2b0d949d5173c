"""What is kept of HL7's StructureDefinitions, and how the file is written."""

from pathlib import Path

import pytest

from profiles.json import Resource, loads
from profiles.r4 import compile as compiled
from profiles.r4 import structures_compile

FILE = Path(structures_compile.__file__).with_name(f"{structures_compile.FILE}.json")
HL7 = "http://hl7.org/fhir/StructureDefinition/"
ELEMENT = {
    "id": "Thing.status",
    "path": "Thing.status",
    "short": "a | b",
    "definition": "A long explanation.",
    "comment": "Another.",
    "requirements": "Why.",
    "alias": ["State"],
    "min": 1,
    "max": "1",
    "base": {"path": "Thing.status", "min": 1, "max": "1"},
    "type": [{"code": "code", "extension": [{"url": f"{HL7}regex", "valueString": "x"}]}],
    "isModifier": False,
    "isSummary": True,
    "fixedBoolean": False,
    "constraint": [
        {"key": "ele-1", "severity": "error", "human": "h", "expression": "true", "source": f"{HL7}Element"},
        {"key": "thg-1", "severity": "error", "human": "h", "expression": "true", "xpath": "x", "requirements": "r"},
    ],
    "binding": {
        "strength": "required",
        "description": "Which.",
        "valueSet": "urn:vs",
        "extension": [
            {"url": f"{HL7}elementdefinition-bindingName", "valueString": "Status"},
            {"url": f"{HL7}elementdefinition-maxValueSet", "valueCanonical": "urn:all"},
        ],
    },
    "mapping": [{"identity": "rim", "map": "x"}],
}


@pytest.fixture(scope="module")
def file() -> dict[str, Resource]:
    return loads(FILE.read_bytes())


def constraint(file: dict[str, Resource], name: str, element: str, key: str) -> str:
    elements = {one["id"]: one for one in file[HL7 + name]["differential"]["element"]}
    return next(one["expression"] for one in elements[element]["constraint"] if one["key"] == key)


def test_prose_what_types_repeat_and_flags_that_say_nothing_are_left_out():
    assert structures_compile.element(ELEMENT) == {
        "id": "Thing.status",
        "path": "Thing.status",
        "short": "a | b",
        "min": 1,
        "max": "1",
        "type": [{"code": "code"}],
        "isSummary": True,
        "fixedBoolean": False,
        "constraint": [{"key": "thg-1", "severity": "error", "human": "h", "expression": "true"}],
        "binding": {
            "strength": "required",
            "valueSet": "urn:vs",
            "extension": [{"url": f"{HL7}elementdefinition-maxValueSet", "valueCanonical": "urn:all"}],
        },
    }


def test_the_file_has_every_definition_of_hl7_one_a_line_in_order(file):
    content = FILE.read_bytes()
    assert compiled.lines(file) == content
    assert len(content) < 2_500_000
    derived = [one.get("derivation") == "constraint" for one in file.values()]
    assert (len(derived), sum(derived)) == (648, 2 + 44 + 393)
    assert {one["version"] for one in file.values()} == {"4.0.1"}


def test_nothing_that_medplum_added_is_in_the_file(file):
    assert "medplum" not in FILE.read_text().lower()
    paths = {element["path"] for one in file.values() for element in one["differential"]["element"]}
    assert not paths & {"Meta.project", "Binary.url", "ObservationDefinition.publisher", "ResearchStudy.studyDesign"}
    assert HL7 + "SubscriptionStatus" not in file


def test_constraints_are_as_hl7_published_them_even_where_medplum_mended_them(file):
    assert constraint(file, "Bundle", "Bundle.entry", "bdl-8") == "fullUrl.contains('/_history/').not()"
    assert "'no-show'" in constraint(file, "Appointment", "Appointment", "app-4")
    assert "(when in ('C' | 'CM' | 'CD' | 'CV')).not()" in constraint(file, "Timing", "Timing.repeat", "tim-9")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Element", ["ele-1"]),
        ("Extension", ["ext-1"]),
        ("DomainResource", ["dom-2", "dom-3", "dom-4", "dom-5", "dom-6"]),
        ("Reference", ["ref-1"]),
    ],
)
def test_the_invariants_of_the_base_types_are_there(file, name, keys):
    root = file[HL7 + name]["differential"]["element"][0]
    assert sorted(one["key"] for one in root["constraint"]) == keys
    assert all(one["expression"] and one["human"] and one["severity"] for one in root["constraint"])


def test_an_extension_keeps_where_it_may_stand(file):
    assert file[HL7 + "patient-nationality"]["context"] == [{"type": "element", "expression": "Patient"}]
    assert sum("contextInvariant" in one for one in file.values()) == 13

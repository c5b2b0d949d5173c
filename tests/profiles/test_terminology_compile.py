"""What is kept of HL7's terminology, and how its files are written."""

from pathlib import Path

import pytest

from profiles.json import Resource, loads
from profiles.r4 import compile as compiled
from profiles.r4 import terminology_compile

FOLDER = Path(terminology_compile.__file__).parent
CONCEPT = {
    "code": "a",
    "display": "A thing",
    "definition": "A long explanation.",
    "extension": [{"url": "urn:e", "valueString": "x"}],
    "designation": [
        {"language": "zh", "use": {"code": "display"}, "value": "东西"},
        {"language": "nl", "value": "Ding"},
        {"language": "en", "value": "A thing"},
    ],
    "property": [{"code": "status", "valueCode": "retired"}],
    "concept": [{"code": "b", "display": "b", "definition": "Another."}],
}


def system(url: str) -> Resource:
    facts = {"url": url, "status": "active", "content": "complete", "description": "Prose.", "concept": [CONCEPT]}
    return {"resourceType": "CodeSystem", **facts}


def test_prose_and_other_languages_are_left_out():
    files = terminology_compile.files([system("http://hl7.org/fhir/x")])
    assert files["code-systems"]["http://hl7.org/fhir/x"] == {
        "status": "active",
        "content": "complete",
        "concept": [
            {
                "code": "a",
                "display": "A thing",
                "designation": [{"language": "zh", "value": "东西"}],
                "property": [{"code": "status", "valueCode": "retired"}],
                "concept": [{"code": "b"}],
            }
        ],
    }


@pytest.mark.parametrize("url", sorted(terminology_compile.LICENSED))
def test_words_that_are_under_a_licence_are_left_out(url: str):
    include = {"system": url, "concept": [CONCEPT]}
    mapped = {"source": "urn:s", "target": url, "element": [{"code": "1", "target": [{"code": "a", "display": "A"}]}]}
    files = terminology_compile.files(
        [
            system(url),
            {"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": [include]}},
            {"resourceType": "ConceptMap", "url": "urn:cm", "group": [mapped]},
        ]
    )
    assert "isplay" not in str(files)
    assert "thing" not in str(files)


def test_another_release_of_fhir_is_left_out():
    assert not terminology_compile.files([system("urn:x") | {"version": "5.0.0"}])["code-systems"]


@pytest.mark.parametrize("name", terminology_compile.FILES)
def test_a_file_has_one_entry_a_line_in_order(name: str):
    content = (FOLDER / f"{name}.json").read_bytes()
    assert compiled.lines(loads(content)) == content
    assert "medplum" not in content.decode().lower()


def test_what_the_files_hold():
    counts = {name: len(loads((FOLDER / f"{name}.json").read_bytes())) for name in terminology_compile.FILES}
    assert counts == {"code-systems": 1062, "value-sets": 1316, "concept-maps": 19, "operations": 46}
    assert sum((FOLDER / f"{name}.json").stat().st_size for name in terminology_compile.FILES) < 3_000_000

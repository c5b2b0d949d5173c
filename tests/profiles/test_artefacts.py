"""What the guide publishes besides profiles: valid, known by its canonical, in Chinese and in English."""

from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from profiles import json, package, validation
from profiles.canonical import BASE

RESOURCES = [(kind, one) for kind in package.KINDS for one in package.resources(kind)]
ALL = [one for _, one in RESOURCES]
CANONICAL = [one for one in ALL if one["resourceType"] != "NamingSystem"]  # which has no URL in R4
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
TYPES = {
    "code-systems": "CodeSystem",
    "value-sets": "ValueSet",
    "concept-maps": "ConceptMap",
    "naming-systems": "NamingSystem",
    "structure-definitions": "StructureDefinition",
    "search-parameters": "SearchParameter",
    "operation-definitions": "OperationDefinition",
    "message-definitions": "MessageDefinition",
    "capability-statements": "CapabilityStatement",
}


def identity(resource: json.Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every object inside, from the outside inwards."""
    match value:
        case dict():
            yield value
            for inner in value.values():
                yield from nodes(inner)
        case list():
            for inner in value:
                yield from nodes(inner)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def english(holder: json.Resource, name: str) -> str:
    """The English translation of an element."""
    [translation] = [one for one in holder[f"_{name}"]["extension"] if one["url"] == TRANSLATION]
    language, content = translation["extension"]
    assert (language["url"], language["valueCode"], content["url"]) == ("lang", "en", "content")
    return str(content["valueString"])


@pytest.mark.parametrize("resource", ALL, ids=identity)
def test_every_resource_is_valid(resource: json.Resource) -> None:
    assert [one for one in validation.shipped().check(resource) if one.severity == "error"] == []
    get_fhir_model_class(resource["resourceType"]).model_validate_json(json.dumps(resource))


@pytest.mark.parametrize("kind", package.KINDS)
def test_every_folder_has_resources_of_its_type(kind: package.Kind) -> None:
    assert {one["resourceType"] for folder, one in RESOURCES if folder == kind} == {TYPES[kind]}


def test_no_two_resources_are_the_same() -> None:
    assert len({identity(one) for one in ALL}) == len(ALL)
    urls = [one["url"] for one in CANONICAL]
    assert len(set(urls)) == len(urls)


@pytest.mark.parametrize("resource", CANONICAL, ids=identity)
def test_every_resource_is_known_by_its_canonical(resource: json.Resource) -> None:
    ours = f"{BASE}/{identity(resource)}"
    theirs = resource["resourceType"] == "CodeSystem" and resource["url"].startswith("urn:oid:2.16.156.10011.2.3.3.")
    assert resource["url"] == ours or theirs
    assert resource["version"] == "0.1.0"
    assert isinstance(resource["experimental"], bool)


@pytest.mark.parametrize("resource", ALL, ids=identity)
def test_who_published_every_resource_and_when(resource: json.Resource) -> None:
    told = {name: resource[name] for name in ("status", "date", "publisher", "language")}
    assert told == {"status": "active", "date": "2026-11-22", "publisher": "fdgw", "language": "zh-CN"}


@pytest.mark.parametrize("resource", ALL, ids=identity)
def test_every_text_is_in_chinese_and_has_its_english(resource: json.Resource) -> None:
    assert "description" in resource
    told = [(one, name) for one in nodes(resource) for name in ("title", "short", "documentation") if name in one]
    for holder, name in [(resource, "description"), *told]:
        assert is_chinese(holder[name])
        assert english(holder, name)[0].isascii()


def test_what_a_caller_changes_stays_with_it() -> None:
    package.resources("code-systems")[0]["status"] = "retired"
    assert package.resources("code-systems")[0]["status"] == "active"

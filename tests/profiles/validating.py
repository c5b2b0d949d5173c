"""Profiles of a few lines, and what is found by them."""

from collections.abc import Callable, Iterable
from typing import Any

from profiles import structures, terminology
from profiles.json import Resource
from profiles.validation import Issue, Validator

URL = "http://example.org/StructureDefinition/tested"
Element = dict[str, Any]


def profile(kind: str, *elements: Element, url: str = URL, **more: Any) -> Resource:
    """A constraint on a type; `elements` are its differential, without the root."""
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Tested",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "derivation": "constraint",
        "differential": {"element": [{"id": kind, "path": kind}, *elements]},
        **more,
    }


def element(path: str, slice_name: str = "", **said: Any) -> Element:
    """An ElementDefinition; its id is told from its path, or given as `id`."""
    named = {"sliceName": slice_name} if slice_name else {}
    return {"id": f"{path}:{slice_name}" if slice_name else path, "path": path, **named, **said}


def value_set(name: str, *codes: str, system: str = "http://example.org/colours") -> Resource:
    return {
        "resourceType": "ValueSet",
        "url": f"http://example.org/ValueSet/{name}",
        "status": "active",
        "compose": {"include": [{"system": system, "concept": [{"code": code} for code in codes]}]},
    }


def validator(*resources: Resource) -> Validator:
    """That knows these definitions and value sets beside what is in the package."""
    definitions = [one for one in resources if one["resourceType"] == "StructureDefinition"]
    rest = [one for one in resources if one["resourceType"] != "StructureDefinition"]
    return Validator(structures.Structures(definitions), terminology.Terminology(rest))


def found(
    resource: Any,
    *resources: Resource,
    asked: Iterable[str] = (URL,),
    resolve: Callable[[str], Resource | None] | None = None,
) -> list[Issue]:
    """What is wrong by a profile, the first of `resources`; not that there is no narrative."""
    issues = validator(*resources).check(resource, asked, resolve=resolve)
    return [one for one in issues if one.key != "dom-6"]


def keys(issues: Iterable[Issue]) -> list[tuple[str, str]]:
    return [(one.key, one.expression) for one in issues]


def patient(**more: Any) -> Resource:
    return {"resourceType": "Patient", **more}


def observation(**more: Any) -> Resource:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "test"}, **more}

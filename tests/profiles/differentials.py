"""Profiles for the tests of snapshots: nothing but what a test says."""

from typing import Any

from profiles.json import Resource
from profiles.structures import Structures

HL7 = "http://hl7.org/fhir/StructureDefinition/"
MINE = "http://example.org/StructureDefinition/"


def element(path: str, slice_name: str = "", **facts: Any) -> Resource:
    """Without an id, unless `facts` have one: the order tells where it belongs."""
    return {"path": path} | ({"sliceName": slice_name} if slice_name else {}) | facts


def profile(name: str, base: str, *elements: Resource, kind: str = "") -> Resource:
    """`base` and `kind`, the type, are names of FHIR; the type is that of the base unless it is said."""
    return {
        "resourceType": "StructureDefinition",
        "url": MINE + name,
        "version": "1.0.0",
        "derivation": "constraint",
        "type": kind or base,
        "baseDefinition": base if ":" in base else HL7 + base,
        "differential": {"element": list(elements)},
    }


def snapshot(*definitions: Resource) -> dict[str, Resource]:
    """Of the first definition, by id; the others are there to be referred to."""
    elements = Structures(definitions).snapshot(definitions[0]["url"])
    assert len({one["id"] for one in elements}) == len(elements)
    return {one["id"]: one for one in elements}


def keys(element: Resource) -> list[str]:
    return [one["key"] for one in element["constraint"]]


def types(element: Resource) -> list[str]:
    return [one["code"] for one in element["type"]]

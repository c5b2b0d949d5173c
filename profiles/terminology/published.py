"""The terminology in the package: HL7's of FHIR 4.0.1 and our own, decoded when first asked for."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from profiles import json, package
from profiles.json import Resource
from profiles.terminology.systems import System, system_of

Kind = Literal["CodeSystem", "ValueSet", "ConceptMap"]
_FOLDERS: dict[Kind, package.Kind] = {
    "CodeSystem": "code-systems",
    "ValueSet": "value-sets",
    "ConceptMap": "concept-maps",
}
"""Of our own; HL7's files have the same names."""


@cache
def _entries(kind: Kind) -> dict[str, bytes]:
    """Canonical URL → JSON; the files have one entry a line, `"url":{…},`."""
    path = Path(__file__).parents[1] / "r4" / f"{_FOLDERS[kind]}.json"
    split = (line.partition(b'":') for line in path.read_bytes().split(b"\n"))
    return {name[1:].decode(): entry.rstrip(b",") for name, found, entry in split if found}


@cache
def _own(kind: Kind) -> dict[str, Resource]:
    return {resource["url"]: resource for resource in package.resources(_FOLDERS[kind])}


def urls(kind: Kind) -> Iterable[str]:
    return [*_entries(kind), *_own(kind)]


def resource(kind: Kind, url: str) -> Resource | None:
    """A resource, HL7's without prose and decoded anew each time, or None."""
    found = _entries(kind).get(url)
    if found is not None:
        return {"resourceType": kind, "url": url, **json.loads(found)}
    return _own(kind).get(url)


@cache
def _system(url: str) -> System:
    found = resource("CodeSystem", url)
    assert found is not None  # noqa: S101 - asked for by those who looked
    return system_of(found)


def system(url: str) -> System | None:
    return _system(url) if url in _entries("CodeSystem") or url in _own("CodeSystem") else None

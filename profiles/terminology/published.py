"""The terminology in the package: HL7's of FHIR 4.0.1 and our own code systems, decoded when first asked for."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from profiles import json, package
from profiles.json import Resource
from profiles.terminology.systems import System, system_of

Kind = Literal["CodeSystem", "ValueSet", "ConceptMap"]
_FILES = {"CodeSystem": "code-systems", "ValueSet": "value-sets", "ConceptMap": "concept-maps"}


@cache
def _entries(kind: Kind) -> dict[str, bytes]:
    """Canonical URL → JSON; the files have one entry a line, `"url":{…},`."""
    path = Path(__file__).parents[1] / "r4" / f"{_FILES[kind]}.json"
    split = (line.partition(b'":') for line in path.read_bytes().split(b"\n"))
    return {name[1:].decode(): entry.rstrip(b",") for name, found, entry in split if found}


@cache
def _own_systems() -> dict[str, Resource]:
    return {resource["url"]: resource for resource in package.resources("code-systems")}


def urls(kind: Kind) -> Iterable[str]:
    own = _own_systems() if kind == "CodeSystem" else {}
    return [*_entries(kind), *own]


def resource(kind: Kind, url: str) -> Resource | None:
    """A resource without prose, or None; decoded anew each time."""
    found = _entries(kind).get(url)
    if found is not None:
        return {"resourceType": kind, "url": url, **json.loads(found)}
    return _own_systems().get(url) if kind == "CodeSystem" else None


@cache
def _system(url: str) -> System:
    found = resource("CodeSystem", url)
    assert found is not None  # noqa: S101 - asked for by those who looked
    return system_of(found)


def system(url: str) -> System | None:
    return _system(url) if url in _entries("CodeSystem") or url in _own_systems() else None

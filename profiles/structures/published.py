"""The StructureDefinitions in the package: HL7's of FHIR 4.0.1 and our own, decoded when first asked for."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from profiles import json, package
from profiles.json import Resource


@cache
def _entries() -> dict[str, bytes]:
    """Canonical URL → JSON; the file has one entry a line, `"url":{…},`."""
    path = Path(__file__).parents[1] / "r4" / "structure-definitions.json"
    split = (line.partition(b'":') for line in path.read_bytes().split(b"\n"))
    return {name[1:].decode(): entry.rstrip(b",") for name, found, entry in split if found}


@cache
def _own() -> dict[str, Resource]:
    try:
        return {resource["url"]: resource for resource in package.resources("structure-definitions")}
    except FileNotFoundError:
        return {}


def urls() -> Iterable[str]:
    """Of every definition in the package, HL7's first."""
    return [*_entries(), *_own()]


@cache
def _decoded(url: str) -> Resource:
    content: Resource = json.loads(_entries()[url])
    return {"resourceType": "StructureDefinition", "url": url, **content}


def hl7(url: str) -> Resource | None:
    """One of HL7's with its differential, without prose; not to be changed."""
    return _decoded(url) if url in _entries() else None


def resource(url: str) -> Resource | None:
    """One of HL7's or of ours; not to be changed."""
    return hl7(url) or _own().get(url)

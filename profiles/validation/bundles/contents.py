"""What a Bundle holds, as its rules ask for it; whatever has the wrong shape is left out, for others to report."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from profiles.definitions import resource_types
from profiles.json import Resource

_RESTFUL = re.compile(r"(https?://.*/)([A-Z][A-Za-z]*)/([A-Za-z0-9\-.]{1,64})")
_VERSIONED = re.compile(r"(.+)/_history/([A-Za-z0-9\-.]{1,64})")


@dataclass(frozen=True, slots=True)
class Entry:
    index: int
    content: Resource
    resource: Resource
    """Empty where there is none."""

    @property
    def expression(self) -> str:
        return f"Bundle.entry[{self.index}]"

    @property
    def full_url(self) -> str:
        return text(self.content.get("fullUrl"))

    @property
    def type(self) -> str:
        return text(self.resource.get("resourceType"))

    @property
    def id(self) -> str:
        return text(self.resource.get("id"))

    @property
    def version(self) -> str:
        return text(thing(self.resource.get("meta")).get("versionId"))

    @property
    def base(self) -> str:
        """Where relative references of this entry start, with the slash; empty unless the fullUrl is RESTful."""
        address = restful(self.full_url)
        return address[0] if address else ""


def entries(bundle: Resource) -> list[Entry]:
    return [Entry(index, entry, thing(entry.get("resource"))) for index, entry in things(bundle.get("entry"))]


def restful(url: str) -> tuple[str, str, str] | None:
    """(base, type, id) of an http address of a resource; None for any other URL."""
    matched = _RESTFUL.fullmatch(url)
    return (matched[1], matched[2], matched[3]) if matched and matched[2] in resource_types() else None


def without_version(reference: str) -> tuple[str, str]:
    """(reference, version); the version is empty where none is asked for."""
    matched = _VERSIONED.fullmatch(reference)
    return (matched[1], matched[2]) if matched else (reference, "")


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def thing(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def things(value: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an array, with their index."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item

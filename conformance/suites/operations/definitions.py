"""The operations that a server claims, with what their definitions say. https://hl7.org/fhir/R4/operationdefinition.html"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from profiles import json, package
from profiles.json import Resource

INVALID = {"resourceType": "Parameters", "parameter": [{"name": "resource", "valueString": 7}]}
"""No server can act on it: `valueString` is no string."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An operation at one place; `type` is empty for the system, `definition` None for one that nobody here knows."""

    name: str
    type: str
    url: str
    definition: Resource | None

    @property
    def at_type(self) -> bool:
        """Whether it can be asked for without an instance."""
        said = self.definition or {}
        return bool(said.get("type" if self.type else "system"))

    @property
    def path(self) -> str:
        return f"{self.type}/${self.name}" if self.type else f"${self.name}"

    @property
    def affects_state(self) -> bool:
        return (self.definition or {}).get("affectsState", False) is True

    @property
    def required(self) -> list[str]:
        """Names of the parameters without which it cannot be asked."""
        parameters = (self.definition or {}).get("parameter", ())
        return [one["name"] for one in parameters if one["use"] == "in" and one["min"] > 0]


def claimed(capability: Resource) -> Iterator[Claimed]:
    """Each operation once: at the system, else at the first type that has it."""
    seen: set[tuple[str, str]] = set()
    for type_, entry in _places(capability):
        for operation in entry.get("operation", ()):
            name = str(operation.get("name", "")).removeprefix("$")
            url = str(operation.get("definition", "")).partition("|")[0]
            if (name, url) not in seen:
                seen.add((name, url))
                yield Claimed(name, type_, url, known().get(url))


def _places(capability: Resource) -> Iterator[tuple[str, Resource]]:
    for rest in capability.get("rest", ()):
        # Of the types that have an operation, Patient is the one of which there is surely an instance to ask for.
        entries = sorted(rest.get("resource", ()), key=lambda entry: entry.get("type") != "Patient")
        yield from ((str(entry.get("type", "")), entry) for entry in entries)
        yield "", rest


@cache
def known() -> Mapping[str, Resource]:
    """Canonical URL → OperationDefinition, as far as it is kept here: those of R4 and of our guide."""
    published = json.loads(files("profiles").joinpath("r4", "operations.json").read_bytes()).values()
    ours = package.resources("operation-definitions")
    return {one["url"]: one for one in (*published, *ours)}

"""FHIR 4.0.1 as the programs ask for it: types, elements, codes, search parameters, compartments. https://hl7.org/fhir/R4/"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from profiles.json import loads


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a structure. https://hl7.org/fhir/R4/elementdefinition.html"""

    name: str
    """`value[x]` for a choice of types."""
    types: tuple[str, ...]
    """Names to ask `elements` for: `HumanName`, `code`, or `Patient.contact` for a structure written in place."""
    required: bool
    many: bool
    targets: tuple[str, ...]
    """Resource types that a Reference may lead to; empty for any."""
    codes: str
    """URL of the value set that a code SHALL come from; empty where the binding is weaker."""
    attribute: bool
    """An id or `Extension.url`: cannot itself carry an id or extensions."""
    summary: bool
    modifier: bool

    @property
    def json_names(self) -> dict[str, str]:
        """JSON member → type: one, or one for each type of a choice (`valueQuantity` → `Quantity`)."""
        if not self.name.endswith("[x]"):
            return {self.name: self.types[0]}
        return {self.name[:-3] + kind[0].upper() + kind[1:]: kind for kind in self.types}


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a composite search parameter: which parameter it is, and where in the composite's focus."""

    definition: str
    expression: str


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """https://hl7.org/fhir/R4/searchparameter.html"""

    code: str
    url: str
    type: str
    """number, date, string, token, reference, composite, quantity, uri or special."""
    expression: str
    """FHIRPath, only the alternatives for the type asked for; empty for `_content`, `_text` and `_query`."""
    targets: tuple[str, ...]
    components: tuple[Component, ...]
    bases: tuple[str, ...]


@cache
def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = loads((Path(__file__).parent / "r4" / f"{name}.json").read_bytes())
    return content


# Types and elements


@cache
def resource_types() -> frozenset[str]:
    """The resource types that exist as such: without Resource and DomainResource."""
    every = _file("structures").items()
    return frozenset(name for name, facts in every if facts["kind"] == "resource" and "abstract" not in facts)


@cache
def is_primitive(name: str) -> bool:
    return bool(_file("structures")[name]["kind"] == "primitive-type")


@cache
def elements(name: str) -> tuple[Element, ...]:
    """The elements of a resource type, data type or structure inside one, inherited ones first.

    Raises `KeyError` for a name that R4 does not have.
    """
    facts = _file("structures")[name]
    inherited = elements(facts["base"]) if "base" in facts else ()
    return inherited + tuple(_element(own, said) for own, said in facts.get("elements", {}).items())


def _element(name: str, facts: dict[str, Any]) -> Element:
    return Element(
        name=name,
        types=tuple(facts["types"]),
        required="min" in facts,
        many="max" in facts,
        targets=tuple(facts.get("targets", ())),
        codes=facts.get("codes", ""),
        attribute="attribute" in facts,
        summary="summary" in facts,
        modifier="modifier" in facts,
    )


def value_set(url: str) -> Mapping[str, frozenset[str]]:
    """Code system → codes, of a value set with a required binding.

    Empty for one that nobody can list from the definitions alone (MIME types, UCUM, currencies).
    """
    return {system: frozenset(codes) for system, codes in _file("codes").get(url, {}).items()}


# Search parameters and compartments


@cache
def search_parameters(resource_type: str) -> Mapping[str, SearchParameter]:
    """By code, with those of every resource (`_id`, `_lastUpdated`, …); raises `KeyError` for an unknown type."""
    lineage = tuple(_lineage(resource_type))
    every = _file("search-parameters").values()
    own = (facts for base in reversed(lineage) for facts in every if base in facts["base"])
    return MappingProxyType({facts["code"]: _parameter(facts, resource_type) for facts in own})


def _lineage(name: str) -> Iterator[str]:
    while name:
        yield name
        name = _file("structures")[name].get("base", "")


def _parameter(facts: dict[str, Any], resource_type: str) -> SearchParameter:
    return SearchParameter(
        code=facts["code"],
        url=facts["url"],
        type=facts["type"],
        expression=_alternatives_for(resource_type, facts.get("expression", "")),
        targets=tuple(facts.get("target", ())),
        components=tuple(Component(*component) for component in facts.get("components", ())),
        bases=tuple(facts["base"]),
    )


def search_parameter_type(url: str) -> str:
    """The type of a search parameter by its URL; raises `KeyError` for an unknown one."""
    kind: str = _file("search-parameters")[url.rpartition("/")[2]]["type"]
    return kind


def _alternatives_for(resource_type: str, expression: str) -> str:
    """`Patient.name | Person.name` is `Patient.name` for a Patient; R4 writes no `|` inside parentheses here."""
    alternatives = expression.split(" | ")
    own = [one for one in alternatives if re.match(rf"\(*{resource_type}\b", one)]
    return " | ".join(own or alternatives)


@cache
def compartment(name: str) -> Mapping[str, tuple[str, ...]]:
    """Resource type → the search parameters that put a resource into a compartment; `KeyError` for no such compartment.

    Device, Encounter, Patient, Practitioner and RelatedPerson. A resource is always in its own compartment.
    https://hl7.org/fhir/R4/compartmentdefinition.html
    """
    return MappingProxyType({kind: tuple(codes) for kind, codes in _file("compartments")[name].items()})

"""What can be searched: the parameters of every resource type, each with the module that understands it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from gateway.search import composite, date, expressions, jsonpath, near, number, quantity, reference, string, token, uri
from gateway.search.composite import Part
from gateway.search.terms import CATEGORY, CODE, IDENTIFIER, Asked, Clause, Found, Name
from profiles import definitions, package
from profiles.definitions import Component, SearchParameter
from profiles.json import Resource

Rows = Callable[[Name, list[expressions.Value], Found], None]

_MODULES: Mapping[str, tuple[Rows, Callable[[Asked], Clause]]] = {
    "token": (token.rows, token.clause),
    "date": (date.rows, date.clause),
    "string": (string.rows, string.clause),
    "reference": (reference.rows, reference.clause),
    "uri": (uri.rows, uri.clause),
    "number": (number.rows, number.clause),
    "quantity": (quantity.rows, quantity.clause),
    "special": (near.rows, near.clause),
}

_COLUMNS = ("_id", "_lastUpdated")
"""Of the resource itself; the query knows them, the index need not."""
_CATEGORIES = {"category", "class", "type", "_tag", "_security", "clinical-status", "verification-status"}
"""Codes that very many resources share."""
_PARTS = 2
_CONFUSED = "http://hl7.org/fhir/SearchParameter/DocumentReference-relationship"
"""Of its two parts, each has the expression of the other. https://hl7.org/fhir/R4/documentreference.html#search"""

_CLOCKS = (
    "date",
    "authored-on",
    "authored",
    "sent",
    "recorded",
    "period",
    "occurrence",
    "issued",
    "created",
    "effective",
)
"""The parameter that dates a resource, the first of these that its type has."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: Name
    kind: str
    """A FHIR search parameter type."""
    url: str
    targets: tuple[str, ...]
    extract: expressions.Extract
    rows: Rows
    """What its module indexes of the values."""
    clause: Callable[[Asked], Clause]
    places: tuple[jsonpath.Found, ...]
    """Where its values stand in the JSON; empty where they are not simply read."""
    rank: int
    systems: frozenset[str]
    """Code systems of the bindings of its elements of type `code`."""
    ready: bool = True
    """Everything that was stored before is indexed for it."""


class Catalogue:
    """The parameters by type: those of R4, ours, and those that users added."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, Parameter]] = {}
        self._clocks: dict[str, Parameter | None] = {}
        self._added: Mapping[str, tuple[SearchParameter, bool]] = {}
        self.progress: Mapping[str, tuple[int, int]] = {}
        """Edition → how many of how many resources are indexed, of those that are not ready."""

    def of(self, resource_type: str) -> Mapping[str, Parameter]:
        """By code, those that are indexed."""
        if resource_type not in self._known:
            self._known[resource_type] = _shipped(resource_type) | self._custom(resource_type)
        return self._known[resource_type]

    def clock(self, resource_type: str) -> Parameter | None:
        """The date parameter by which resources of a type are ordered, where the type has one."""
        if resource_type not in self._clocks:
            self._clocks[resource_type] = _clock(_shipped(resource_type))
        return self._clocks[resource_type]

    def add(self, custom: Mapping[str, tuple[SearchParameter, bool]]) -> None:
        """Takes these, by edition and with whether they are ready, for all that users added."""
        if custom != self._added:
            self._added = dict(custom)
            self._known = {}

    @property
    def added(self) -> frozenset[tuple[SearchParameter, bool]]:
        """What users added, and whether it is ready."""
        return frozenset(self._added.values())

    def _custom(self, resource_type: str) -> dict[str, Parameter]:
        return {
            definition.code: compiled(definition, resource_type, edition, ready=ready)
            for edition, (definition, ready) in self._added.items()
            if resource_type in definition.bases and definition.code not in _shipped(resource_type)
        }


def compiled(found: SearchParameter, resource_type: str, edition: str = "", *, ready: bool = True) -> Parameter:
    """Raises `expressions.Unsupported` for an expression that cannot be compiled, `KeyError` for a type unknown."""
    name = Name(resource_type, found.code, edition)
    places: tuple[jsonpath.Found, ...] = ()
    with suppress(expressions.Unsupported):
        places = jsonpath.paths(found.expression, resource_type)
    extract = expressions.compile(found.expression, resource_type)
    rank = _rank(found, places)
    if found.type == "composite":
        rows, clause = _composite(found, places)
    else:
        rows, clause = _MODULES[found.type]
    return Parameter(
        name, found.type, found.url, found.targets, extract, rows, clause, places, rank, _systems(places), ready
    )


def _systems(places: Iterable[jsonpath.Found]) -> frozenset[str]:
    bound = (place.codes for place in places if place.type == "code")
    return frozenset(system for codes in bound for system in definitions.value_set(codes))


def _rank(found: SearchParameter, places: tuple[jsonpath.Found, ...]) -> int:
    if found.code == "identifier":
        return IDENTIFIER
    closed = bool(places) and all(place.type in {"code", "boolean"} for place in places)
    return CATEGORY if closed or found.code in _CATEGORIES or not places else CODE


def _composite(found: SearchParameter, places: tuple[jsonpath.Found, ...]) -> tuple[Rows, Callable[[Asked], Clause]]:
    elements = [place.type for place in places]
    said = [part.expression for part in found.components]
    first, second = (
        Part(
            definitions.search_parameter_type(part.definition),
            {kind: expressions.compile(expression, kind) for kind in elements},
        )
        for part, expression in zip(found.components, said[::-1] if found.url == _CONFUSED else said, strict=True)
    )

    def rows(name: Name, values: list[expressions.Value], into: Found) -> None:
        composite.rows(name, (first, second), values, into)

    return rows, lambda asked: composite.clause(asked, (first, second))


@cache
def _shipped(resource_type: str) -> dict[str, Parameter]:
    base = definitions.search_parameters(resource_type)
    return {
        code: compiled(found, resource_type)
        for code, found in {**base, **_own(resource_type)}.items()
        if found.expression and code not in _COLUMNS and _is_known(found)
    }


def _is_known(found: SearchParameter) -> bool:
    """All but the composites of MolecularSequence, of a code and two numbers."""
    return found.type in _MODULES or (found.type == "composite" and len(found.components) == _PARTS)


def _clock(known: Mapping[str, Parameter]) -> Parameter | None:
    return next((known[code] for code in _CLOCKS if code in known and known[code].kind == "date"), None)


def _own(resource_type: str) -> Mapping[str, SearchParameter]:
    return {
        found["code"]: defined(found)
        for found in package.resources("search-parameters")
        if resource_type in found["base"]
    }


def defined(found: Resource) -> SearchParameter:
    """A SearchParameter resource as our definitions hold it."""
    components: Iterable[Resource] = found.get("component", ())
    return SearchParameter(
        code=found["code"],
        url=found["url"],
        type=found["type"],
        expression=found.get("expression", ""),
        targets=tuple(found.get("target", ())),
        components=tuple(Component(part["definition"], part["expression"]) for part in components),
        bases=tuple(found.get("base", ())),
    )

"""What can be searched: the parameters of every resource type, each with the module that understands it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.search import date, expressions, reference, string, token, uri
from gateway.search.terms import Name
from profiles import definitions, package

MODULES: Mapping[str, Any] = {"token": token, "date": date, "string": string, "reference": reference, "uri": uri}

_COMMON = ("_id", "_lastUpdated")
"""Columns of the resource itself; the query knows them, the index need not."""

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
    """A FHIR search parameter type, one of `MODULES`."""
    url: str
    targets: tuple[str, ...]
    extract: expressions.Extract
    rows: Callable[[Name, list[expressions.Value]], set[Any]]
    """What its module indexes of the values: keys, words or intervals."""


@cache
def parameters(resource_type: str) -> Mapping[str, Parameter]:
    """The parameters of a type that are indexed, by code."""
    base = definitions.search_parameters(resource_type)
    return {
        code: Parameter(
            Name(resource_type, code),
            found.type,
            found.url,
            found.targets,
            expressions.compile(found.expression, resource_type),
            MODULES[found.type].rows,
        )
        for code, found in {**base, **_own(resource_type)}.items()
        if found.type in MODULES and found.expression and code not in _COMMON
    }


@cache
def clock(resource_type: str) -> Parameter | None:
    """The date parameter by which resources of a type are ordered, where the type has one."""
    known = parameters(resource_type)
    return next((known[code] for code in _CLOCKS if code in known and known[code].kind == "date"), None)


def _own(resource_type: str) -> Mapping[str, definitions.SearchParameter]:
    return {
        found["code"]: definitions.SearchParameter(
            code=found["code"],
            url=found["url"],
            type=found["type"],
            expression=found["expression"],
            targets=tuple(found.get("target", ())),
            components=(),
        )
        for found in package.resources("search-parameters")
        if resource_type in found["base"]
    }

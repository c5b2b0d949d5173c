"""Search parameter expressions compiled to closures over decoded resources. https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

from gateway.search import fhirpath_subset as fhirpath
from gateway.search.fhirpath_subset import As, Index, Name, Path, Test, Unsupported, Where
from profiles import definitions
from profiles.json import Resource

__all__ = ["Extract", "Unsupported", "Value", "compile"]

Value = tuple[str, Any]
"""A FHIR type and what was found of it: a dict for `Period` or `Observation.component`, a str for `code`
or `dateTime`, a bool, an int, an int or Decimal for `decimal`. The type decides; nothing else comes out."""
Extract = Callable[[Resource], list[Value]]
Node = Any
"""A decoded JSON value, of a class that its FHIR type allows."""
Visit = Callable[[Node, list[Value]], None]
"""Adds to the list what a path leads to from one node."""
Visits = dict[str, Visit | None]
"""By type of node; None where the path has ended."""
Check = Callable[[Node], bool | None]
"""A test of one node: true, false, or FHIRPath's empty."""


_CLASSES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "positiveInt": (int,),
    "unsignedInt": (int,),
    "decimal": (int, Decimal, float),
}
"""What JSON of a FHIR type decodes to; of other types, str for the primitive and dict for the complex."""
_REFERENCE = re.compile(r"(?:[^?#]*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?", re.ASCII)
_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"


def compile(expression: str, resource_type: str) -> Extract:  # noqa: A001 - as in re.compile
    """What `expression` finds in a `resource_type`, in document order; never raises for wrong data.

    Of a union over many types only the paths of this one remain; duplicates stay, an index does not mind.
    A test (`deceased.exists() and deceased != false`) gives one boolean. The type may be that of an inner
    element (`Observation.component`), for the parts of composite parameters; `%resource` is then unknown.
    Raises `Unsupported`, naming the expression, for what is outside the subset or leads nowhere, and
    `KeyError` for a type that R4 does not have.
    """
    try:
        parsed = fhirpath.parse(expression)
        if isinstance(parsed, tuple):
            return _collecting(_union(parsed, resource_type))
        check = _check(parsed, resource_type)
    except Unsupported as error:
        raise Unsupported(f"`{expression[:200]}` of {resource_type}: {error}") from None
    return lambda resource: [] if (answer := check(resource)) is None else [("boolean", answer)]


def _collecting(visit: Visit) -> Extract:
    def extract(resource: Resource) -> list[Value]:
        found: list[Value] = []
        visit(resource, found)
        return found

    return extract


def _union(union: fhirpath.Union, type_name: str) -> Visit:
    """The paths that start at this type, or at no type by name."""
    heads = {type_name, "Resource", "DomainResource", "%resource"}
    visits = []
    for path in union:
        match path[0]:
            case Name(name) if name in heads:
                visits.append(_path(path[1:], type_name))
            case Name(name) if not name[0].isupper():
                visits.append(_path(path, type_name))
    if not visits:
        raise Unsupported("no path is about this type")
    return visits[0] if len(visits) == 1 else _each(tuple(visits))


def _each(visits: tuple[Visit, ...]) -> Visit:
    def visit(node: Node, found: list[Value]) -> None:
        for one in visits:
            one(node, found)

    return visit


def _path(path: Path, type_name: str) -> Visit:
    """Types are followed forwards, then closures built backwards: one for each type at each step."""
    for at, step in enumerate(path):
        if isinstance(step, Index):
            return _indexed(path[:at], step.at, path[at + 1 :], type_name)
    reached = _reached(path, type_name)
    visits: Visits = dict.fromkeys(reached[-1])
    for step, types in zip(reversed(path), reversed(reached[:-1]), strict=True):
        visits = _before(step, types, visits)
    if type_name not in visits:
        raise Unsupported("a path leads nowhere")
    return visits[type_name] or _found(type_name)


def _indexed(before: Path, at: int, after: Path, type_name: str) -> Visit:
    reached = _reached(before, type_name)[-1]
    if len(reached) != 1:
        raise Unsupported("an index into several types")
    collect = _collecting(_path(before, type_name))
    then = _path(after, reached[0])

    def visit(node: Node, found: list[Value]) -> None:
        for _, item in collect(node)[at : at + 1]:
            then(item, found)

    return visit


def _reached(path: Path, type_name: str) -> list[list[str]]:
    """The types possible before the first step, and after each."""
    reached = [[type_name]]
    for step in path:
        match step:
            case Name(name):
                following = (inner for outer in reached[-1] for inner in members(outer, name).values())
                reached.append(list(dict.fromkeys(following)))
            case As(name):
                # 4.0.1 writes `value.as(DateTime)` too.
                reached.append([known for known in reached[-1] if known.casefold() == name.casefold()])
            case _:
                reached.append(reached[-1])
    return reached


def _before(step: fhirpath.Step, types: list[str], visits: Visits) -> Visits:
    """The visits of nodes before `step`, given those after it; of types that lead on only."""
    match step:
        case Name(name):
            fields = {kind: _fields(members(kind, name), visits) for kind in types}
            return {kind: _choice(ways) for kind, ways in fields.items() if ways}
        case Where(test):
            checks = _checks(test, visits)
            return {kind: _where(check, visits[kind] or _found(kind)) for kind, check in checks.items()}
        case _:
            return visits


def members(type_name: str, name: str) -> Mapping[str, str]:
    """JSON member → type of what FHIRPath calls `name`: several for a choice, none where there is no such."""
    return _elements(type_name).get(name, {})


@cache
def _elements(type_name: str) -> Mapping[str, Mapping[str, str]]:
    """None of a primitive: an expression sees its value alone, and not what `_name` says beside it."""
    if definitions.is_primitive(type_name):
        return {}
    return {known.name.removesuffix("[x]"): known.json_names for known in definitions.elements(type_name)}


def _fields(members: Mapping[str, str], visits: Visits) -> tuple[tuple[str, Visit], ...]:
    return tuple(
        (key, _field(key, held, then) if (then := visits[kind]) else _leaf(key, held, kind))
        for key, kind in members.items()
        if kind in visits
        for held in _CLASSES.get(kind, (str if definitions.is_primitive(kind) else dict,))
    )


def _choice(fields: tuple[tuple[str, Visit], ...]) -> Visit:
    if len(fields) == 1:
        return fields[0][1]

    def visit(node: Node, found: list[Value]) -> None:
        for key, way in fields:
            if key in node:
                way(node, found)

    return visit


def _field(key: str, held: type, then: Visit) -> Visit:
    def visit(node: Node, found: list[Value]) -> None:
        value = node.get(key)
        if value.__class__ is held:
            then(value, found)
        elif value.__class__ is list:
            for item in value:
                if item.__class__ is held:
                    then(item, found)

    return visit


def _leaf(key: str, held: type, type_name: str) -> Visit:
    """`_field` and `_found` in one, for speed."""

    def visit(node: Node, found: list[Value]) -> None:
        value = node.get(key)
        if value.__class__ is held:
            found.append((type_name, value))
        elif value.__class__ is list:
            for item in value:
                if item.__class__ is held:
                    found.append((type_name, item))  # noqa: PERF401 - slower for the one item that most have

    return visit


def _found(type_name: str) -> Visit:
    return lambda node, found: found.append((type_name, node))


def _where(check: Check, then: Visit) -> Visit:
    def visit(node: Node, found: list[Value]) -> None:
        if check(node):
            then(node, found)

    return visit


def _checks(test: Test, types: Iterable[str]) -> dict[str, Check]:
    """By type; of a choice, a test may suit some of the types only."""
    checks = {}
    for name in types:
        with suppress(Unsupported):
            checks[name] = _check(test, name)
    return checks


def _check(test: Test, type_name: str) -> Check:
    match test:
        case fhirpath.ResolvesTo(target) if type_name == "Reference":
            return _resolves_to(target)
        case fhirpath.Exists(operand):
            extract = _collecting(_union(operand, type_name))
            return lambda node: bool(extract(node))
        case fhirpath.Compared(((Name(key),),), str(literal), True) if len(members(type_name, key)) == 1:
            return _equal(key, literal)
        case fhirpath.Compared(operand):
            return _compared(test, _collecting(_union(operand, type_name)))
        case fhirpath.And(tests):
            return _all(tuple(_check(part, type_name) for part in tests))
        case _:
            raise Unsupported(f"resolve() of {type_name}")


def _equal(key: str, literal: str) -> Check:
    """`_compared` for the one shape that is hot: `system='phone'`."""
    equal = (literal, [literal])
    return lambda node: node.get(key) in equal


def _compared(test: fhirpath.Compared, extract: Extract) -> Check:
    literal, equal = test.literal, test.equal

    def check(node: Node) -> bool | None:
        found = extract(node)
        if not found:
            return None
        value = found[0][1]
        same = len(found) == 1 and value.__class__ is literal.__class__ and value == literal
        return same is equal

    return check


def _all(checks: tuple[Check, ...]) -> Check:
    """Three-valued: false wins over empty, empty over true."""

    def check(node: Node) -> bool | None:
        answer: bool | None = True
        for one in checks:
            told = one(node)
            if told is False:
                return False
            answer = None if told is None else answer
        return answer

    return check


def _resolves_to(target: str) -> Check:
    """Told from the literal reference, or from `type` where that tells nothing; no look at the target.

    A contained target is known by `Reference.type` only.
    """
    types = (target, _STRUCTURE + target)

    def check(reference: Node) -> bool:
        literal = reference.get("reference")
        told = _REFERENCE.fullmatch(literal) if literal.__class__ is str else None
        return (told[1] if told else reference.get("type")) in types

    return check

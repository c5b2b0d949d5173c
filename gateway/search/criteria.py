"""One parameter of a search as a clause: plain, chained, in reverse, or one of the common ones.

https://hl7.org/fhir/R4/search.html#chaining
"""

from collections.abc import Callable, Sequence
from typing import Literal

from gateway.errors import BadRequest, NotSupported
from gateway.search import date, filters, text
from gateway.search.context import Context, require_ready, seen
from gateway.search.parameters import Parameter
from gateway.search.terms import (
    IDENTITY,
    LAST,
    Asked,
    Clause,
    Condition,
    Linked,
    LinkedBy,
    Name,
    Not,
    Present,
    Targets,
    any_of,
    escape,
    key,
    unescape,
)
from gateway.search.text import DOCUMENT, no_modifier
from gateway.storage.hashes import target
from profiles import definitions

_TABLES: dict[str, Literal["words", "span", "amount"]] = {
    "string": "words",
    "uri": "words",
    "date": "span",
    "number": "amount",
    "quantity": "amount",
    "special": "amount",
}
_DEEPEST = 8
_OPPOSITES = {"not": "", "not-in": "in"}


def clause(types: tuple[str, ...], full: str, values: list[str], context: Context) -> Clause | None:
    """None for a parameter that the types do not have; the values are alternatives, escaped."""
    if context.depth > _DEEPEST:
        raise BadRequest(
            "FD-SEARCH-DEPTH",
            f"链式检索最多 {_DEEPEST} 层。",
            f"A chain has at most {_DEEPEST} links.",
        )
    if full.startswith("_has:"):
        return _has(types, full, values, context)
    head, dot, rest = full.partition(".")
    if dot:
        return _chain(types, head, rest, values, context)
    code, _, modifier = full.partition(":")
    if code in _COMMON:
        return _COMMON[code](types, Asked(Name("Resource", code), modifier, values, (), context.now), context)
    found = [parameter for one in types if (parameter := context.catalogue.of(one).get(code)) is not None]
    if len(found) != len(types):
        return None
    opposite = _opposite(found, modifier, values)
    if opposite:
        return Not(any_of(_of(parameter, *opposite, context) for parameter in found))
    return any_of(_of(parameter, modifier, values, context) for parameter in found)


def _opposite(found: Sequence[Parameter], modifier: str, values: list[str]) -> tuple[str, list[str]] | None:
    """The modifier and values of which these are the opposite: what satisfies them for no type at all is meant."""
    if modifier in _OPPOSITES and all(parameter.kind == "token" for parameter in found):
        return _OPPOSITES[modifier], values
    return (modifier, ["false"]) if modifier == "missing" and values == ["true"] else None


def _of(parameter: Parameter, modifier: str, values: list[str], context: Context) -> Clause:
    require_ready(parameter, context.catalogue)
    if modifier == "missing":
        return _missing(parameter, values)
    own = [value.removeprefix(f"{context.base}/") for value in values] if parameter.kind == "reference" else values
    return parameter.clause(
        Asked(
            parameter.name,
            modifier,
            own,
            parameter.targets,
            context.now,
            parameter.rank,
            context.terminology,
            parameter.systems,
        )
    )


def _missing(parameter: Parameter, values: list[str]) -> Clause:
    if values != ["false"]:  # of "true" it is the opposite, made of all types together
        raise BadRequest(
            "FD-SEARCH-MISSING",
            f"{parameter.name.code}:missing 的值应为 true 或 false。",
            f"The value of {parameter.name.code}:missing is true or false.",
        )
    present: Clause
    if parameter.kind in _TABLES:
        present = Present(_TABLES[parameter.kind], (key(parameter.name),))
    elif parameter.places:
        paths = {f"path{number}": place.path for number, place in enumerate(parameter.places)}
        sql = " OR ".join(f"jsonb_path_exists({DOCUMENT}, %({name}_{{n}})s::jsonpath)" for name in paths)
        present = Condition("resource", sql, paths, rank=LAST)
    else:
        raise NotSupported(
            "FD-SEARCH-MISSING",
            f"检索参数 {parameter.name.code} 不支持 :missing。",
            f"Search parameter {parameter.name.code} does not support :missing.",
        )
    return present


# Chains


def _chain(types: tuple[str, ...], head: str, rest: str, values: list[str], context: Context) -> Clause | None:
    found = [_linked(one, head, rest, values, context) for one in types]
    if any(one is None for one in found):
        return None
    return any_of(one for one in found if one is not None)


def _linked(resource_type: str, head: str, rest: str, values: list[str], context: Context) -> Clause | None:
    """Of the types that a reference may lead to, those that have the parameter at the end of the chain."""
    code, _, only = head.partition(":")
    parameter = context.catalogue.of(resource_type).get(code)
    if parameter is None:
        return None
    if parameter.kind != "reference":
        raise BadRequest(
            "FD-SEARCH-CHAIN",
            f"{code[:64]} 不是引用类检索参数,不能用于链式检索。",
            f"{code[:64]} is not a reference parameter, so nothing can be chained to it.",
        )
    require_ready(parameter, context.catalogue)
    possible = parameter.targets or tuple(sorted(definitions.resource_types()))
    if only and only not in possible:
        return None
    links: list[Clause] = []
    for one in (only,) if only else possible:
        inner = clause((one,), rest, values, context.deeper())
        if inner is not None:
            links.append(Linked((key(parameter.name),), (one,), seen(one, inner, context)))
    return any_of(links) if links else None


def _has(types: tuple[str, ...], full: str, values: list[str], context: Context) -> Clause | None:
    _, source, code, rest = (*full.split(":", 3), "", "", "")[:4]
    known = context.catalogue.of(source).get(code) if source in definitions.resource_types() else None
    if known is None or known.kind != "reference" or not rest:
        raise BadRequest(
            "FD-SEARCH-HAS",
            "_has 应写作 _has:资源类型:引用参数:检索参数。",
            "_has is written _has:Type:reference-parameter:parameter.",
        )
    require_ready(known, context.catalogue)
    inner = clause((source,), rest, values, context.deeper())
    if inner is None:
        raise unknown((source,), rest, context)
    return LinkedBy((key(known.name),), types, seen(source, inner, context))


# Parameters of every type


def _ids(types: tuple[str, ...], asked: Asked, _: Context) -> Clause:
    if asked.modifier not in {"", "not"}:
        raise no_modifier(asked)
    refs = [target(f"{one}/{unescape(value)}") for one in types for value in asked.values]
    found = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", {"refs": refs}, rank=IDENTITY)
    return Not(found) if asked.modifier else found


def _last_updated(_: tuple[str, ...], asked: Asked, __: Context) -> Clause:
    """The same comparison as of any date, over the resource's own column."""
    if asked.modifier:
        raise no_modifier(asked)
    choices = []
    for value in asked.values:
        found = date.compared(asked, value, 0, "resource")
        sql = found.sql.replace("x.low", "x.last_updated").replace("x.high", "(x.last_updated + 1)")
        choices.append(Condition("resource", sql, found.parameters, rank=LAST))
    return any_of(choices)


def _list(types: tuple[str, ...], asked: Asked, context: Context) -> Clause:
    """What a List lists."""
    if asked.modifier:
        raise no_modifier(asked)
    inner = seen("List", _ids(("List",), asked, context), context)
    return LinkedBy((key(Name("List", "item")),), types, inner)


def _filter(types: tuple[str, ...], asked: Asked, context: Context) -> Clause:
    """A whole expression; its commas are its own."""

    def one(path: str, operator: str, value: str) -> Clause:
        found = _compared(types, path, operator, value, context)
        if found is None:
            raise unknown(types, path, context)
        return found

    return filters.clause(unescape(",".join(asked.values)), one)


_MODIFIERS = {"co": "contains", "ss": "above", "sb": "below", "in": "in", "ni": "not-in"}
"""Operators of a filter that are modifiers of a search."""


def _compared(types: tuple[str, ...], path: str, operator: str, value: str, context: Context) -> Clause | None:
    escaped = escape(value)
    match operator:
        case "eq" | "ne" | "re" | "sw":
            known = context.catalogue.of(types[0]).get(path)
            exact = known is not None and known.kind == "string" and operator in {"eq", "ne"}
            found = clause(types, f"{path}:exact" if exact else path, [escaped], context)
            return Not(found) if found and operator == "ne" else found
        case "pr":
            return clause(types, f"{path}:missing", ["false" if value == "true" else "true"], context)
        case _ if operator in _MODIFIERS:
            return clause(types, f"{path}:{_MODIFIERS[operator]}", [escaped], context)
        case _:
            return clause(types, path, [f"{operator}{escaped}"], context)


_COMMON: dict[str, Callable[[tuple[str, ...], Asked, Context], Clause]] = {
    "_id": _ids,
    "_lastUpdated": _last_updated,
    "_list": _list,
    "_text": text.clause,
    "_content": text.clause,
    "_filter": _filter,
}


def compartment(name: str, resource_id: str, resource_type: str) -> Clause | None:
    """What is in a compartment (https://hl7.org/fhir/R4/compartmentdefinition.html), of one type; None for nothing."""
    focus = f"{name}/{resource_id}"
    codes = definitions.compartment(name).get(resource_type, ())
    clauses: list[Clause] = []
    if codes:
        keys = tuple(key(Name(resource_type, code)) for code in codes)
        clauses.append(Targets(keys, (target(focus),)))
    if resource_type == name:
        own = {"refs": [target(focus)]}
        clauses.append(Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", own, rank=IDENTITY))
    return any_of(clauses) if clauses else None


def unknown(types: tuple[str, ...], full: str, context: Context) -> BadRequest:
    """The error for a parameter that the types do not have; says which there are."""
    common = set.intersection(*(set(context.catalogue.of(one)) for one in types))
    known = ", ".join(sorted([*common, *_COMMON]))
    name = types[0] if len(types) == 1 else "_type"
    shown = full.partition("=")[0][:64]
    return BadRequest(
        "FD-SEARCH-UNKNOWN",
        f"{name} 没有检索参数 {shown};可用:{known}。或加请求头 Prefer: handling=lenient 忽略它。",
        f"{name} has no search parameter {shown}; it has: {known}. "
        "Or send Prefer: handling=lenient to have it ignored.",
    )

"""One parameter of a search as a clause: plain, chained, in reverse, or one of the common ones.

https://hl7.org/fhir/R4/search.html#chaining
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from gateway.errors import BadRequest, NotSupported
from gateway.search import date, filters
from gateway.search.parameters import Catalogue, Parameter
from gateway.search.terms import (
    IDENTITY,
    LAST,
    All,
    AnyOf,
    Asked,
    Clause,
    Condition,
    Keyed,
    Linked,
    LinkedBy,
    Name,
    Not,
    Present,
    Targets,
    ValueSets,
    any_of,
    escape,
    key,
    unescape,
)
from gateway.storage.hashes import target
from profiles import definitions, json

_TABLES: dict[str, Literal["words", "span", "amount"]] = {
    "string": "words",
    "uri": "words",
    "date": "span",
    "number": "amount",
    "quantity": "amount",
    "special": "amount",
}
_DEEPEST = 8
_WORDS = 20
"""Of one `_text` or `_content`: each is another reading of the resource."""
_OPPOSITES = {"not": "", "not-in": "in"}
_DOCUMENT = "nullif(convert_from(x.content, 'UTF8'), '')::jsonb"
"""Null for a deleted resource, which the planner may look at before it asks whether it is one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the parameters of a search mean something in."""

    catalogue: Catalogue
    now: datetime
    base: str = ""
    """The FHIR base, by which references to our own resources may be written."""
    permitted: Callable[[str], Clause | None] = lambda _: None
    """What the caller may see of a type; None for all of it. Raises where it is nothing."""
    searchable: Callable[[str], bool] = lambda _: True
    """Whether the caller may search a type at all."""
    value_set: ValueSets = lambda _: None

    depth: int = 0
    """Of the chain that we are in."""

    def deeper(self) -> "Context":
        return replace(self, depth=self.depth + 1)

    def restrictions(self, types: Sequence[str]) -> list[Clause]:
        """What the caller may see of these types, as clauses that must all hold."""
        seen = [(one, self.permitted(one)) for one in types]
        if all(clause is None for _, clause in seen):
            return []
        return [any_of(_within(one, clause) for one, clause in seen if clause != AnyOf(()))]


def _within(resource_type: str, clause: Clause | None) -> Clause:
    """What is found by a key is of the key's own type."""
    if isinstance(clause, Keyed | Targets):
        return clause
    return _of_type(resource_type) if clause is None else All((_of_type(resource_type), clause))


def _of_type(resource_type: str) -> Condition:
    return Condition("resource", "x.type = %(type_{n})s", {"type": resource_type}, rank=LAST)


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
            context.value_set,
            parameter.systems,
        )
    )


def require_ready(parameter: Parameter, catalogue: Catalogue) -> None:
    if not parameter.ready:
        done, total = catalogue.progress.get(parameter.name.edition, (0, 0))
        raise NotSupported(
            "FD-SEARCH-BACKFILL",
            f"检索参数 {parameter.name.code} 正在为已有资源建立索引(已完成 {done} / {total}),完成后方可使用。",
            f"The index of search parameter {parameter.name.code} is still being made ({done} of {total} resources); "
            "use it when that is done.",
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
        sql = " OR ".join(f"jsonb_path_exists({_DOCUMENT}, %({name}_{{n}})s::jsonpath)" for name in paths)
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
            links.append(Linked((key(parameter.name),), (one,), _seen(one, inner, context)))
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
    return LinkedBy((key(known.name),), types, _seen(source, inner, context))


def _seen(resource_type: str, inner: Clause, context: Context) -> Clause:
    """Nobody learns through a chain of what he may not search."""
    permitted = context.permitted(resource_type)
    return inner if permitted is None else All((inner, permitted))


# Parameters of every type


def _ids(types: tuple[str, ...], asked: Asked, _: Context) -> Clause:
    if asked.modifier not in {"", "not"}:
        raise _no_modifier(asked)
    refs = [target(f"{one}/{unescape(value)}") for one in types for value in asked.values]
    found = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", {"refs": refs}, rank=IDENTITY)
    return Not(found) if asked.modifier else found


def _last_updated(_: tuple[str, ...], asked: Asked, __: Context) -> Clause:
    """The same comparison as of any date, over the resource's own column."""
    if asked.modifier:
        raise _no_modifier(asked)
    choices = []
    for value in asked.values:
        found = date.compared(asked, value, 0, "resource")
        sql = found.sql.replace("x.low", "x.last_updated").replace("x.high", "(x.last_updated + 1)")
        choices.append(Condition("resource", sql, found.parameters, rank=LAST))
    return any_of(choices)


def _list(types: tuple[str, ...], asked: Asked, context: Context) -> Clause:
    """What a List lists."""
    if asked.modifier:
        raise _no_modifier(asked)
    inner = _seen("List", _ids(("List",), asked, context), context)
    return LinkedBy((key(Name("List", "item")),), types, inner)


def _text(_: tuple[str, ...], asked: Asked, __: Context) -> Clause:
    """All the words stand in the narrative (`_text`) or anywhere in the content (`_content`): read, not indexed."""
    if asked.modifier:
        raise _no_modifier(asked)
    place = "$.text.div" if asked.name.code == "_text" else "strict $.**"
    alternatives = [unescape(value).split() for value in asked.values]
    if sum(map(len, alternatives)) > _WORDS:
        raise BadRequest(
            "FD-SEARCH-MANY",
            f"{asked.name.code} 最多 {_WORDS} 个词。",
            f"{asked.name.code} takes {_WORDS} words at most.",
        )
    return any_of(All(tuple(_word(place, word) for word in words)) for words in alternatives)


def _word(place: str, word: str) -> Condition:
    pattern = json.dumps(word).decode()
    path = f'{place} ? (@.type() == "string" && @ like_regex {pattern} flag "qi")'
    sql = f"jsonb_path_exists({_DOCUMENT}, %(path_{{n}})s::jsonpath)"
    return Condition("resource", sql, {"path": path}, rank=LAST)


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
    text = escape(value)
    match operator:
        case "eq" | "ne" | "re" | "sw":
            known = context.catalogue.of(types[0]).get(path)
            exact = known is not None and known.kind == "string" and operator in {"eq", "ne"}
            found = clause(types, f"{path}:exact" if exact else path, [text], context)
            return Not(found) if found and operator == "ne" else found
        case "pr":
            return clause(types, f"{path}:missing", ["false" if value == "true" else "true"], context)
        case _ if operator in _MODIFIERS:
            return clause(types, f"{path}:{_MODIFIERS[operator]}", [text], context)
        case _:
            return clause(types, path, [f"{operator}{text}"], context)


def _no_modifier(asked: Asked) -> NotSupported:
    return NotSupported(
        "FD-SEARCH-MODIFIER",
        f"检索参数 {asked.name.code} 不支持修饰符 :{asked.modifier[:64]}。",
        f"Search parameter {asked.name.code} does not support the modifier :{asked.modifier[:64]}.",
    )


_COMMON: dict[str, Callable[[tuple[str, ...], Asked, Context], Clause]] = {
    "_id": _ids,
    "_lastUpdated": _last_updated,
    "_list": _list,
    "_text": _text,
    "_content": _text,
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

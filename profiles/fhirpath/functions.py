"""The functions of FHIRPath and of FHIR whose arguments are values. https://hl7.org/fhirpath/N1/#functions"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from profiles.fhirpath import nodes
from profiles.fhirpath.numbers import NUMBERS
from profiles.fhirpath.operators import answer, distinct, only, truth, union
from profiles.fhirpath.strings import STRINGS
from profiles.fhirpath.values import Moment, identity, moment, plain, time_of_day
from profiles.fhirpath.world import Items, Scope, UndecidedError
from profiles.primitives import PRIMITIVES

Function = Callable[..., Items]
"""From the collection, the scope, and the collection of each argument."""
COMPARING = frozenset({"subsetOf", "supersetOf", "distinct", "isDistinct", "intersect", "exclude", "union"})
"""Those that look at the whole of every item."""
_RESOLVING = 5
_ASKING = 50
"""As much work as looking at so many elements."""


# What is there


def _not(items: Items, _: Scope) -> Items:
    value = truth(items)
    return [] if value is None else [not value]


def _all_are(*, wanted: bool) -> Function:
    return lambda items, _: [all(plain(item) is wanted for item in items)]


def _any_is(*, wanted: bool) -> Function:
    return lambda items, _: [any(plain(item) is wanted for item in items)]


def _is_within(items: Items, others: Items) -> bool:
    return {identity(item) for item in items} <= {identity(item) for item in others}


# Parts of a collection


def _single(items: Items, _: Scope) -> Items:
    if len(items) > 1:
        raise UndecidedError("one value expected, several found")
    return items


def _count(items: Items) -> int:
    value = only(items)
    if type(value) is not int:
        raise UndecidedError("a whole number is expected")
    return value


def _common(items: Items, _: Scope, others: Items) -> Items:
    wanted = {identity(item) for item in others}
    return distinct([item for item in items if identity(item) in wanted])


def _without(items: Items, _: Scope, others: Items) -> Items:
    unwanted = {identity(item) for item in others}
    return [item for item in items if identity(item) not in unwanted]


def _children(items: Items, scope: Scope) -> Items:
    return _reached(items, scope, nodes.children)


def _descendants(items: Items, scope: Scope) -> Items:
    return _reached(items, scope, nodes.descendants)


def _reached(items: Items, scope: Scope, ways: Callable[[nodes.Node], Any]) -> Items:
    found: Items = []
    for item in items:
        before = len(found)
        found += ways(item) if type(item) is tuple else ()
        scope.effort.spend(len(found) - before)
    return found


# Clocks


def _now(_items: Items, _scope: Scope) -> Items:
    return [moment(datetime.now(tz=UTC).astimezone().isoformat(timespec="milliseconds"))]


def _today(_items: Items, _scope: Scope) -> Items:
    return [moment(datetime.now(tz=UTC).astimezone().date().isoformat())]


def _time_of_day(_items: Items, _scope: Scope) -> Items:
    return [time_of_day(datetime.now(tz=UTC).astimezone().time().isoformat())]


# FHIR's own. https://hl7.org/fhir/R4/fhirpath.html#functions


def _extension(items: Items, _: Scope, url: Items) -> Items:
    wanted, found = only(url), (item for item in items if type(item) is tuple)
    every = (one for item in found for one in nodes.child(item, "extension"))
    return [one for one in every if type(one[0]) is dict and one[0].get("url") == wanted]


def _has_value(items: Items, _: Scope) -> Items:
    return [len(items) == 1 and _is_value(items[0])]


def _is_value(item: Any) -> bool:  # noqa: ANN401 - any item
    return plain(item) is not None and not isinstance(plain(item), (dict, list))


def _get_value(items: Items, scope: Scope) -> Items:
    return [plain(items[0])] if _has_value(items, scope) == [True] else []


def _resolve(items: Items, scope: Scope) -> Items:
    found = []
    scope.effort.spend(_RESOLVING * len(items))
    for item in items:
        value = plain(item)
        reference = value.get("reference") if isinstance(value, dict) else value
        target = scope.world.resolve(reference) if isinstance(reference, str) else None
        found += [target] if target is not None else []
    return found


def _member_of(items: Items, scope: Scope, value_set: Items) -> Items:
    scope.effort.spend(_ASKING)
    url = only(value_set)
    return answer(scope.world.member_of(str(url), items[0])) if url and only(items) is not None else []


def _conforms_to(items: Items, scope: Scope, profile: Items) -> Items:
    url = only(profile)
    return answer(scope.world.conforms_to(str(url), items[0])) if url and only(items) is not None else []


def _html_checks(items: Items, scope: Scope) -> Items:
    scope.effort.weigh(items)
    return [all(type(value := plain(item)) is str and bool(PRIMITIVES["xhtml"].accepts(value)) for item in items)]


def _type(items: Items, _: Scope) -> Items:
    return [{"namespace": "FHIR", "name": item[1]} if type(item) is tuple else _system_type(item) for item in items]


def _system_type(value: object) -> dict[str, str]:
    names = {bool: "Boolean", int: "Integer", str: "String", Moment: "DateTime"}
    return {"namespace": "System", "name": names.get(type(value), "Decimal")}


FUNCTIONS: dict[str, Function] = {
    **STRINGS,
    **NUMBERS,
    "empty": lambda items, _: [not items],
    "not": _not,
    "count": lambda items, _: [len(items)],
    "allTrue": _all_are(wanted=True),
    "allFalse": _all_are(wanted=False),
    "anyTrue": _any_is(wanted=True),
    "anyFalse": _any_is(wanted=False),
    "subsetOf": lambda items, _, others: [_is_within(items, others)],
    "supersetOf": lambda items, _, others: [_is_within(others, items)],
    "distinct": lambda items, _: distinct(items),
    "isDistinct": lambda items, _: [len(distinct(items)) == len(items)],
    "single": _single,
    "first": lambda items, _: items[:1],
    "last": lambda items, _: items[-1:],
    "tail": lambda items, _: items[1:],
    "skip": lambda items, _, count: items[max(_count(count), 0) :],
    "take": lambda items, _, count: items[: max(_count(count), 0)],
    "intersect": _common,
    "exclude": _without,
    "union": lambda items, _, others: union(items, others),
    "combine": lambda items, _, others: [*items, *others],
    "children": _children,
    "descendants": _descendants,
    "now": _now,
    "today": _today,
    "timeOfDay": _time_of_day,
    "extension": _extension,
    "hasValue": _has_value,
    "getValue": _get_value,
    "resolve": _resolve,
    "memberOf": _member_of,
    "conformsTo": _conforms_to,
    "htmlChecks": _html_checks,
    "htmlChecks2": _html_checks,
    "type": _type,
}

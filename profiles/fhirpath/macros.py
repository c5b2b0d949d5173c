"""Functions whose arguments are expressions, evaluated for each item or not at all. https://hl7.org/fhirpath/N1/#filtering-and-projection"""

from collections.abc import Callable

from profiles.fhirpath.operators import OPERATORS, truth
from profiles.fhirpath.values import identity
from profiles.fhirpath.world import Items, Scope, Step, TooCostlyError, UndecidedError


def _each(items: Items, scope: Scope, expression: Step) -> list[tuple[object, Items]]:
    scope.effort.spend(1 + len(items))
    return [(item, expression([item], scope.inner(item, index))) for index, item in enumerate(items)]


def _where(criteria: Step) -> Step:
    def where(items: Items, scope: Scope) -> Items:
        return [item for item, found in _each(items, scope, criteria) if truth(found) is True]

    return where


def _exists(criteria: Step | None = None) -> Step:
    if criteria is None:
        return lambda items, _: [bool(items)]
    where = _where(criteria)
    return lambda items, scope: [bool(where(items, scope))]


def _all(criteria: Step) -> Step:
    return lambda items, scope: [all(truth(found) is True for _, found in _each(items, scope, criteria))]


def _select(projection: Step) -> Step:
    return lambda items, scope: [one for _, found in _each(items, scope, projection) for one in found]


def _repeat(projection: Step) -> Step:
    def repeat(items: Items, scope: Scope) -> Items:
        seen: dict[object, object] = {}
        waiting = items
        while waiting:
            found = [one for _, each in _each(waiting, scope, projection) for one in each]
            scope.effort.weigh(found)
            waiting = []
            for one in found:
                name = identity(one)
                if name not in seen:
                    seen[name] = one
                    waiting.append(one)
        return list(seen.values())

    return repeat


def _iif(condition: Step, then: Step, otherwise: Step | None = None) -> Step:
    def iif(items: Items, scope: Scope) -> Items:
        scope.effort.spend(1)
        scope = Scope(items, scope.world, scope.context, scope.index, scope.total)
        if truth(condition(items, scope)) is True:
            return then(items, scope)
        return otherwise(items, scope) if otherwise else []

    return iif


def _aggregate(aggregator: Step, initial: Step | None = None) -> Step:
    def aggregate(items: Items, scope: Scope) -> Items:
        total = initial(scope.this, scope) if initial else []
        scope.effort.spend(1 + len(items))
        for index, item in enumerate(items):
            inner = scope.inner(item, index)
            inner.total = total
            total = aggregator([item], inner)
        return total

    return aggregate


def _trace(_name: Step, _projection: Step | None = None) -> Step:
    return lambda items, _: items


MACROS: dict[str, Callable[..., Step]] = {
    "where": _where,
    "exists": _exists,
    "all": _all,
    "select": _select,
    "repeat": _repeat,
    "iif": _iif,
    "aggregate": _aggregate,
    "trace": _trace,
}


# What the left side decides, the right side need not be asked: it may cost much, or make no sense then.


def _short(name: str, decides: bool, result: bool) -> Callable[[Step, Step], Step]:  # noqa: FBT001 - values themselves
    operator = OPERATORS[name]

    def compiled(left: Step, right: Step) -> Step:
        def evaluate(items: Items, scope: Scope) -> Items:
            scope.effort.spend(1)
            first = left(items, scope)
            if truth(first) is decides:
                return [result]
            try:
                return operator(first, right(items, scope))
            except UndecidedError as error:
                if truth(first) is None and not isinstance(error, TooCostlyError):
                    return []
                raise

        return evaluate

    return compiled


SHORT: dict[str, Callable[[Step, Step], Step]] = {
    "and": _short("and", decides=False, result=False),
    "or": _short("or", decides=True, result=True),
    "implies": _short("implies", decides=False, result=True),
}

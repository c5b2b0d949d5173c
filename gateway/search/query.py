"""What a search asks, read from the parameters of a URL or from our own rules.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.errors import BadRequest, NotSupported
from gateway.search import criteria, order
from gateway.search.context import Context, require_ready
from gateway.search.criteria import unknown
from gateway.search.order import Sort
from gateway.search.parameters import Catalogue
from gateway.search.terms import All, Clause, alternatives, escape, key
from profiles import definitions

Pairs = Sequence[tuple[str, str]]
"""Parameter (with its modifier) and value, as in the URL, decoded."""

MOST = 1000
ALL = 2**31 - 2
"""No limit, for rules that must see everything."""
DEFAULT_COUNT = 50
_RESULT = frozenset(
    [
        "_count",
        "_sort",
        "_total",
        "_cursor",
        "_format",
        "_pretty",
        "_summary",
        "_elements",
        "_type",
        "_contained",
        "_explain",
    ]
)
_INCLUDES = {"_include", "_revinclude"}
_PARAMETERS, _VALUES = 40, 1000
"""Of one search, at most: each parameter is a join, each value of a date is two places in the statement."""
_COLONS = 2
"""In the value of an include."""
_DIGITS = 9
"""Of a count, at most."""


NO_LIMIT = All(())


@dataclass(frozen=True, slots=True)
class Include:
    """Resources that come with the matches: what they refer to, or, in reverse, what refers to them."""

    source: str
    code: str
    """A reference parameter of the source, or `*`."""
    target: str | None
    iterate: bool
    reverse: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of some resource types."""

    types: tuple[str, ...]
    clause: Clause
    applied: tuple[tuple[str, str], ...] = ()
    """The parameters that were understood, for the self link."""
    ignored: tuple[str, ...] = ()
    count: int = DEFAULT_COUNT
    sorts: tuple[Sort, ...] = ()
    """None: in whatever order is found fastest."""
    total: Literal["none", "estimate", "accurate"] = "none"
    includes: tuple[Include, ...] = ()
    brought: Clause = NO_LIMIT
    """What must hold of all that comes along."""
    criteria: int = 0
    """How many parameters restrict what is found."""
    clocks: frozenset[int] = frozenset()
    """Keys of the dates that the index is in order of, of those types that have one."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a page begins, and the snapshot of the data that the first page saw."""

    snapshot: str
    place: tuple[object, ...]
    """What the last match of the page before is ordered by; empty for the first page."""
    included: int | None = None
    """The last included resource that was shown, where a page had more of them than it could show."""
    begun: int | None = None
    """When the first page was read, in seconds since 1970 UTC; None before there is a link."""


def parse(
    resource_type: str | None,
    pairs: Pairs,
    context: Context,
    *,
    lenient: bool = False,
) -> Query:
    """The query that the parameters of a URL ask, of one type or of those in `_type`; unknown ones are an error
    unless `lenient`.
    """
    _require_few(pairs)
    types = (resource_type,) if resource_type else _types(pairs, context)
    about_result = _RESULT if resource_type is None else _RESULT - {"_type"}
    read = _Reading(types, about_result, context, lenient=lenient)
    for full, value in pairs:
        _require_storable(full, value)
        if value:
            read.take(full, value)
    result = read.result
    _require_plain(result)
    counted, shown = result.get("_summary") == "count", count(result.get("_count"))
    return Query(
        types=types,
        clause=All((*read.clauses, *context.restrictions(types))),
        applied=tuple((name, str(shown) if name == "_count" else value) for name, value in read.applied),
        ignored=tuple(read.ignored),
        count=0 if counted else shown,
        sorts=order.sorts(types, result.get("_sort"), context.catalogue),
        total="accurate" if counted else _total(result.get("_total")),
        includes=tuple(read.includes),
        criteria=len(read.clauses),
        clocks=frozenset(key(clock.name) for one in types if (clock := context.catalogue.clock(one)) is not None),
    )


class _Reading:
    """The parameters of a URL, sorted by what they are for."""

    def __init__(
        self, types: tuple[str, ...], about_result: frozenset[str], context: Context, *, lenient: bool
    ) -> None:
        self._types = types
        self._about_result = about_result
        self._context = context
        self._lenient = lenient
        self.clauses: list[Clause] = []
        self.applied: list[tuple[str, str]] = []
        self.ignored: list[str] = []
        self.includes: list[Include] = []
        self.result: dict[str, str] = {}

    def take(self, full: str, value: str) -> None:
        if full.partition(":")[0] in _INCLUDES:
            self.includes += _includes(full, value, self._context.catalogue)
        elif full in self._about_result:
            again = full == "_sort" and full in self.result
            self.result[full] = f"{self.result[full]},{value}" if again else value
        elif not self._is_criterion(full, value):
            self.ignored.append(full)
            return
        self.applied.append((full, value))

    def _is_criterion(self, full: str, value: str) -> bool:
        found = criteria.clause(self._types, full, alternatives(value), self._context)
        if found is not None:
            self.clauses.append(found)
        elif not self._lenient:
            raise unknown(self._types, full, self._context)
        return found is not None


def find(
    resource_type: str, asked: Mapping[str, Iterable[str]], catalogue: Catalogue, now: datetime, limit: int
) -> Query:
    """The query of our own rules: parameter (with modifier) → alternatives, unescaped."""
    context = Context(catalogue, now)
    clauses = []
    for full, values in asked.items():
        found = criteria.clause((resource_type,), full, [escape(value) for value in values], context)
        if found is None:
            raise unknown((resource_type,), full, context)
        clauses.append(found)
    return Query((resource_type,), All(tuple(clauses)), count=limit)


def _types(pairs: Pairs, context: Context) -> tuple[str, ...]:
    """Those of `_type`, or all that the caller may search."""
    asked = [name for full, value in pairs if full == "_type" for name in value.split(",") if name]
    known = definitions.resource_types()
    for name in asked:
        if name not in known:
            raise BadRequest(
                "FD-SEARCH-TYPE",
                f"_type 中的 {name[:64]} 不是 FHIR 4.0.1 的资源类型。",
                f"{name[:64]} in _type is not a resource type of FHIR 4.0.1.",
            )
    return tuple(dict.fromkeys(asked)) or tuple(sorted(filter(context.searchable, known)))


def _includes(full: str, value: str, catalogue: Catalogue) -> list[Include]:
    kind, _, modifier = full.partition(":")
    if modifier not in {"", "iterate", "recurse"}:
        raise _no_include(full)
    reverse = kind == "_revinclude"
    if value == "*":
        return [Include("*", "*", None, bool(modifier), reverse)]
    source, code, target = [*value.split(":"), "", ""][:3]
    known = definitions.resource_types()
    if value.count(":") > _COLONS or source not in known or (target and target not in known):
        raise _no_include(full)
    if code != "*":
        parameter = catalogue.of(source).get(code)
        if parameter is None or parameter.kind != "reference":
            raise _no_include(full)
        require_ready(parameter, catalogue)
    return [Include(source, code, target or None, bool(modifier), reverse)]


def _no_include(full: str) -> BadRequest:
    return BadRequest(
        "FD-SEARCH-INCLUDE",
        f"{full[:64]} 的值应写作 资源类型:引用参数 或 资源类型:引用参数:目标类型,参数须为该类型的引用参数。",
        f"The value of {full[:64]} is written Type:parameter or Type:parameter:TargetType, with a reference parameter "
        "of that type.",
    )


def count(asked: str | None, default: int = DEFAULT_COUNT) -> int:
    """`_count`, or the default, and never more than `MOST`."""
    if asked is None:
        return default
    if not asked.isdecimal() or len(asked) > _DIGITS:
        raise BadRequest("FD-SEARCH-COUNT", "_count 应为非负整数。", "_count takes a whole number, 0 or more.")
    return min(int(asked), MOST)


def _total(asked: str | None) -> Literal["none", "estimate", "accurate"]:
    match asked:
        case None | "none":
            return "none"
        case "estimate" | "accurate":
            return asked
    raise BadRequest(
        "FD-SEARCH-TOTAL", "_total 应为 none、estimate 或 accurate。", "_total is none, estimate or accurate."
    )


def _require_plain(result: Mapping[str, str]) -> None:
    if result.get("_contained", "false") != "false":
        raise NotSupported(
            "FD-SEARCH-CONTAINED",
            "_contained 只支持 false:所含资源不单独检索。",
            "_contained takes false only: contained resources are not found by themselves.",
        )


def _require_few(pairs: Pairs) -> None:
    if len(pairs) > _PARAMETERS or sum(value.count(",") for _, value in pairs) >= _VALUES:
        raise BadRequest(
            "FD-SEARCH-MANY",
            f"一次检索最多 {_PARAMETERS} 个参数、以逗号分隔的值共 {_VALUES} 个;请分次检索。",
            f"A search has at most {_PARAMETERS} parameters and {_VALUES} values between commas; search in parts.",
        )


def _require_storable(full: str, value: str) -> None:
    if "\0" in full or "\0" in value:
        raise BadRequest(
            "FD-SEARCH-CHARACTER",
            "检索参数的名称与值不能含有 U+0000。",
            "Names and values of search parameters have no U+0000.",
        )

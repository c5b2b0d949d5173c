"""What a search asks, read from the parameters of a URL or from our own rules.

https://hl7.org/fhir/R4/search.html
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.errors import BadRequest, NotSupported
from gateway.search import date, parameters, reference, string, token, uri
from gateway.search.parameters import Parameter
from gateway.search.terms import Condition, Name, alternatives, split, unescape

Pairs = Sequence[tuple[str, str]]
"""Parameter (with its modifier) and value, as in the URL, decoded."""

MOST = 1000
ALL = 2**31 - 2
"""No limit, for rules that must see everything."""
DEFAULT_COUNT = 50
_RESULT = {"_count", "_sort", "_total", "_cursor", "_format", "_pretty"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one resource type."""

    type: str
    conditions: tuple[Condition, ...]
    applied: tuple[tuple[str, str], ...] = ()
    """The parameters that were understood, for the self link."""
    ignored: tuple[str, ...] = ()
    count: int = DEFAULT_COUNT
    sort: Literal["moment", "last_updated"] = "moment"
    descending: bool = True
    total: bool = False
    cursor: tuple[int, int] | None = None


def parse(resource_type: str, pairs: Pairs, now: datetime, *, lenient: bool = False) -> Query:
    """The query that the parameters of a URL ask; unknown ones are an error unless `lenient`."""
    conditions: list[Condition] = []
    applied: list[tuple[str, str]] = []
    ignored: list[str] = []
    result: dict[str, str] = {}
    for full, value in pairs:
        if full in _RESULT:
            result[full] = value
            continue
        found = _condition(resource_type, full, alternatives(value), now)
        if found is None and not lenient:
            raise _unknown(resource_type, full)
        if found is None:
            ignored.append(full)
        else:
            conditions.append(found)
            applied.append((full, value))
    sort, descending = _sort(resource_type, result.get("_sort"))
    return Query(
        type=resource_type,
        conditions=tuple(conditions),
        applied=(*applied, *((name, value) for name, value in result.items() if name != "_cursor")),
        ignored=tuple(ignored),
        count=_count(result.get("_count")),
        sort=sort,
        descending=descending,
        total=result.get("_total") == "accurate",
        cursor=_cursor(result.get("_cursor")),
    )


def find(resource_type: str, criteria: Mapping[str, Iterable[str]], now: datetime, count: int) -> Query:
    """The query of our own rules: parameter (with modifier) → alternatives, unescaped."""
    conditions = []
    for full, values in criteria.items():
        found = _condition(resource_type, full, [_escape(value) for value in values], now)
        if found is None:
            raise _unknown(resource_type, full)
        conditions.append(found)
    return Query(resource_type, tuple(conditions), count=count)


def next_cursor(order: int, rid: int) -> str:
    return base64.urlsafe_b64encode(f"{order}.{rid}".encode()).decode().rstrip("=")


def _condition(resource_type: str, full: str, values: list[str], now: datetime) -> Condition | None:
    code, _, modifier = full.partition(":")
    if code in _COLUMNS_OF:
        return _COLUMNS_OF[code](values, now)
    head = code.split(".")[0]
    if head != code or code == "_has":
        raise _not_yet(full)
    parameter = parameters.parameters(resource_type).get(code)
    if parameter is None:
        return None
    return _CLAUSES[parameter.kind](parameter, modifier, values, now)


_CLAUSES: dict[str, Callable[[Parameter, str, list[str], datetime], Condition]] = {
    "token": lambda asked, modifier, values, _: token.clause(asked.name, modifier, values),
    "reference": lambda asked, modifier, values, _: reference.clause(asked.name, modifier, values, asked.targets),
    "date": lambda asked, modifier, values, now: date.clause(asked.name, modifier, values, now),
    "string": lambda asked, modifier, values, _: string.clause(asked.name, modifier, values),
    "uri": lambda asked, modifier, values, _: uri.clause(asked.name, modifier, values),
}


def _ids(values: list[str], _: datetime) -> Condition:
    ids = [unescape(value) for value in values]
    return Condition("resource", "r.id = ANY(%(ids_{n})s::text[])", {"ids": ids}, selective=True)


def _last_updated(values: list[str], now: datetime) -> Condition:
    """The same comparison as of any date, over the resource's own column."""
    found = date.clause(Name("Resource", "_lastUpdated"), "", values, now)
    text = found.sql.removeprefix("x.key = %(key_{n})s AND ")
    own = {name: value for name, value in found.parameters.items() if name != "key"}
    column = text.replace("x.low", "r.last_updated").replace("x.high", "(r.last_updated + 1)")
    return Condition("resource", column, own)


_COLUMNS_OF = {"_id": _ids, "_lastUpdated": _last_updated}


def _sort(resource_type: str, asked: str | None) -> tuple[Literal["moment", "last_updated"], bool]:
    if asked is None:
        return "moment", True
    descending, code = asked.startswith("-"), asked.removeprefix("-")
    clock = parameters.clock(resource_type)
    if code == "_lastUpdated":
        return "last_updated", descending
    if clock is not None and code == clock.name.code:
        return "moment", descending
    known = " ".join(["_lastUpdated", *([clock.name.code] if clock else [])])
    raise NotSupported(
        "FD-SEARCH-SORT",
        f"{resource_type} 暂只能按以下参数排序:{known}。",
        f"{resource_type} can be sorted by: {known}.",
    )


def _count(asked: str | None) -> int:
    if asked is None:
        return DEFAULT_COUNT
    if not asked.isdecimal():
        raise BadRequest("FD-SEARCH-COUNT", "_count 应为非负整数。", "_count takes a whole number, 0 or more.")
    return min(int(asked), MOST)


def _cursor(asked: str | None) -> tuple[int, int] | None:
    if asked is None:
        return None
    try:
        order, _, rid = base64.urlsafe_b64decode(asked + "=" * (-len(asked) % 4)).decode().partition(".")
        return int(order), int(rid)
    except (ValueError, binascii.Error) as error:
        raise BadRequest(
            "FD-SEARCH-PAGE",
            "分页链接无效;请从第一页重新检索。",
            "The page link is not valid; search again from the first page.",
        ) from error


def _escape(value: str) -> str:
    """Our own values are not split at `,`; `|` stays the separator of token values."""
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("$", "\\$")


def _unknown(resource_type: str, full: str) -> BadRequest:
    known = ", ".join(sorted([*parameters.parameters(resource_type), *_COLUMNS_OF]))
    return BadRequest(
        "FD-SEARCH-UNKNOWN",
        f"{resource_type} 没有检索参数 {_shown(full)};可用:{known}。或加请求头 Prefer: handling=lenient 忽略它。",
        f"{resource_type} has no search parameter {_shown(full)}; it has: {known}. "
        "Or send Prefer: handling=lenient to have it ignored.",
    )


def _not_yet(full: str) -> NotSupported:
    return NotSupported(
        "FD-SEARCH-CHAIN",
        f"暂不支持链式检索 {_shown(full)}。",
        f"Chained search {_shown(full)} is not supported.",
    )


def _shown(full: str) -> str:
    """A parameter's name as it may stand in an error: never its value, never more than a name."""
    return split(full, "=")[0][:64]

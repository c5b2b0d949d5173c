"""What a search asks, read from the parameters of a URL or from our own rules.

https://hl7.org/fhir/R4/search.html
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.errors import BadRequest, NotAcceptable, NotSupported
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
_JSON = {"json", "application/json", "application/fhir+json", "text/json"}
JSON_ONLY = ("FD-ACCEPT", "本服务只提供 application/fhir+json。", "This server speaks application/fhir+json only.")
_PARAMETERS, _VALUES = 40, 1000
"""Of one search, at most: each parameter is a join, each value of a date is two places in the statement."""
_DIGITS = 9
"""Of a count, at most."""
_ROW = 1 << 63
"""What the numbers of a page link are below, in size."""


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
    _require_few(pairs)
    for full, value in pairs:
        _require_storable(full, value)
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
    shown = count(result.get("_count"))
    if "_count" in result:
        result["_count"] = str(shown)
    if "_format" in result:
        require_json(result["_format"])
    return Query(
        type=resource_type,
        conditions=tuple(conditions),
        applied=(*applied, *((name, value) for name, value in result.items() if name != "_cursor")),
        ignored=tuple(ignored),
        count=shown,
        sort=sort,
        descending=descending,
        total=_total(result.get("_total")),
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
        return _COLUMNS_OF[code](modifier, values, now)
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


def _ids(modifier: str, values: list[str], _: datetime) -> Condition:
    if modifier:
        raise NotSupported(
            "FD-SEARCH-MODIFIER",
            "检索参数 _id 不支持修饰符。",
            "Search parameter _id does not support modifiers.",
        )
    ids = [unescape(value) for value in values]
    return Condition("resource", "r.id = ANY(%(ids_{n})s::text[])", {"ids": ids}, selective=True)


def _last_updated(modifier: str, values: list[str], now: datetime) -> Condition:
    """The same comparison as of any date, over the resource's own column."""
    found = date.clause(Name("Resource", "_lastUpdated"), modifier, values, now)
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


def count(asked: str | None, default: int = DEFAULT_COUNT) -> int:
    """`_count`, or the default, and never more than `MOST`."""
    if asked is None:
        return default
    if not asked.isdecimal() or len(asked) > _DIGITS:
        raise BadRequest("FD-SEARCH-COUNT", "_count 应为非负整数。", "_count takes a whole number, 0 or more.")
    return min(int(asked), MOST)


def _total(asked: str | None) -> bool:
    """Whether to count; an estimate may be left out."""
    if asked not in {None, "none", "estimate", "accurate"}:
        raise BadRequest(
            "FD-SEARCH-TOTAL", "_total 应为 none、estimate 或 accurate。", "_total is none, estimate or accurate."
        )
    return asked == "accurate"


def require_json(asked: str) -> None:
    """`_format`; raises `NotAcceptable` for anything but JSON. A `+` that came unescaped has become a space."""
    media = asked.partition(";")[0].strip().lower().replace(" ", "+")
    if media not in _JSON:
        raise NotAcceptable(*JSON_ONLY)


def _cursor(asked: str | None) -> tuple[int, int] | None:
    if asked is None:
        return None
    try:
        order, _, rid = base64.urlsafe_b64decode(asked + "=" * (-len(asked) % 4)).decode().partition(".")
        place = int(order), int(rid)
    except (ValueError, binascii.Error) as error:
        raise _no_page() from error
    if not all(-_ROW <= number < _ROW for number in place):
        raise _no_page()
    return place


def _no_page() -> BadRequest:
    return BadRequest(
        "FD-SEARCH-PAGE",
        "分页链接无效;请从第一页重新检索。",
        "The page link is not valid; search again from the first page.",
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

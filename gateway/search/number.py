"""Search parameters of type number, and what quantities share with them: closed intervals of decimals.

https://hl7.org/fhir/R4/search.html#number and #prefix
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

from gateway.errors import BadRequest
from gateway.search.expressions import Value
from gateway.search.terms import Asked, Clause, Condition, Found, Name, any_of, key, modifier_refused

INFINITY = Decimal("Infinity")

LIMITS = Context(prec=40, Emin=-60, Emax=59, traps=[])
"""What numbers are indexed and asked for: of at most 40 digits, 0 or between 1e-60 and 1e60. Others are not found."""
_MOST_BITS = 200  # of whole numbers below 1e60
_WIDER = Context(prec=200, traps=[])

_FORM = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(-?([0-9]{1,100}(?:\.[0-9]{1,100})?)(?:[eE]-?[0-9]{1,3})?)", re.ASCII)

# A point has low = high and is found by `low`, which stands before `high` in the index. Only few are not points:
# `low < high` is said of those, so that not every row of a parameter need be looked at for its upper end.
# Where there are several parts, no row satisfies two of them; `+ 0` keeps those that are found by their upper end from
# being looked for among all low ends.
OPEN = "x.low < x.high"
_SQL = {
    "eq": ("x.low >= {a} AND x.low < {b} AND x.high < {b}",),
    "ne": ("x.low < {a}", "x.low >= {b}", f"{OPEN} AND x.high >= {{b}} AND x.low + 0 >= {{a}} AND x.low + 0 < {{b}}"),
    "gt": ("x.low > {a}", f"{OPEN} AND x.high > {{a}} AND x.low + 0 <= {{a}}"),
    "ge": ("x.low >= {a}", f"{OPEN} AND x.high >= {{a}} AND x.low + 0 < {{a}}"),
    "lt": ("x.low < {a}",),
    "le": ("x.low <= {a}",),
    "sa": ("x.low > {a}",),
    "eb": ("x.low < {a} AND x.high < {a}",),
    "ap": ("x.low >= {a} AND x.low <= {b}", f"{OPEN} AND x.high >= {{a}} AND x.low + 0 < {{a}}"),
}
_FROM_ABOVE = frozenset({"gt", "ge", "sa"})

Suffix = tuple[str, ...]
"""What follows the parameter's name in a key; nothing for a number."""


class Bounds(NamedTuple):
    """What a value is found under: a key, and a closed interval."""

    suffix: Suffix
    low: Decimal
    high: Decimal


class Comparison(NamedTuple):
    """What an indexed interval must satisfy."""

    prefix: str
    low: Decimal
    high: Decimal
    """[low, high) around the number for `eq` and `ne`, [low, high] for `ap`, both the number itself for the others."""

    def converted(self, convert: Callable[[Decimal], Decimal]) -> "Comparison":
        """The same in another unit."""
        return Comparison(self.prefix, convert(self.low), convert(self.high))


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    into.amount |= {(key(name, *suffix), low, high) for suffix, low, high in bounds(values)}


def clause(asked: Asked) -> Clause:
    if asked.modifier:
        raise modifier_refused(asked, ":missing")
    return clause_of(asked.name, [sought(asked.name, text) for text in asked.values])


def bounds(values: Iterable[Value]) -> Iterator[Bounds]:
    """Of integers and decimals, and of a Range from its low to its high."""
    for fhir_type, value in values:
        if fhir_type == "Range":
            low, high = ends(value)
            low_end = decimal(low["value"]) if "value" in low else -INFINITY
            yield from interval((), low_end, decimal(high["value"]) if "value" in high else INFINITY)
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            yield from interval((), point := decimal(value), point)


def sought(name: Name, text: str) -> tuple[Suffix, Comparison]:
    """Where in the index to look, and for what; `BadRequest` for what is no number."""
    comparison = compared(text)
    if comparison is None:
        raise BadRequest(
            "FD-SEARCH-NUMBER",
            f"检索参数 {name.code} 的值不是可检索的数;应为 100、100.00 或 1e2,最多 40 位数字,"
            "绝对值在 1e-60 与 1e60 之间,可加前缀 gt 等。",
            f"The value of search parameter {name.code} is not a number that can be searched; write 100, 100.00 or "
            "1e2, of at most 40 digits and between 1e-60 and 1e60, with a prefix such as gt where wanted.",
        )
    return (), comparison


def clause_of(name: Name, asked: Iterable[tuple[Suffix, Comparison]]) -> Clause:
    """Any of them; those under one key as one condition."""
    by_key: dict[int, list[Comparison]] = {}
    for suffix, comparison in asked:
        by_key.setdefault(key(name, *suffix), []).append(comparison)
    return any_of(condition((one,), comparisons) for one, comparisons in by_key.items())


def condition(keys: Sequence[int], comparisons: Sequence[Comparison]) -> Condition:
    """A row under any of the keys satisfies any of the comparisons."""
    parameters: dict[str, object] = {}
    choices: list[str] = []
    for number, (prefix, low, high) in enumerate(comparisons):
        sql = _SQL[prefix]
        bounds = (("a", low), ("b", high))
        parameters |= {f"{end}{number}": bound for end, bound in bounds if f"{{{end}}}" in "".join(sql)}
        choices += (one.format(a=f"%(a{number}_{{n}})s::numeric", b=f"%(b{number}_{{n}})s::numeric") for one in sql)
    descending = _FROM_ABOVE.issuperset(comparison.prefix for comparison in comparisons)
    apart = tuple(choices) if len(comparisons) == 1 and len(choices) > 1 else ()
    return Condition("amount", " OR ".join(choices), parameters, tuple(keys), descending=descending, arms=apart)


def compared(text: str) -> Comparison | None:
    """A number with its prefix; None where it is none, or beyond the limits.

    How it is written says how precise it is: 100 is [99.5, 100.5), 100.00 is [99.995, 100.005). Of 1e2 the
    specification makes [95, 105): one digit before an exponent counts as two. `ap` is within a tenth, and never
    narrower than `eq`.
    """
    match = _FORM.fullmatch(text)
    exact = decimal(Decimal(match[2])) if match else None
    if match is None or exact is None:
        return None
    prefix = match[1] or "eq"
    if prefix not in {"eq", "ne", "ap"}:
        return Comparison(prefix, exact, exact)
    one_digit = len(match[3]) == 1 and "e" in match[2].lower()
    margin = Decimal(5).scaleb(_last_place(exact) - (2 if one_digit else 1))
    if prefix == "ap":
        margin = max(margin, _WIDER.multiply(abs(exact), Decimal("0.1")))
    return Comparison(prefix, _WIDER.subtract(exact, margin), _WIDER.add(exact, margin))


def decimal(value: object) -> Decimal | None:
    """A JSON number, exactly; None where it is none, or beyond the limits."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < _MOST_BITS:
        value = Decimal(value)
    if not isinstance(value, Decimal):
        return None
    limited = LIMITS.plus(value)
    same = LIMITS.compare(limited, value) == 0
    return limited if same and (limited.is_zero() or limited.is_normal(LIMITS)) else None


def interval(suffix: Suffix, low: Decimal | None, high: Decimal | None) -> Iterator[Bounds]:
    """Nothing where an end is beyond the limits, where they are the wrong way round, or both open."""
    if low is not None and high is not None and low <= high and not (low.is_infinite() and high.is_infinite()):
        yield Bounds(suffix, low, high)


def ends(value: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The low and the high of a Range, empty where it has none."""
    low, high = value.get("low"), value.get("high")
    return low if isinstance(low, dict) else {}, high if isinstance(high, dict) else {}


def _last_place(exact: Decimal) -> int:
    exponent = exact.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0

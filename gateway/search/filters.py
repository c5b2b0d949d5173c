"""`_filter`: comparisons joined by `and`, `or`, `not` and parentheses. https://hl7.org/fhir/R4/search_filter.html"""

import re
from collections.abc import Callable

from gateway.errors import BadRequest
from gateway.search.terms import AnyOf, Clause, Not, all_of

One = Callable[[str, str, str], Clause]
"""Parameter path, operator and value → clause."""

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()\[\]]|[^\s()\[\]"]+)')
_OPERATORS = frozenset(
    {"eq", "ne", "co", "sw", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "ss", "sb", "in", "ni", "re"}
)
_MOST = 200
_DEEPEST = 20


def clause(text: str, one: One) -> Clause:
    """Raises `BadRequest` for what is not a filter."""
    tokens = _TOKEN.findall(text)
    if not tokens or len(tokens) > _MOST or _TOKEN.sub("", text).strip():
        raise malformed()
    reader = _Reader(tokens[::-1], one)
    found = reader.expression(0)
    if reader.left:
        raise malformed()
    return found


class _Reader:
    """What is left to read, last token first."""

    def __init__(self, left: list[str], one: One) -> None:
        self.left = left
        self._one = one

    def expression(self, depth: int) -> Clause:
        """`or` binds less than `and`."""
        return self._joined("or", lambda: self._joined("and", lambda: self._term(depth)))

    def _joined(self, word: str, part: Callable[[], Clause]) -> Clause:
        parts = [part()]
        while self.left and self.left[-1] == word:
            self.left.pop()
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return AnyOf(tuple(parts)) if word == "or" else all_of(parts)

    def _term(self, depth: int) -> Clause:
        if depth > _DEEPEST:
            raise malformed()
        token = self._take()
        if token == "not":  # noqa: S105 - a word of the language
            self._expect("(")
            return Not(self._group(depth))
        if token == "(":  # noqa: S105 - as above
            return self._group(depth)
        operator, value = self._take(), self._value()
        if operator not in _OPERATORS:
            raise malformed()
        return self._one(token, operator, value)

    def _group(self, depth: int) -> Clause:
        found = self.expression(depth + 1)
        self._expect(")")
        return found

    def _value(self) -> str:
        token = self._take()
        if token in {"(", ")", "[", "]"}:
            raise malformed()
        return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token

    def _take(self) -> str:
        if not self.left:
            raise malformed()
        return self.left.pop()

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise malformed()


def malformed() -> BadRequest:
    return BadRequest(
        "FD-SEARCH-FILTER",
        '_filter 应写作 参数 运算符 值,可用 and、or、not (…) 与括号,如 name co "张" and birthdate ge 1950;'
        "运算符有 eq ne co sw gt lt ge le ap sa eb pr ss sb in ni re。",
        "_filter is written parameter operator value, joined by and, or, not (…) and parentheses, as in "
        'name co "li" and birthdate ge 1950; operators are eq ne co sw gt lt ge le ap sa eb pr ss sb in ni re.',
    )

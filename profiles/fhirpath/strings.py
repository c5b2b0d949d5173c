"""Functions of text. https://hl7.org/fhirpath/N1/#string-manipulation"""

import base64
import re
from collections.abc import Callable
from typing import Any

from profiles import patterns
from profiles.fhirpath.operators import LONGEST, only
from profiles.fhirpath.world import Items, Scope, UndecidedError

LONGEST_MATCHED = 10_000
"""Characters of a text that an expression of ours is tried on, or that is taken apart."""


def _text(calculate: Callable[..., Any]) -> Callable[..., Items]:
    """Of one string, and arguments that are there; otherwise nothing."""
    return _scoped(lambda _, *values: calculate(*values))


def _scoped(calculate: Callable[..., Any]) -> Callable[..., Items]:
    """The same of what also asks where it is evaluated."""

    def function(items: Items, scope: Scope, *arguments: Items) -> Items:
        scope.effort.weigh(items)
        values = [only(items), *map(only, arguments)]
        if any(value is None for value in values):
            return []
        if not isinstance(values[0], str):
            values[0] = _written(values[0])
        found = calculate(scope, *values)
        return [] if found is None else found if isinstance(found, list) else [found]

    return function


def require_short(length: int) -> None:
    """Texts that double and double again end somewhere."""
    if length > LONGEST:
        raise UndecidedError("too long a text")


def _written(value: Any) -> str:  # noqa: ANN401 - any value
    text = getattr(value, "text", None)
    if not isinstance(text, str):
        raise UndecidedError("a string is expected")
    return text


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(length, 0)]


def _tried(scope: Scope, pattern: str, text: str, *, anywhere: bool) -> re.Pattern[str]:
    """`$` and `.` mean what they do in Java, where HL7's expressions were tried."""
    scope.effort.spend(len(pattern) + len(text))
    if scope.world.trusted and len(text) <= LONGEST_MATCHED:
        found = patterns.compiled(pattern, re.DOTALL)
    else:
        found = patterns.bounded(pattern, text, re.DOTALL, anywhere=anywhere)
    if found is None:
        raise UndecidedError("no regular expression, or one that could take long")
    return found


def _matches(scope: Scope, text: str, pattern: str) -> bool:
    return _tried(scope, pattern, text, anywhere=True).search(text) is not None


def _matches_whole(scope: Scope, text: str, pattern: str) -> bool:
    return _tried(scope, pattern, text, anywhere=False).fullmatch(text) is not None


def _matches_replaced(scope: Scope, text: str, pattern: str, by: str) -> str:
    expression = _tried(scope, pattern, text, anywhere=True)
    groups = by.count("$") + by.count("\\")
    require_short(len(text) * (1 + groups) + (len(text) + 1) * len(by))
    return expression.sub(re.sub(r"\$(\d+)", r"\\\1", by), text)


def _replaced(text: str, part: str, by: str) -> str:
    require_short(len(text) + (text.count(part) if len(by) > len(part) else 0) * len(by))
    return text.replace(part, by)


def _characters(text: str) -> list[str]:
    if len(text) > LONGEST_MATCHED:
        raise UndecidedError("too long to be taken apart")
    return list(text)


def _decoded(text: str, form: str) -> str:
    match form:
        case "base64":
            return base64.b64decode(text).decode()
        case "urlbase64":
            return base64.urlsafe_b64decode(text).decode()
        case "hex":
            return bytes.fromhex(text).decode()
    raise UndecidedError("no such encoding")


def _encoded(text: str, form: str) -> str:
    require_short(2 * len(text))
    match form:
        case "base64":
            return base64.b64encode(text.encode()).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(text.encode()).decode()
        case "hex":
            return text.encode().hex()
    raise UndecidedError("no such encoding")


def _joined(items: Items, scope: Scope, separator: Items | None = None) -> Items:
    scope.effort.weigh(items)
    between, parts = str(only(separator or []) or ""), [str(only([item]) or "") for item in items]
    require_short(sum(map(len, parts)) + len(parts) * len(between))
    return [between.join(parts)]


STRINGS: dict[str, Callable[..., Items]] = {
    "indexOf": _text(lambda text, part: text.find(part)),
    "substring": _text(_substring),
    "startsWith": _text(lambda text, part: text.startswith(part)),
    "endsWith": _text(lambda text, part: text.endswith(part)),
    "contains": _text(lambda text, part: part in text),
    "upper": _text(lambda text: text.upper()),
    "lower": _text(lambda text: text.lower()),
    "trim": _text(lambda text: text.strip()),
    "length": _text(len),
    "toChars": _text(_characters),
    "split": _text(lambda text, separator: text.split(separator)),
    "join": _joined,
    "replace": _text(_replaced),
    "matches": _scoped(_matches),
    "matchesFull": _scoped(_matches_whole),
    "replaceMatches": _scoped(_matches_replaced),
    "encode": _text(_encoded),
    "decode": _text(_decoded),
}

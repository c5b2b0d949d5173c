"""Functions of text. https://hl7.org/fhirpath/N1/#string-manipulation"""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from profiles.fhirpath.operators import only
from profiles.fhirpath.world import Items, Scope, UndecidedError

LONGEST_MATCHED = 10_000
"""Characters of a text that a regular expression is tried on."""


def _text(calculate: Callable[..., Any]) -> Callable[..., Items]:
    """Of one string, and arguments that are there; otherwise nothing."""

    def function(items: Items, _: Scope, *arguments: Items) -> Items:
        values = [only(items), *map(only, arguments)]
        if any(value is None for value in values):
            return []
        if not isinstance(values[0], str):
            values[0] = _written(values[0])
        found = calculate(*values)
        return [] if found is None else found if isinstance(found, list) else [found]

    return function


def _written(value: Any) -> str:  # noqa: ANN401 - any value
    text = getattr(value, "text", None)
    if not isinstance(text, str):
        raise UndecidedError("a string is expected")
    return text


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(length, 0)]


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """`$` and `.` mean what they do in Java, where HL7's expressions were tried."""
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise UndecidedError("no regular expression") from error


def _tried(pattern: str, text: str) -> re.Pattern[str]:
    if len(text) > LONGEST_MATCHED:
        raise UndecidedError("too long for a regular expression")
    return _expression(pattern)


def _replaced(text: str, pattern: str, by: str) -> str:
    return _tried(pattern, text).sub(re.sub(r"\$(\d+)", r"\\\1", by), text)


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
    match form:
        case "base64":
            return base64.b64encode(text.encode()).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(text.encode()).decode()
        case "hex":
            return text.encode().hex()
    raise UndecidedError("no such encoding")


def _joined(items: Items, _: Scope, separator: Items | None = None) -> Items:
    return [str(only(separator or []) or "").join(str(only([item]) or "") for item in items)]


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
    "toChars": _text(list),
    "split": _text(lambda text, separator: text.split(separator)),
    "join": _joined,
    "replace": _text(lambda text, part, by: text.replace(part, by)),
    "matches": _text(lambda text, pattern: _tried(pattern, text).search(text) is not None),
    "matchesFull": _text(lambda text, pattern: _tried(pattern, text).fullmatch(text) is not None),
    "replaceMatches": _text(_replaced),
    "encode": _text(_encoded),
    "decode": _text(_decoded),
}

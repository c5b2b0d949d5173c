"""Regular expressions of those who write questionnaires, as far as they cannot take long.

https://hl7.org/fhir/R4/extension-regex.html
"""

import re
import warnings
from functools import lru_cache

LONGEST_PATTERN = 400
LONGEST_TEXT = 4000
MOST_STEPS = 1_000_000
"""In how many ways an expression may try to match the text: some hundredths of a second."""
_TOKENS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<choice>\|)"
    r"|(?P<repeat>[*+?]|\{\d*(?:,\d*)?\})[?+]?|.",
    re.DOTALL,
)


def matches(pattern: str, text: str) -> bool | None:
    """Whether the whole text matches; None for an expression that is none, or could be slow on such a text."""
    compiled = _compiled(pattern) if len(pattern) <= LONGEST_PATTERN and len(text) <= LONGEST_TEXT else None
    if compiled is None or _steps(pattern, len(text) + 1) > MOST_STEPS:
        return None
    return compiled.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def _steps(pattern: str, length: int) -> int:
    """A bound on the ways to match: what may be chosen multiplies, and what repeats holds nothing to choose from."""
    if re.search(r"\(\?(?!:)|\\[1-9]", pattern):  # looking around and back
        return MOST_STEPS + 1
    total, inside = 1, 1
    groups: list[int] = []
    for token in _TOKENS.finditer(pattern):
        if token["repeat"] and inside > 1:
            return MOST_STEPS + 1
        if token["open"]:
            groups.append(total)
        inside = total // groups.pop() if token["close"] and groups else 1
        total = min(total * _choices(token, length), MOST_STEPS**2)
    return total


def _choices(token: re.Match[str], length: int) -> int:
    if token["repeat"] in {None, "?"}:
        return 2 if token["repeat"] or token["choice"] else 1
    return length

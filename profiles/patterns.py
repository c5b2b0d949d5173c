"""Regular expressions of strangers, as far as they cannot take long. https://hl7.org/fhir/R4/extension-regex.html"""

import re
import warnings
from functools import lru_cache

LONGEST = 400
"""Characters of an expression."""
LONGEST_TEXT = 4000
MOST_STEPS = 1_000_000
"""In how many ways an expression may try to match a text: some hundredths of a second."""
BEYOND = 2**40
"""More ways than anybody waits for."""
_TOKENS = re.compile(
    r"\\(?:(?P<back>[1-9])|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<looking>\(\?[^:])|(?P<open>\((?:\?:)?)|(?P<close>\))"
    r"|(?P<choice>\|)|(?P<optional>\?[?+]?)|(?P<repeat>[*+]|\{(?P<least>\d*)(?P<range>,(?P<most>\d*))?\})[?+]?|.",
    re.DOTALL,
)


@lru_cache(maxsize=1024)
def compiled(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    """None for what is no regular expression, or is too long for one."""
    if len(pattern) > LONGEST:
        return None
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of what later releases read otherwise
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return None


def bounded(
    pattern: str, text: str, flags: re.RegexFlag = re.NOFLAG, *, anywhere: bool = False
) -> re.Pattern[str] | None:
    """The expression, ready to be matched with the whole text, or looked for `anywhere` in it.

    None for an expression that is none, or could be slow on such a text.
    """
    length = len(text) + 1
    found = compiled(pattern, flags) if len(text) <= LONGEST_TEXT else None
    starts = length if anywhere else 1
    return found if found is not None and starts * ways(pattern, length) <= MOST_STEPS else None


def ways(pattern: str, length: int) -> int:
    """In how many ways an expression may try to match a text of so many characters, at most.

    What may be chosen multiplies. `BEYOND` where what repeats holds something to choose from, and for looking around or
    back.
    """
    return _ways(pattern, length) if len(pattern) <= LONGEST else BEYOND


@lru_cache(maxsize=2048)
def _ways(pattern: str, length: int) -> int:
    total, inside = 1, 1
    groups: list[int] = []
    for token in _TOKENS.finditer(pattern):
        if token["back"] or token["looking"] or (token["repeat"] and inside > 1):
            return BEYOND
        inside = 1
        if token["open"]:
            groups.append(total)
        elif token["close"] and groups:
            inside = total // groups.pop()
        total = min(total * _choices(token, length), BEYOND)
    return total


def _choices(token: re.Match[str], length: int) -> int:
    if token["choice"] or token["optional"]:
        return 2
    if not token["repeat"]:
        return 1
    if token["repeat"] in "*+":
        return length
    most = token["most"] if token["range"] else token["least"]
    if not most or len(most) > 9:
        return length
    return min(max(int(most) - int(token["least"] or 0) + 1, 1), length)

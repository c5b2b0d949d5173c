"""Regular expressions of strangers: those that cannot take long, and no others. https://hl7.org/fhir/R4/valueset-filter-operator.html"""

import re
import warnings
from typing import NamedTuple

from profiles.terminology.faults import Invalid

LONGEST_PATTERN = 200
LONGEST_TEXT = 128
MOST_WAYS = 2**15
"""In how many ways an expression may try to match a text, at most: two open repetitions and one choice."""
_TOKENS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))|(?P<choice>\|)|(?P<optional>\?)"
    r"|(?P<repeat>[*+]|\{(?P<least>\d*)(?P<range>,(?P<most>\d*))?\})\??|.",
    re.DOTALL,
)


class Pattern(NamedTuple):
    expression: re.Pattern[str]
    ways: int

    def matches(self, text: str) -> bool:
        """Whether the whole text matches; one that is longer than any code does not."""
        return len(text) <= LONGEST_TEXT and self.expression.fullmatch(text) is not None

    def price(self, text: str) -> int:
        """How much work that may be, next to looking at a property."""
        return 1 + min(self.ways, len(text) ** 2) // 2 if len(text) <= LONGEST_TEXT else 1


def pattern(text: str) -> Pattern:
    """The compiled expression; raises `Invalid` for one that is none, or that could take very long."""
    ways = _ways(text) if len(text) <= LONGEST_PATTERN else MOST_WAYS + 1
    if ways > MOST_WAYS:
        raise Invalid(
            f"正则表达式过长或可能极慢:最多 {LONGEST_PATTERN} 个字符,至多两处无界重复,重复的分组内不可再有重复或选择,"
            "不支持前后查找与反向引用。",
            f"The regular expression is too long or could be very slow: at most {LONGEST_PATTERN} characters and two "
            "open repetitions, no repetition or choice inside a repeated group, no look-around, no back-reference.",
        )
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of what later releases read otherwise
            return Pattern(re.compile(text), ways)
    except (re.error, OverflowError) as error:
        raise Invalid("正则表达式有语法错误。", "The regular expression has a syntax error.") from error


def _ways(text: str) -> int:
    """A bound on the ways to match: every choice multiplied with the next; beyond all bounds where choices repeat."""
    plain = text.replace("(?:", "(")
    if "(?" in plain or re.search(r"\\[1-9]", plain):
        return MOST_WAYS + 1
    total, inside = 1, 1
    groups: list[int] = []
    for token in _TOKENS.finditer(plain):
        if token["repeat"] and inside > 1:
            return MOST_WAYS + 1
        inside = 1
        if token["open"]:
            groups.append(total)
        elif token["close"] and groups:
            inside = total // groups.pop()
        total = min(total * _choices(token), MOST_WAYS**2)
    return total


def _choices(token: re.Match[str]) -> int:
    if token["choice"] or token["optional"]:
        return 2
    if not token["repeat"]:
        return 1
    if token["repeat"] in "*+":
        return LONGEST_TEXT
    most = token["most"] if token["range"] else token["least"]
    return min(max(int(most) - int(token["least"] or 0) + 1, 1), LONGEST_TEXT) if most else LONGEST_TEXT

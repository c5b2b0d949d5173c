"""Regular expressions of those who write value sets, which are tried on every code. https://hl7.org/fhir/R4/valueset-filter-operator.html"""

import re
from typing import NamedTuple

from profiles import patterns
from profiles.terminology.faults import Invalid

LONGEST_PATTERN = 200
LONGEST_TEXT = 128
MOST_WAYS = 2**15
"""In how many ways an expression may try to match a text, at most: two open repetitions and one choice."""


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
    ways = patterns.ways(text, LONGEST_TEXT) if len(text) <= LONGEST_PATTERN else patterns.BEYOND
    if ways > MOST_WAYS:
        raise Invalid(
            f"正则表达式过长或可能极慢:最多 {LONGEST_PATTERN} 个字符,至多两处无界重复,重复的分组内不可再有重复或选择,"
            "不支持前后查找与反向引用。",
            f"The regular expression is too long or could be very slow: at most {LONGEST_PATTERN} characters and two "
            "open repetitions, no repetition or choice inside a repeated group, no look-around, no back-reference.",
        )
    expression = patterns.compiled(text)
    if expression is None:
        raise Invalid("正则表达式有语法错误。", "The regular expression has a syntax error.")
    return Pattern(expression, ways)

"""FHIRPath cut into tokens, white space and comments left out. https://hl7.org/fhirpath/N1/#lexical-elements"""

import re
from typing import NamedTuple

_CLOCK = r"\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?"
_TOKEN = re.compile(
    r"(?P<hidden>[ \r\n\t]+|/\*.*?\*/|//[^\r\n]*)"
    rf"|(?P<DateTime>@\d{{4}}(?:-\d\d(?:-\d\d)?)?(?:T(?:{_CLOCK})?)?Z?)"
    rf"|(?P<Time>@T{_CLOCK})"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<delimited>`(?:\\.|[^`\\])*`)"
    r"|(?P<String>'(?:\\.|[^'\\])*')"
    r"|(?P<Number>\d+(?:\.\d+)?)"
    r"|(?P<mark><=|>=|!=|!~|\$this|\$index|\$total|[-.\[\]+*/|<>=~(){}%,&])",
    re.DOTALL | re.ASCII,
)


class NotFhirPathError(ValueError):
    """A text that is no FHIRPath expression, or longer than anybody writes one."""


class Token(NamedTuple):
    kind: str
    """`name`, `delimited`, `mark`, the literals `DateTime`, `Time`, `String` and `Number`; `end` after the last."""
    text: str


END = Token("end", "")


def tokens(text: str) -> list[Token]:
    """Raises `NotFhirPathError` for a character that belongs nowhere."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        matched = _TOKEN.match(text, at)
        if matched is None:
            raise NotFhirPathError
        at = matched.end()
        if matched.lastgroup != "hidden":
            found.append(Token(str(matched.lastgroup), matched[0]))
    return [*found, END]

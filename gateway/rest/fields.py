"""Values of HTTP fields taken apart: lists, parameters, quoted strings. https://www.rfc-editor.org/rfc/rfc9110#section-5.6"""

import re

_QUOTED = r'"(?:[^"\\]|\\.?)*+(?:"|\Z)'
_PARTS = {mark: re.compile(rf'(?:[^{mark}"]|{_QUOTED})++', re.DOTALL) for mark in ",;"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split(text: str, mark: str) -> list[str]:
    """The parts between `,` or `;` that stand outside quotes, stripped; without empty ones."""
    return [part for found in _PARTS[mark].findall(text) if (part := found.strip(" \t"))]


def pair(text: str) -> tuple[str, str]:
    """`name=value` or `name="value"` as a lower-case name and the value, empty where there is none."""
    name, _, value = text.partition("=")
    return name.strip(" \t").lower(), unquoted(value.strip(" \t"))


def unquoted(text: str) -> str:
    """A token as it is, a quoted string without its quotes and backslashes."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text

"""MSH read leniently, so that even a message that does not parse can be answered. HL7 v2.5.1 §2.15.9"""

from typing import NamedTuple

_FIELDS = 21


class Header(NamedTuple):
    r"""`fields[n - 1]` is MSH-n as sent, escapes and all; there are 21.

    `encoding` holds the component, repetition, escape and subcomponent separators: the usual `^~\&` unless the sender
    names four.
    """

    separator: str
    encoding: str
    fields: list[str]

    def field(self, number: int) -> str:
        """MSH-`number`, empty where the sender stopped earlier."""
        return self.fields[number - 1]

    def first(self, number: int) -> str:
        """The first component of MSH-`number`."""
        return self.fields[number - 1].partition(self.encoding[0])[0]


def header(text: str) -> Header | None:
    """The first MSH segment in `text`, up to MSH-21, or None."""
    at = text.find("MSH")
    separator = text[at + 3 : at + 4]
    if at < 0 or not separator or separator.isalnum() or separator.isspace():
        return None
    end = text.find("\r", at)
    line = text[at:] if end < 0 else text[at:end]
    if "\n" in line:
        line = line.partition("\n")[0]
    return _header(separator, line.split(separator, _FIELDS))


def _header(separator: str, fields: list[str]) -> Header:
    fields = (fields + _NOTHING)[:_FIELDS]
    return Header(separator, fields[1] if len(fields[1]) >= 4 else _USUAL, fields)


_NOTHING = [""] * _FIELDS
_USUAL = r"^~\&"
NONE = _header("|", ["MSH", _USUAL])
"""What is assumed of a sender of whom nothing can be read."""

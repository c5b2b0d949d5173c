"""MSH read leniently, so that even a message that does not parse can be answered. HL7 v2.5.1 §2.15.9"""

from functools import lru_cache
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
    """The first MSH segment in `text`, up to MSH-21; None where there is none, or no usable separator."""
    at = text.find("MSH")
    separator = text[at + 3 : at + 4]
    if at < 0 or not _are_marks(separator) or separator in _USUAL:
        return None
    end = text.find("\r", at)
    line = text[at:] if end < 0 else text[at:end]
    if "\n" in line:
        line = line.partition("\n")[0]
    return _header(separator, line.split(separator, _FIELDS))


def _header(separator: str, fields: list[str]) -> Header:
    fields = (fields + _NOTHING)[:_FIELDS]
    given = fields[1]
    named = 4 <= len(given) <= 5 and _are_marks(separator + given)
    return Header(separator, given if named else _USUAL, fields)


@lru_cache(maxsize=64)
def _are_marks(text: str) -> bool:
    """Whether these can separate: each another, printed, part of no word, and not the quote of `""`."""
    usable = all(mark.isprintable() and not (mark.isalnum() or mark in ' "') for mark in text)
    return bool(text) and usable and len(set(text)) == len(text)


_NOTHING = [""] * _FIELDS
_USUAL = r"^~\&"
NONE = _header("|", ["MSH", _USUAL])
"""What is assumed of a sender of whom nothing can be read."""

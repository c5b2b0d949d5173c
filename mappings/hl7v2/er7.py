"""Lazy lexer of the HL7 v2 vertical-bar encoding (ER7): keeps the text, splits only what is asked for.

Work on decoded text: in GB18030 the second byte of 466 ideographs is a delimiter, so bytes cannot be split.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .delimiters import Delimiters, declared
from .errors import NotER7
from .escapes import unescape

_LEADING = "\ufeff \t\r\n"
_BODY_SEGMENTS = "EVN|PID|PD1|NK1|PV1|PV2|AL1|DG1|IN1|OBX"


@dataclass(frozen=True, slots=True)
class Field:
    """One field as written; values are read from its first repetition, the others through `repetitions`."""

    text: str
    delimiters: Delimiters
    codec: str

    def __bool__(self) -> bool:
        return self.text not in ("", '""')

    @property
    def repetitions(self) -> list["Field"]:
        separator = self.delimiters.repetition
        if separator not in self.text:
            return [self]
        return [Field(text, self.delimiters, self.codec) for text in self.text.split(separator)]

    @property
    def components(self) -> list[str | None]:
        """The value of each component."""
        marks = self.delimiters
        written = self.text.split(marks.repetition, 1)[0].split(marks.component)
        return [_value(text, marks, self.codec, 1, 1) for text in written]

    def value(self, component: int = 1, subcomponent: int = 1) -> str | None:
        """One decoded value: None when nothing is said (unchanged), "" when `""` is sent (delete)."""
        return _value(self.text, self.delimiters, self.codec, component, subcomponent)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: `fields[0]` is its name, `fields[n]` field n as written. An absent one is false."""

    fields: tuple[str, ...]
    delimiters: Delimiters
    codec: str

    def __bool__(self) -> bool:
        return bool(self.fields)

    def field(self, n: int) -> Field:
        text = self.fields[n] if n < len(self.fields) else ""
        if n == 2 and text and self.fields[0] == "MSH":
            return Field(text, Delimiters(self.delimiters.field), self.codec)
        return Field(text, self.delimiters, self.codec)

    def value(self, n: int, component: int = 1, subcomponent: int = 1) -> str | None:
        """`field(n).value(component, subcomponent)`."""
        text = self.fields[n] if n < len(self.fields) else ""
        if not text or (n == 2 and self.fields[0] == "MSH"):
            return text or None
        return _value(text, self.delimiters, self.codec, component, subcomponent)


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `str(message)` is the text exactly as given, `lines` its segments as written."""

    text: str
    lines: tuple[str, ...]
    delimiters: Delimiters
    codec: str
    _first: dict[str, Segment] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def segments(self, name: str) -> list[Segment]:
        return [self._segment(line) for line in self._named(name)]

    def segment(self, name: str) -> Segment:
        """The first segment of that name, split once; an empty (false) one when there is none."""
        found = self._first.get(name)
        if found is None:
            line = next(self._named(name), None)
            absent = Segment((), self.delimiters, self.codec)
            found = self._first[name] = absent if line is None else self._segment(line)
        return found

    def count(self, name: str) -> int:
        return sum(1 for _ in self._named(name))

    def _named(self, name: str) -> Iterator[str]:
        beginning = name + self.delimiters.field
        return (line for line in self.lines if line.startswith(beginning) or line == name)

    def _segment(self, line: str) -> Segment:
        separator = self.delimiters.field
        fields = line.split(separator)
        if fields[0] == "MSH":
            # MSH-1 is the separator itself, so that MSH-2 follows it directly.
            fields.insert(1, separator)
        return Segment(tuple(fields), self.delimiters, self.codec)


def parse(text: str, codec: str = "utf-8") -> Message:
    r"""The message in `text`; segments end with `\r`, `\n` or `\r\n`, blank ones are passed over.

    `codec` is the character set that hexadecimal escapes (`\X..\`) are read in. Raises `NotER7`.
    """
    body = text if text.startswith("MSH") else text.lstrip(_LEADING)
    if not body.startswith("MSH"):
        raise NotER7("MSH", zh="消息不是以 MSH 开头。", en="The message does not begin with MSH.")
    if "\n" in body:
        body = body.replace("\r\n", "\r").replace("\n", "\r")
    lines = [line for line in body.split("\r") if line]
    delimiters = declared(lines[0])
    if len(lines) == 1:
        lines = _without_segment_ends(lines[0], delimiters.field)
    return Message(text, tuple(lines), delimiters, codec)


def _value(text: str, marks: Delimiters, codec: str, component: int, subcomponent: int) -> str | None:
    if marks.repetition in text:
        text = text[: text.index(marks.repetition)]
    if component > 1 or marks.component in text:
        text = _part(text, marks.component, component)
    if subcomponent > 1 or marks.subcomponent in text:
        text = _part(text, marks.subcomponent, subcomponent)
    if not text:
        return None
    if text == '""':
        return ""
    return unescape(text, marks, codec) if marks.escape in text else text


def _part(text: str, separator: str, n: int) -> str:
    parts = text.split(separator, n)
    return parts[n - 1] if n <= len(parts) else ""


def _without_segment_ends(line: str, separator: str) -> list[str]:
    # Some senders lose the segment ends (`…|CHN|PID|1|…`). An MSH segment alone is no message, so a field
    # that is exactly a segment name begins a segment.
    mark = re.escape(separator)
    return re.split(f"(?<={mark})(?=(?:{_BODY_SEGMENTS}){mark})", line)

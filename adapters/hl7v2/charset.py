"""What the bytes of a message are: the label of MSH-18 (table 0211, Chinese aliases) against the evidence."""

from typing import NamedTuple

from adapters.hl7v2.header import Header, header

TABLE_0211 = {
    "ISO IR6": "ascii",
    "ASCII": "ascii",
    "8859/1": "iso-8859-1",
    "8859/2": "iso-8859-2",
    "8859/3": "iso-8859-3",
    "8859/4": "iso-8859-4",
    "8859/5": "iso-8859-5",
    "8859/6": "iso-8859-6",
    "8859/7": "iso-8859-7",
    "8859/8": "iso-8859-8",
    "8859/9": "iso-8859-9",
    "8859/15": "iso-8859-15",
    "KS X 1001": "euc-kr",
    "BIG-5": "big5",
    "GB 18030-2000": "gb18030",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
}
"""Codes that can travel in MLLP. UTF-16 and UTF-32 cannot: their bytes hold the frame's own."""

_ALIASES = {
    "utf-8": ("UTF-8", "UTF8"),
    "gb18030": ("GB18030", "GB 18030", "GB18030-2000", "GBK", "GB2312", "CP936", "MS936", "936"),
    "big5": ("BIG5",),
    "iso-8859-1": ("ISO8859_1", "ISO-8859-1", "ISO8859-1", "LATIN1"),
    "ascii": ("US-ASCII",),
}
_CODECS = TABLE_0211 | {alias: codec for codec, names in _ALIASES.items() for alias in names}
LABELS = {codec: label for label, codec in TABLE_0211.items()}
"""What MSH-18 says of each codec."""

_ENOUGH = 4
"""So many characters beyond U+07FF do not appear by accident: six hanzi of GB 18030 make four of them when read as
UTF-8 about three times in a hundred million."""


class UndecodableError(ValueError):
    """No known character set fits."""


class Text(NamedTuple):
    """A decoded message and its MSH; `conflict` says that MSH-18 named something else, or something unknown."""

    content: str
    codec: str
    conflict: bool
    head: Header | None


def decode(raw: bytes) -> Text:
    r"""Decodes before anything is split: in GB 18030 the bytes of `|`, `^`, `~` and `\` are also trail bytes.

    The label wins where it fits; UTF-8, then GB 18030 where it does not or where there is none.
    Raises `UndecodableError`.
    """
    utf8 = _strict(raw, "utf-8")
    gb = _strict(raw, "gb18030") if utf8 is None else None
    head = header(utf8 or gb or raw.decode("iso-8859-1"))
    named = _named(head)
    declared = _CODECS.get(named.upper())
    if utf8 is not None and (declared == "utf-8" or raw.isascii()):
        return Text(utf8.removeprefix("\ufeff"), declared or "utf-8", bool(named) and not declared, head)
    content, codec = _evident(raw, utf8, declared)
    return Text(content.removeprefix("\ufeff"), codec, bool(named) and codec != declared, header(content))


def _evident(raw: bytes, utf8: str | None, declared: str | None) -> tuple[str, str]:
    if declared:
        if utf8 is not None and sum(character > "\u07ff" for character in utf8) >= _ENOUGH:
            return utf8, "utf-8"
        as_declared = _strict(raw, declared)
        if as_declared is not None:
            return as_declared, declared
    if utf8 is not None and max(utf8) > "\u07ff":
        return utf8, "utf-8"
    # Two-byte sequences alone: hanzi that happen to be valid UTF-8 are likelier here than Latin or Greek.
    gb = _strict(raw, "gb18030")
    if gb is not None:
        return gb, "gb18030"
    if utf8 is not None:
        return utf8, "utf-8"
    raise UndecodableError


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _named(head: Header | None) -> str:
    """The first repetition of MSH-18, which is the default character set of the message."""
    return head.field(18).partition(head.encoding[1])[0].strip() if head else ""

"""The delimiters that a message declares in MSH-1 and MSH-2. HL7 v2.5.1 chapter 2.5.4."""

from dataclasses import dataclass
from functools import lru_cache

from .errors import NotER7

UNUSED = "\r"
"""Never found inside a segment, because it ends one."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """MSH-1 and the characters of MSH-2; `UNUSED` for those that the sender does not declare."""

    field: str
    component: str = UNUSED
    repetition: str = UNUSED
    escape: str = UNUSED
    subcomponent: str = UNUSED
    truncation: str = UNUSED


def declared(header: str) -> Delimiters:
    """The delimiters of an MSH segment, as written. Raises `NotER7`."""
    separator = header[3:4]
    return _delimiters(separator, header[4:16].split(separator or None, 1)[0] if len(header) > 4 else "")


@lru_cache(maxsize=64)
def _delimiters(separator: str, encoding: str) -> Delimiters:
    if not _punctuation(separator):
        raise NotER7("MSH-1", zh="MSH-1 不是有效的字段分隔符。", en="MSH-1 is not a usable field separator.")
    marks = separator + encoding
    if not 1 <= len(encoding) <= 5 or len(set(marks)) != len(marks) or not all(map(_punctuation, encoding)):
        raise NotER7("MSH-2", zh="MSH-2 不是有效的编码字符。", en="MSH-2 holds no usable encoding characters.")
    return Delimiters(separator, *encoding)


def _punctuation(character: str) -> bool:
    return character not in ("", " ", '"') and character.isprintable() and not character.isalnum()

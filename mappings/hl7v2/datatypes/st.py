"""ST, IS, ID: text as a FHIR string. https://hl7.org/fhir/R4/datatypes.html#string"""

import re

_CONTROLS = re.compile("[\x00-\x1f\x7f]")
_PLACEHOLDERS = frozenset({"-", "--", "/", "无", "空", "未知", "不详", "null", "NULL", "None"})


def text(value: str | None) -> str | None:
    """The value on one line, without padding and control characters; None when nothing is left."""
    if not value or value.isalnum():
        return value or None
    return _CONTROLS.sub("", " ".join(value.split())) or None


def number(value: str | None) -> str | None:
    """An identifying number as text; None for what is written where there is none (`无`, `-`, zeros)."""
    found = text(value)
    return None if not found or found in _PLACEHOLDERS or not found.strip("0") else found

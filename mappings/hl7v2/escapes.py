r"""Escape sequences inside values: `\F\`, `\X..\`, `\.br\` and their dialects. HL7 v2.5.1 chapter 2.7."""

import re
from functools import lru_cache

from .delimiters import UNUSED, Delimiters


def unescape(text: str, delimiters: Delimiters, codec: str) -> str:
    r"""`text` with delimiters, `\X..\` (in `codec`) and `\.br\` restored, highlighting (`\H\ \N\`) dropped.

    Anything else stays as written.
    """

    def replaced(match: re.Match[str]) -> str:
        written = match.group()
        if written[1] == "X":
            return _hexadecimal(written, delimiters.escape, codec)
        return known.get(written[1:-1], written)

    known = _replacements(delimiters)
    return _sequences(delimiters.escape).sub(replaced, text)


@lru_cache(maxsize=64)
def _replacements(delimiters: Delimiters) -> dict[str, str]:
    declared = {
        "F": delimiters.field,
        "S": delimiters.component,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        "T": delimiters.subcomponent,
        "P": delimiters.truncation,
    }
    known = {name: mark for name, mark in declared.items() if mark != UNUSED}
    return known | {"H": "", "N": "", ".br": "\n"}


@lru_cache(maxsize=64)
def _sequences(escape: str) -> re.Pattern[str]:
    # The forms that the standard defines, read from the left; a stray escape character opens none of them.
    mark = re.escape(escape)
    return re.compile(
        rf"(?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+"
        rf"|{mark}(?:[FSRETPHN]|\.[a-z]{{2}}[+-]?[0-9]*|[CM][0-9A-Fa-f]+|Z[^{mark}]*){mark}"
    )


def _hexadecimal(written: str, escape: str, codec: str) -> str:
    # Neighbouring sequences are read as one: some senders escape every byte of a character by itself.
    data = bytes.fromhex(written.replace(f"{escape}X", "").replace(escape, ""))
    try:
        # A zero byte tells of 16-bit units: `\X000D\`.
        return data.decode("utf-16-be" if 0 in data else codec)
    except UnicodeDecodeError:
        return written

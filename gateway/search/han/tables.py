"""The files of this folder, read once, at first use."""

import csv
from array import array
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent
_END = 0x323B0
"""One after the last Han character: Extension H ends at U+323AF."""


Ways = list[list[str]]
"""The readings of a text in order of likelihood, each one syllable for each character."""


class Names(NamedTuple):
    surname: dict[str, Ways]
    """Surnames that are read otherwise than the same character elsewhere, and compound ones."""
    elsewhere: dict[str, Ways]
    """Characters of given names and places read in two ways."""


@cache
def simplified() -> dict[int, str]:
    """For `str.translate`: each traditional, regional or variant form → the simplified one."""
    return {ord(form): plain for plain, forms in _lines("simplified") for form in forms}


@cache
def places() -> "array[int]":
    """For each code point the place of its usual reading in `syllables`, 0 for none; simplified characters only.

    This takes 0.4 MB, where a dict of strings takes five.
    """
    found = array("H", bytes(2 * _END))
    for place, (_, characters) in enumerate(_lines("readings"), start=1):
        for character in characters:
            found[ord(character)] = place
    return found


@cache
def syllables(*, tones: bool) -> list[str]:
    return ["", *(_written(syllable, tones=tones) for syllable, _ in _lines("readings"))]


@cache
def names(*, tones: bool) -> Names:
    found = Names({}, {})
    with (_HERE / "names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            table = found.surname if row["place"] == "surname" else found.elsewhere
            ways = [[_written(one, tones=tones) for one in way.split(" ")] for way in row["readings"].split("/")]
            table[row["text"]] = [way for at, way in enumerate(ways) if way not in ways[:at]]
    return found


def _written(syllable: str, *, tones: bool) -> str:
    """`lv4` with its tone, for 绿 comes after 陆 in a dictionary; else `lu`, what folding makes of a searched `lü`."""
    return syllable if tones else syllable[:-1].replace("v", "u")


def _lines(name: str) -> Iterator[tuple[str, str]]:
    for line in (_HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        value, _, characters = line.partition("\t")
        yield value, characters

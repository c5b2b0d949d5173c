"""How a Chinese text is read: surnames as surnames, the rest by its usual reading.

A text comes as tokens: a Han character each, or a run of anything else, which is read as it is.
"""

from functools import cache

from gateway.search.han import tables
from gateway.search.han.tables import Ways

_LONGEST_SURNAME = 4


def surname(tokens: list[str]) -> int:
    """How many tokens at the start of a name are the surname: those of a compound one, else one."""
    surnames = tables.names(tones=False).surname
    for length in range(min(_LONGEST_SURNAME, len(tokens)), 1, -1):
        if "".join(tokens[:length]) in surnames:
            return length
    return 1


def usual(tokens: list[str], split: int) -> list[str]:
    """One syllable with its tone for each token; the first `split` are the surname."""
    return [syllable for piece in _pieces(tokens, split, tones=True) for syllable in piece[0]]


def ways(tokens: list[str], split: int) -> list[list[str]]:
    """The usual reading without tones, and the second one of the first piece that has two."""
    pieces = _pieces(tokens, split, tones=False)
    found = [[syllable for piece in pieces for syllable in piece[0]]]
    for at, piece in enumerate(pieces):
        if len(piece) > 1:
            found.append([syllable for other, one in enumerate(pieces) for syllable in one[other == at]])
            break
    return found


def _pieces(tokens: list[str], split: int, *, tones: bool) -> list[Ways]:
    """A compound surname is one piece, any other token too."""
    read = _characters(tones=tones)
    elsewhere = [read[token] for token in tokens[split:]]
    if split == 0:
        return elsewhere
    surnames = tables.names(tones=tones).surname
    if compound := surnames.get("".join(tokens[:split])):
        return [compound, *elsewhere]
    return [*(surnames.get(token) or read[token] for token in tokens[:split]), *elsewhere]


class _Characters(dict[str, Ways]):
    """The characters that were read so far; there are not many in all."""

    def __init__(self, *, tones: bool) -> None:
        super().__init__(tables.names(tones=tones).elsewhere)
        self._syllables, self._places = tables.syllables(tones=tones), tables.places()

    def __missing__(self, token: str) -> Ways:
        point = ord(token) if len(token) == 1 else 0
        if not (place := self._places[point] if point < len(self._places) else 0):
            return [[token]]
        self[token] = [[self._syllables[place]]]
        return self[token]


@cache
def _characters(*, tones: bool) -> _Characters:
    return _Characters(tones=tones)

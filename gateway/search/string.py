"""Search parameters of type string: folded for case, accents, width and script, found by prefix.

https://hl7.org/fhir/R4/search.html#string
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from gateway.search import chinese
from gateway.search.chinese import fold
from gateway.search.expressions import Value
from gateway.search.terms import WORD, Asked, Clause, Condition, Found, Name, key, modifier_refused, unescape
from profiles.json import Resource

_MOST = 200
"""Characters of a value that are indexed: a B-tree row has room for no more."""
_MARK = "\x01"
"""Between the folded value and the value as written, so that one row serves both prefix and `:exact`."""
_FORM = "\x02"
"""After a form that nobody wrote: pinyin, initials, a name put together."""
_NAMES = frozenset({"name", "family", "given", "phonetic"})
"""Parameters whose texts are romanised."""
_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("text", "line", "city", "district", "state", "country", "postalCode")


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    own = key(name)
    for fhir_type, value in values:
        if fhir_type == "HumanName":
            words, ordered = _of_name(*(_part(value, part) for part in _NAME))
        elif isinstance(value, str):
            words, ordered = _of_text(value, romanised=name.code in _NAMES, surname=name.code == "family")
        else:
            words, ordered = frozenset(map(word, texts(fhir_type, value))), ""
        into.words |= {(own, one) for one in words}
        if ordered:
            into.words.add((key(name, "sort"), ordered))


def _part(name: Resource, part: str) -> Any:
    value = name.get(part)
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def _of_name(*parts: Any) -> tuple[frozenset[str], str]:
    """The words of a HumanName, and what it is ordered by where that is none of them.

    Kept, for a name is indexed under several parameters, and again with every version.
    """
    name = {part: value for part, value in zip(_NAME, parts, strict=True) if value}
    written = chinese.texts(name)
    forms = chinese.name_forms(name) - {fold(text) for text in written}
    full = chinese.full(name)
    ordered = "" if full.isascii() else chinese.sort_key(full[:_MOST], surname=True)
    return frozenset((*map(word, written), *(f"{form[:_MOST]}{_FORM}" for form in forms))), ordered


@lru_cache(maxsize=4096)
def _of_text(text: str, *, romanised: bool, surname: bool) -> tuple[frozenset[str], str]:
    if text.isascii():
        return frozenset((word(text),)), ""
    forms = chinese.romanised(text, surname=surname) if romanised else frozenset()
    words = frozenset((word(text), *(f"{form[:_MOST]}{_FORM}" for form in forms)))
    return words, chinese.sort_key(text[:_MOST], surname=surname)


def clause(asked: Asked, own: int | None = None) -> Clause:
    """Of the parameter's own texts, or of those under another key of it."""
    patterns = [pattern for value in asked.values for pattern in _patterns(asked, unescape(value)[:_MOST])]
    keys = (key(asked.name) if own is None else own,)
    if len(patterns) == 1:
        return Condition("words", "x.value LIKE %(like_{n})s", {"like": patterns[0]}, keys, WORD)
    return Condition("words", "x.value LIKE ANY(%(like_{n})s::text[])", {"like": patterns}, keys, WORD)


def _patterns(asked: Asked, text: str) -> Iterator[str]:
    """None for a text of spaces, with which every text would begin."""
    match asked.modifier:
        case "" | "text":
            yield from (f"{like(form)}%" for form in chinese.query(text) if form)
        case "contains":
            yield from (f"%{like(form)}%{_MARK}%" for form in [fold(text)] if form)
        case "exact":
            yield like(word(text))
        case _:
            raise modifier_refused(asked, ":exact :contains :text :missing")


@lru_cache(maxsize=4096)
def word(text: str) -> str:
    """A text as it is indexed."""
    return f"{fold(text[:_MOST])}{_MARK}{text[:_MOST]}"


def texts(fhir_type: str, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif fhir_type == "HumanName":
        yield from chinese.texts(value)
    elif fhir_type == "Address":
        for part in _ADDRESS:
            found = value.get(part)
            yield from (text for text in (found if isinstance(found, list) else [found]) if text)


def like(text: str) -> str:
    """A text as a pattern that matches nothing else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

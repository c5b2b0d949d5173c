"""Search parameters of type composite: two values of one and the same element.

The first part is a code, which becomes part of the key under which the second is indexed.
https://hl7.org/fhir/R4/search.html#composite
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.errors import BadRequest
from gateway.search import date, expressions, quantity, reference, string, token
from gateway.search.terms import (
    CODE,
    Asked,
    Clause,
    Found,
    Keyed,
    Name,
    Targets,
    any_of,
    key,
    modifier_refused,
    split,
    unescape,
)
from gateway.storage.hashes import target

_JOINT = "$"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two: its parameter type, and its expression compiled for each type of element."""

    kind: str
    extracts: dict[str, expressions.Extract]


def rows(name: Name, parts: tuple[Part, Part], values: Iterable[expressions.Value], into: Found) -> None:
    first, second = _code_first(parts)
    for element, node in values:
        codes = first.extracts[element](node)
        found = second.extracts[element](node)
        bounds = list(quantity.bounds(found)) if second.kind == "quantity" else []
        for form in {form for value in codes for form in token.forms(*value)}:
            if bounds:
                into.amount |= {(key(name, *form, _JOINT, *suffix), low, high) for suffix, low, high in bounds}
            else:
                _index(name, (*form, _JOINT), second.kind, found, into)


def _index(name: Name, head: tuple[str, ...], kind: str, values: list[expressions.Value], into: Found) -> None:
    match kind:
        case "token":
            into.idx |= {key(name, *head, *form) for value in values for form in token.forms(*value)}
        case "quantity":
            bounds = quantity.bounds(values)
            into.amount |= {(key(name, *head, *suffix), low, high) for suffix, low, high in bounds}
        case "date":
            into.span |= {(key(name, *head), *found) for value in values for found in date.intervals(*value)}
        case "string":
            into.words |= {(key(name, *head), string.word(text)) for value in values for text in string.texts(*value)}
        case "reference":
            into.link |= {
                (target(found), key(name, *head)) for _, value in values for found in reference.targets(value)
            }


def clause(asked: Asked, parts: tuple[Part, Part]) -> Clause:
    if asked.modifier:
        raise modifier_refused(asked, "-")
    return any_of(_pairs(asked, parts))


def _code_first(parts: tuple[Part, Part]) -> tuple[Part, Part]:
    """DocumentReference alone names a reference before the code."""
    return parts if parts[0].kind == "token" else (parts[1], parts[0])


def _pairs(asked: Asked, parts: tuple[Part, Part]) -> Iterator[Clause]:
    kind = _code_first(parts)[1].kind
    for value in asked.values:
        halves = split(value, "$")
        if len(halves) != 2 or not all(halves):
            raise BadRequest(
                "FD-SEARCH-COMPOSITE",
                f"检索参数 {asked.name.code} 的值应写作 第一部分$第二部分。",
                f"The value of search parameter {asked.name.code} is written first$second.",
            )
        code, other = halves if parts[0].kind == "token" else halves[::-1]
        yield _pair(replace(asked, values=[other]), (*token.form(code), _JOINT), kind)


def _pair(asked: Asked, head: tuple[str, ...], kind: str) -> Clause:
    own, [text] = key(asked.name, *head), asked.values
    match kind:
        case "token":
            return Keyed((key(asked.name, *head, *token.form(text)),), CODE)
        case "quantity":
            suffix, comparison = quantity.sought(asked.name, text)
            return quantity.condition((key(asked.name, *head, *suffix),), [comparison])
        case "date":
            return date.compared(asked, text, own)
        case "string":
            return string.clause(asked, own)
        case _:
            return Targets((own,), tuple(map(target, reference.targets(unescape(text)))))

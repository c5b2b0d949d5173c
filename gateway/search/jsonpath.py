"""Search parameter expressions as SQL/JSON paths, for what the database reads from the content itself: order, absence.

https://www.postgresql.org/docs/18/functions-json.html#FUNCTIONS-SQLJSON-PATH
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.search import fhirpath_subset as fhirpath
from gateway.search.expressions import members
from gateway.search.fhirpath_subset import As, Compared, Index, Name, Path, ResolvesTo, Unsupported, Where
from profiles import definitions, json

_HEADS = ("Resource", "DomainResource", "%resource")
_TAILS = {
    "CodeableConcept": ".coding.code",
    "Coding": ".code",
    "Identifier": ".value",
    "ContactPoint": ".value",
    "Reference": ".reference",
}
"""Where the value stands that a code, an identifier or a reference is ordered by."""


class Found(NamedTuple):
    path: str
    type: str
    """Of what it leads to."""
    codes: str = ""
    """URL of the value set that a code there must come from."""

    @property
    def value(self) -> str:
        return self.path + _TAILS.get(self.type, "")


def paths(expression: str, resource_type: str) -> tuple[Found, ...]:
    """Where an expression leads in the JSON of a type; empty for what is a test rather than a path."""
    parsed = fhirpath.parse(expression)
    if not isinstance(parsed, tuple):
        return ()
    return tuple(found for path in parsed for found in _of_type(path, resource_type))


def _of_type(path: Path, resource_type: str) -> Iterator[Found]:
    match path[0]:
        case Name(name) if name == resource_type or name in _HEADS:
            yield from _walk(Found("$", resource_type), path[1:])
        case Name(name) if not name[0].isupper():
            yield from _walk(Found("$", resource_type), path)


def _walk(found: Found, steps: Path) -> Iterator[Found]:
    if not steps:
        yield found
        return
    for following in _step(found, steps[0]):
        yield from _walk(following, steps[1:])


def _step(found: Found, step: fhirpath.Step) -> Iterator[Found]:
    match step:
        case Name(name):
            for member, kind in members(found.type, name).items():
                yield Found(f"{found.path}.{member}", kind, _codes(found.type, name))
        case Index(at):
            yield found._replace(path=f"{found.path}[{at}]")
        case As(name):
            if found.type.casefold() == name.casefold():
                yield found
        case Where(Compared(((Name(name),),), literal, True)):
            yield found._replace(path=f"{found.path} ? (@.{name} == {json.dumps(literal).decode()})")
        case Where(ResolvesTo(name)):
            test = f'@.reference starts with "{name}/" || @.type == "{name}"'
            yield found._replace(path=f"{found.path} ? ({test})")
        case _:
            raise Unsupported("a test that is not a comparison")


def _codes(type_name: str, name: str) -> str:
    return next((element.codes for element in definitions.elements(type_name) if element.name == name), "")

"""Search parameters of type reference, by literal reference or by identifier.

https://hl7.org/fhir/R4/search.html#reference
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from gateway.search import token
from gateway.search.expressions import Value
from gateway.search.terms import (
    IDENTIFIER,
    Asked,
    Clause,
    Found,
    Name,
    Targets,
    any_of,
    key,
    modifier_refused,
    unescape,
)
from gateway.storage.hashes import target
from profiles import definitions

LITERAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?", re.ASCII)
"""A reference to a resource of this server, with a version or without."""


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    """A row for every literal reference (without its version), and token keys for every logical one."""
    for _, value in values:
        for found in targets(value):
            into.link.add((target(found), key(name)))
        identifier = value.get("identifier") if isinstance(value, dict) else None
        if isinstance(identifier, dict):
            token.rows(_by_identifier(name), [("Identifier", identifier)], into)


def clause(asked: Asked) -> Clause:
    match asked.modifier:
        case "identifier":
            by_identifier = replace(asked, name=_by_identifier(asked.name), modifier="", rank=IDENTIFIER)
            return token.clause(by_identifier)
        case "":
            types = asked.targets
        case resource_type if resource_type in asked.targets or (not asked.targets and _is_type(resource_type)):
            types = (resource_type,)
        case _:
            raise modifier_refused(asked, " ".join((":identifier :missing", *(f":{one}" for one in asked.targets))))
    of_type = asked.modifier or None
    return any_of(
        Targets((key(asked.name),), tuple(map(target, _asked(unescape(value), types, of_type))))
        for value in asked.values
    )


def targets(value: Any) -> Iterator[str]:
    """What a Reference, uri or canonical leads to: `Patient/1`, or a URL; a canonical with its version and without."""
    text = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(text, str) or text.startswith("#"):
        return
    match = LITERAL.fullmatch(text)
    yield match.group(1) if match else text
    url, found, _ = text.partition("|")
    if found and not isinstance(value, dict):
        yield url


def _by_identifier(name: Name) -> Name:
    return name._replace(code=f"{name.code}:identifier")


def _asked(value: str, types: Iterable[str], of_type: str | None) -> Iterator[str]:
    if "/" in value or ":" in value:
        match = LITERAL.fullmatch(value)
        found = match.group(1) if match else value
        if not match or of_type in {None, found.partition("/")[0]}:
            yield found
    else:
        yield from (f"{one}/{value}" for one in types)


def _is_type(name: str) -> bool:
    return name in definitions.resource_types()

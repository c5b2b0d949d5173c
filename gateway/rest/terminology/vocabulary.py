"""The terminology of one request: what the package has, and what this caller may read among the stored resources."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.errors import BadRequest, NotFound, TooCostly, Unprocessable
from gateway.records import Records
from gateway.rest.addresses import read_id
from gateway.rest.exchange import Request
from gateway.rest.parameters import Given, one
from profiles import terminology
from profiles.json import Resource
from profiles.terminology import Name, Terminology

_MOST_CODINGS = 100
_MOST_SEARCHES = 32
"""For what a value set refers to, and what that refers to in turn."""


class InvalidQuestion(Unprocessable):
    code = "invalid"


@contextmanager
def answering() -> Iterator[None]:
    """Tells in HTTP what terminology has no answer to."""
    try:
        yield
    except terminology.NotKnown as fault:
        raise NotFound(fault.key, fault.zh, fault.en) from fault
    except terminology.NotListed as fault:
        raise TooCostly(fault.key, fault.zh, fault.en) from fault
    except terminology.Invalid as fault:
        raise InvalidQuestion(fault.key, fault.zh, fault.en) from fault


async def subject(request: Request, records: Records, given: Given, inline: str) -> Resource | None:
    """The resource that the operation is about, if it is stored under the id in the URL or sent in the body."""
    sent = one(given, inline)
    if len(request.segments) == 2:
        return sent if isinstance(sent, dict) else None
    if sent is not None or "url" in given:
        raise BadRequest(
            "FD-TERMINOLOGY-TWICE",
            f"URL 已指明资源,不能再给出 url 或 {inline}。",
            f"The address names the resource already; leave out url and {inline}.",
        )
    stored = await records.read(request.segments[0], read_id(request.segments[1]))
    return stored.resource()


async def about(records: Records, wanted: Iterable[Name], resource: Resource | None = None) -> Terminology:
    """The shipped terminology with `resource`, and with what is stored of the names that it lacks."""
    names, asked = set(wanted), set[Name]()
    known = terminology.shipped() if resource is None else terminology.shipped().including([resource])
    while (lacking := known.missing(names, resource) - asked) and len(asked) < _MOST_SEARCHES:
        for name in sorted(lacking):
            asked.add(name)
            found = await stored(records, *name)
            known = known.including(found) if found else known
    return known


async def stored(records: Records, resource_type: str, canonical: str) -> list[Resource]:
    """What is stored under a canonical URL, `url|version`."""
    url, _, version = canonical.partition("|")
    every = await found(records, resource_type, "url", url)
    return [resource for resource in every if not version or resource.get("version") == version]


async def found(records: Records, resource_type: str, parameter: str, value: str) -> list[Resource]:
    """What is stored where a search parameter has a value; nothing, if this caller may not search for it."""
    if not value or not records.grant.allows(resource_type, "search"):
        return []
    page = await records.search(resource_type, [(parameter, _escaped(value))])
    return [match.resource() for match in page.matches]


def _escaped(text: str) -> str:
    """As the value of a search parameter. https://hl7.org/fhir/R4/search.html#escaping"""
    return "".join(f"\\{letter}" if letter in "\\$,|" else letter for letter in text)


# Parameters that several operations have


def codings(given: Given, system: str | None = None, version: str = "version") -> list[dict[str, Any]]:
    """The codes asked about, as Codings: `code` with `system`, `coding` or `codeableConcept`, one of the three."""
    said = [name for name in ("code", "coding", "codeableConcept") if name in given]
    if len(said) != 1:
        raise BadRequest(
            "FD-TERMINOLOGY-CODE",
            "应给出 code(与 system)、coding、codeableConcept 三者之一。",
            "Give one of code (with system), coding and codeableConcept.",
        )
    if said == ["code"]:
        facts = {"system": one(given, "system", system), "version": one(given, version), "code": one(given, "code")}
        return [{name: value for name, value in (facts | {"display": one(given, "display")}).items() if value}]
    found = [one(given, "coding")] if said == ["coding"] else one(given, "codeableConcept").get("coding", [])
    if len(found) > _MOST_CODINGS:
        raise BadRequest(
            "FD-TERMINOLOGY-CODE",
            f"一个 codeableConcept 最多校验 {_MOST_CODINGS} 个 coding。",
            f"Of one codeableConcept at most {_MOST_CODINGS} codings are looked at.",
        )
    return [coding for coding in found if "code" in coding] or [{}]


def canonical(given: Given, url: str, version: str) -> str | None:
    """`url|version` of two parameters."""
    name, number = one(given, url), one(given, version)
    return f"{name}|{number}" if name and number else name


def url_of(resource: Resource) -> str:
    if "url" not in resource:
        raise BadRequest(
            "FD-TERMINOLOGY-URL",
            "该 CodeSystem 没有 url,不能作为代码系统使用;请补充 url。",
            "The CodeSystem has no url and cannot be asked for codes; give it one.",
            "CodeSystem.url",
        )
    return str(resource["url"])


def coded(coding: dict[str, Any]) -> tuple[str, str]:
    """System and code of a coding that must have both."""
    if "system" not in coding or "code" not in coding:
        raise BadRequest(
            "FD-TERMINOLOGY-CODE", "代码须同时给出 system 与 code。", "A code is given by its system and its code."
        )
    return coding["system"], coding["code"]

"""Code systems, value sets and concept maps by canonical URL: those in the package, and those that a caller adds."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from profiles.json import Resource
from profiles.terminology import published
from profiles.terminology.faults import NotListed
from profiles.terminology.published import Kind
from profiles.terminology.systems import System, system_of

_CONTENT = frozenset({"complete", "fragment", "example"})
Name = tuple[Kind, str]
"""Type and canonical URL."""
_IMPLICIT = ("http://snomed.info/sct", "http://loinc.org")
_MOST_EFFORT = 2_000_000


class Effort:
    """How much work one question has been; strangers write value sets too."""

    def __init__(self) -> None:
        self._spent = 0

    def begin(self) -> None:
        self._spent = 0

    def spend(self, amount: int) -> None:
        """In concepts looked at; raises `NotListed` where a value set asks for more than anybody needs."""
        self._spent += amount
        if self._spent > _MOST_EFFORT:
            raise NotListed(
                "值集的定义过于复杂,无法在合理时间内展开;请减少 include、filter 或拆分值集。",
                "The definition of the value set is too complex to expand in reasonable time; use fewer includes and "
                "filters, or split it.",
            )


class Library:
    """What is known; resources of the caller go before those in the package."""

    def __init__(self, resources: Iterable[Resource] = (), effort: Effort | None = None) -> None:
        self.own: tuple[Resource, ...] = tuple(resources)
        self.effort = effort or Effort()
        self.sets: dict[str, Any] = {}
        """The members of value sets that were asked for before."""
        self._own: dict[tuple[str, str], list[Resource]] = {}
        self._systems: dict[str, System] = {}
        for resource in self.own:
            for name in {resource.get("url"), f"#{resource['id']}" if "id" in resource else None} - {None}:
                self._own.setdefault((resource.get("resourceType", ""), str(name)), []).append(resource)

    def including(self, resources: Iterable[Resource]) -> "Library":
        """This library and more, which go before what is here."""
        return Library([*resources, *self.own], self.effort)

    def system(self, canonical: str) -> System | None:
        """A system with content; None where there is none, or not in the version asked for.

        None is not kept: strangers may name any number of systems.
        """
        found = self._systems.get(canonical) or self._system(canonical)
        if found is not None:
            self._systems[canonical] = found
        return found

    def _system(self, canonical: str) -> System | None:
        found = self._pick("CodeSystem", canonical)
        if found is not None:
            return system_of(found) if found.get("content") in _CONTENT else None
        for url, version in _names(canonical):
            ours = published.system(url)
            if ours is not None and ours.content in _CONTENT and (not version or version == ours.version):
                return ours
        return None

    def value_set(self, canonical: str) -> Resource | None:
        return self._resource("ValueSet", canonical) or self._all_of_a_system(canonical)

    def concept_map(self, canonical: str) -> Resource | None:
        return self._resource("ConceptMap", canonical)

    def concept_maps(self) -> Iterator[Resource]:
        own = [one for one in self.own if one.get("resourceType") == "ConceptMap"]
        others = set(published.urls("ConceptMap")) - {one.get("url") for one in own}
        yield from own
        yield from (found for url in sorted(others) if (found := _published_map(url)) is not None)

    def _resource(self, kind: Kind, canonical: str) -> Resource | None:
        found = self._pick(kind, canonical)
        if found is not None:
            return found
        for url, version in _names(canonical):
            ours = published.resource(kind, url)
            if ours is not None and (not version or version == ours.get("version")):
                return ours
        return None

    def _pick(self, kind: Kind, canonical: str) -> Resource | None:
        """Among the caller's own: the version asked for, or else the newest."""
        for url, version in _names(canonical):
            there = self._own.get((kind, url), ())
            fitting = [one for one in there if not version or one.get("version") == version]
            if fitting:
                return max(fitting, key=_age)
        return None

    def _all_of_a_system(self, canonical: str) -> Resource | None:
        """The value set of a whole system, which a code system may name without anybody writing it."""
        for one in self.own:
            if one.get("resourceType") == "CodeSystem" and one.get("valueSet") == canonical and "url" in one:
                compose = {"include": [{"system": one["url"]}]}
                return {"resourceType": "ValueSet", "url": canonical, "status": "active", "compose": compose}
        return None

    def missing(self, names: Iterable[Name]) -> set[Name]:
        """Which of them are not here, nor what those that are here refer to."""
        lacking: set[Name] = set()
        seen: set[Name] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                found = self._found(*name)
                waiting += references(found) if found else ()
                lacking |= set() if found is not None else {name}
        return lacking

    def _found(self, kind: Kind, canonical: str) -> Resource | None:
        match kind:
            case "CodeSystem":
                return {} if self.system(canonical) else None
            case "ValueSet":
                return {} if implicit(canonical) else self.value_set(canonical)
        return self.concept_map(canonical)


@cache
def _published_map(url: str) -> Resource | None:
    return published.resource("ConceptMap", url)


def _age(resource: Resource) -> list[tuple[int, str]]:
    """Sorts versions as people count them: 2.10 after 2.9."""
    return [
        (int(part) if part.isdecimal() else -1, part) for part in re.split(r"[.\-]", str(resource.get("version", "")))
    ]


def _names(canonical: str) -> Iterator[tuple[str, str]]:
    """URL and version; HL7 has URLs with a `|` of their own, so the whole is tried first."""
    yield canonical, ""
    url, found, version = canonical.rpartition("|")
    if found:
        yield url, version


def references(resource: Resource) -> Iterator[Name]:
    """What a resource refers to, outside itself."""
    inside = {one.get("url") for one in resource.get("contained", ())}
    every = (name for one in [resource, *resource.get("contained", ())] for name in _references(one))
    return (name for name in every if name[1] not in inside and not name[1].startswith("#"))


def _references(resource: Resource) -> Iterator[Name]:
    compose: dict[str, Any] = resource.get("compose", {})
    for part in [*compose.get("include", ()), *compose.get("exclude", ())]:
        if "system" in part:
            yield "CodeSystem", named(part["system"], part.get("version"))
        for url in part.get("valueSet", ()):
            yield "ValueSet", url
    for group in resource.get("group", ()):
        for unmapped in filter(None, [group.get("unmapped", {}).get("url")]):
            yield "ConceptMap", unmapped


def implicit(canonical: str) -> str | None:
    """The system whose value sets are named by URLs of its own. https://hl7.org/fhir/R4/snomedct.html#implicit"""
    return next((one for one in _IMPLICIT if canonical.startswith((f"{one}?", f"{one}/vs"))), None)


def named(url: str, version: str | None) -> str:
    return f"{url}|{version}" if version else url

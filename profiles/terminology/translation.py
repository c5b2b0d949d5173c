"""A code in another system's words, by concept maps. https://hl7.org/fhir/R4/conceptmap-operation-translate.html"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from profiles.json import Resource
from profiles.terminology.library import Library

_NO_MATCH = frozenset({"unmatched", "disjoint"})
_BACKWARDS = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}
_MOST_MAPS = 8
"""How far maps may send on from one to the next."""


class Match(NamedTuple):
    equivalence: str
    concept: Resource | None
    """A Coding."""
    source: str
    """URL of the map."""
    products: tuple[tuple[str, Resource], ...] = ()
    """(element, Coding) that also result."""


@dataclass(frozen=True, slots=True)
class Question:
    system: str
    code: str
    source: str = ""
    """Value set that the code is taken from, if that is known; so `target`."""
    target: str = ""
    target_system: str = ""
    reverse: bool = False
    dependencies: tuple[tuple[str, frozenset[tuple[str, str]]], ...] = ()
    """(element, its codings as system and code)."""


def is_translated(matches: Iterable[Match]) -> bool:
    return any(match.equivalence not in _NO_MATCH for match in matches)


def fitting(maps: Iterable[Resource], question: Question) -> Iterator[Resource]:
    """Those maps that lead from and to the value sets asked for, where any are."""
    ends = ("target", "source") if question.reverse else ("source", "target")
    for one in maps:
        if _leads(one, ends[0], question.source) and _leads(one, ends[1], question.target):
            yield one


def _leads(concept_map: Resource, end: str, value_set: str) -> bool:
    said = concept_map.get(f"{end}Canonical") or concept_map.get(f"{end}Uri", "")
    return not value_set or str(said).partition("|")[0] == value_set.partition("|")[0]


def translated(library: Library, concept_map: Resource, question: Question, steps: int = 0) -> Iterator[Match]:
    url = concept_map.get("url", "")
    for group in concept_map.get("group", ()):
        if question.reverse:
            yield from _backwards(group, question, url)
        elif _joins(group, question):
            yield from _forwards(library, group, question, url, steps)


def _joins(group: Resource, question: Question) -> bool:
    from_here = group.get("source", question.system) == question.system
    return from_here and question.target_system in {"", group.get("target")}


def _forwards(library: Library, group: Resource, question: Question, url: str, steps: int) -> Iterator[Match]:
    elements = [one for one in group["element"] if one.get("code") == question.code]
    for target in (target for one in elements for target in one.get("target", ())):
        if _holds(target, question):
            coding = _coding(group.get("target"), group.get("targetVersion"), target)
            yield Match(target.get("equivalence", "relatedto"), coding, url, tuple(_products(target)))
    if not elements and "unmapped" in group:
        yield from _unmapped(library, group, question, url, steps)


def _unmapped(library: Library, group: Resource, question: Question, url: str, steps: int) -> Iterator[Match]:
    unmapped, target = group["unmapped"], group.get("target")
    match unmapped.get("mode"):
        case "provided":
            yield Match("equal", _coding(target, None, {"code": question.code}), url)
        case "fixed":
            yield Match("relatedto", _coding(target, None, unmapped), url)
        case "other-map" if steps < _MOST_MAPS:
            other = library.concept_map(unmapped.get("url", ""))
            yield from translated(library, other, question, steps + 1) if other else ()


def _backwards(group: Resource, question: Question, url: str) -> Iterator[Match]:
    if group.get("target") != question.system or question.target_system not in {"", group.get("source")}:
        return
    for element in group["element"]:
        for target in element.get("target", ()):
            if target.get("code") == question.code:
                said = target.get("equivalence", "relatedto")
                coding = _coding(group.get("source"), group.get("sourceVersion"), element)
                yield Match(_BACKWARDS.get(said, said), coding, url)


def _holds(target: Resource, question: Question) -> bool:
    """Whether what the mapping depends on was said; where nothing was said, it is not asked for."""
    if not question.dependencies:
        return True
    said = dict(question.dependencies)
    needed = (
        (one.get("property", ""), (one.get("system", ""), one.get("value", ""))) for one in target.get("dependsOn", ())
    )
    return all(value in said.get(element, ()) for element, value in needed)


def _coding(system: str | None, version: str | None, said: Resource) -> Resource | None:
    if "code" not in said:
        return None
    facts = {"system": system, "version": version, "code": said["code"], "display": said.get("display")}
    return {name: value for name, value in facts.items() if value}


def _products(target: Resource) -> Iterator[tuple[str, Resource]]:
    for one in target.get("product", ()):
        facts = {"system": one.get("system"), "code": one.get("value"), "display": one.get("display")}
        yield one.get("property", ""), {name: value for name, value in facts.items() if value}

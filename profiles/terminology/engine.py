"""The questions that may be asked of terminology, and where each is answered."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from profiles.json import Resource
from profiles.terminology import expansion, members, systems, translation, validation
from profiles.terminology.expansion import Wish
from profiles.terminology.faults import Invalid, no_code, no_concept_map, no_system, no_value_set
from profiles.terminology.library import Library, Name, named, references
from profiles.terminology.members import Gap, Key, Member, Members
from profiles.terminology.systems import System
from profiles.terminology.translation import Match, Question
from profiles.terminology.validation import Claim, Verdict

_PLAIN = Wish()


class Found(NamedTuple):
    """What is known of a code."""

    name: str
    version: str
    display: str
    designations: list[Resource]
    properties: list[tuple[str, str, Any]]
    """(code, FHIR type, JSON value), with the codes of parents and children."""
    abstract: bool


class Terminology:
    """The shipped terminology and more: ValueSets, CodeSystems and ConceptMaps of the caller, which go first.

    A value set is given by its canonical URL (with `|version` or without) or as a resource. Whatever cannot be answered
    raises a `Fault`; a validation never does for a system that is not here.
    """

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._library = Library(resources)

    def including(self, resources: Iterable[Resource]) -> "Terminology":
        """This terminology and more, which goes before what is here."""
        return Terminology([*resources, *self._library.own])

    def missing(self, names: Iterable[Name] = (), resource: Resource | None = None) -> set[Name]:
        """(type, canonical URL) of what is not here: of the names, and of what they and the resource lead to."""
        return self._library.missing([*names, *(references(resource) if resource else ())])

    # Value sets

    def value_set(self, url: str) -> Resource | None:
        return self._library.value_set(url)

    def expand(self, value_set: str | Resource, timestamp: str, wish: Wish = _PLAIN) -> Resource:
        """A ValueSet with its expansion; `timestamp` is an instant."""
        expansion.check(wish)
        if isinstance(value_set, str):
            self.require_value_set(value_set)
            found, about = members.of(self._library, value_set), self.value_set(value_set) or {"url": value_set}
        else:
            found, about = members.members(self._library, value_set), value_set
        return expansion.expanded(about, found, wish, timestamp)

    def require_value_set(self, url: str) -> None:
        """Raises `NotKnown` for a value set that is not here."""
        if ("ValueSet", url) in self._library.missing([("ValueSet", url)]):
            raise no_value_set(url)

    def codes_in(self, value_set: str) -> frozenset[Key] | None:
        """(system, code) of every member; None for a set that is not here, or cannot be listed whole."""
        found = self._members(value_set)
        return None if found.open else frozenset(found.listed)

    def _members(self, value_set: str | Resource) -> Members:
        if isinstance(value_set, str):
            return members.of(self._library, value_set)
        return members.members(self._library, value_set)

    # Codes

    def system(self, url: str, version: str | None = None) -> System | None:
        return self._library.system(named(url, version))

    def validate_code(
        self, claim: Claim, value_set: str | Resource | None = None, version: str | None = None
    ) -> Verdict:
        """Against a value set, or else against the code system; `version` is the system's."""
        if value_set is not None:
            name = value_set if isinstance(value_set, str) else str(value_set.get("url", "ValueSet"))
            return validation.in_set(self._members(value_set), name, claim)
        if claim.system is None:
            raise Invalid("没有值集时应给出代码系统 system。", "Without a value set, a system is needed.")
        system = self.system(claim.system, version)
        if system is None:
            return validation.undecided(Gap("system", named(claim.system, version)))
        return validation.in_system(system, claim)

    def lookup(self, url: str, code: str, version: str | None = None, language: str = "") -> Found:
        """Raises `NotKnown` for a system or a code that is not here."""
        system = self._known(url, version)
        concept = system.find(code)
        if concept is None:
            raise no_code(url)
        own = concept["code"]
        return Found(
            system.name,
            system.version,
            expansion.display(Member(system, system.version, concept, nested=False), language) or own,
            systems.designations(concept),
            list(_properties(system, concept)),
            systems.is_abstract(concept),
        )

    def subsumes(self, url: str, code_a: str, code_b: str, version: str | None = None) -> str:
        """equivalent, subsumes (A is over B), subsumed-by or not-subsumed."""
        system = self._known(url, version)
        a, b = system.find(code_a), system.find(code_b)
        if a is None or b is None:
            raise no_code(url)
        if a["code"] == b["code"]:
            return "equivalent"
        if not system.is_a:
            return "not-subsumed"
        if b["code"] in system.below(a["code"]):
            return "subsumes"
        return "subsumed-by" if a["code"] in system.below(b["code"]) else "not-subsumed"

    def descendants(self, url: str, code: str) -> frozenset[str] | None:
        """The code and everything below it; None where the system or the code is not here."""
        system = self.system(url)
        return (system.below(code) or None) if system else None

    def ancestors(self, url: str, code: str) -> frozenset[str] | None:
        """The code and everything above it; None where the system or the code is not here."""
        system = self.system(url)
        return (system.above(code) or None) if system else None

    def _known(self, url: str, version: str | None) -> System:
        system = self.system(url, version)
        if system is None:
            raise no_system(named(url, version))
        return system

    # Maps

    def concept_map(self, url: str) -> Resource | None:
        return self._library.concept_map(url)

    def translate(self, question: Question, concept_map: str | Resource | None = None) -> list[Match]:
        """By one map, or by all that lead from and to the value sets of the question."""
        library = self._library
        if isinstance(concept_map, str):
            found = library.concept_map(concept_map)
            if found is None:
                raise no_concept_map(concept_map)
            concept_map = found
        maps = [concept_map] if concept_map else translation.fitting(library.concept_maps(), question)
        return [match for each in maps for match in translation.translated(library, each, question)]


def _properties(system: System, concept: Resource) -> Iterator[tuple[str, str, Any]]:
    if "definition" in concept:
        yield "definition", "string", concept["definition"]
    for said in concept.get("property", ()):
        kinds = (name for name in said if name.startswith("value"))
        if said["code"] not in {"parent", "child"}:
            yield from ((said["code"], kind[5:], said[kind]) for kind in kinds)
    for name, codes in (("parent", system.parents), ("child", system.children)):
        yield from ((name, "code", code) for code in codes.get(concept["code"], ()))


@cache
def shipped() -> Terminology:
    """What is in the package, and nothing else."""
    return Terminology()

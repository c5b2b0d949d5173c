"""What a value set comes to: the codes that can be listed, and the parts that cannot. https://hl7.org/fhir/R4/valueset.html#compositions"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from profiles.json import Resource
from profiles.terminology import systems
from profiles.terminology.faults import Invalid
from profiles.terminology.filters import Spend, chosen
from profiles.terminology.library import Library, implicit, named
from profiles.terminology.systems import System

Key = tuple[str, str]
"""System and code."""
_DEEPEST = 32
EVERYWHERE = ""
"""Instead of a system: any code could be meant."""


class Member(NamedTuple):
    system: System | None
    version: str
    said: Resource
    """The concept as the value set has it, or as the system has it."""
    nested: bool
    """It stands in a hierarchy: the value set takes it from the system, and does not put it into a list of its own."""

    @property
    def known(self) -> Resource:
        """The concept as the system has it, or else as the value set has it."""
        return (self.system.find(self.said["code"]) if self.system else None) or self.said


class Gap(NamedTuple):
    """A part that nobody here can list: a system, or a value set, that is not here, or not whole."""

    kind: str
    """`system`, `fragment` of a system, or `value-set`."""
    url: str


@dataclass(frozen=True)
class Members:
    listed: dict[Key, Member] = field(default_factory=dict)
    open: dict[str, Gap] = field(default_factory=dict)
    """System → why some of its codes may be in the set without being listed."""

    @cached_property
    def first(self) -> dict[str, Key]:
        """By code alone: where no system is said, the first that has the code is meant."""
        return {code: (system, code) for system, code in reversed(self.listed)}

    @cached_property
    def systems(self) -> dict[str, System | None]:
        """By URL, of what is listed."""
        return {key[0]: member.system for key, member in reversed(self.listed.items())}

    def gap(self, system: str) -> Gap | None:
        return self.open.get(system) or self.open.get(EVERYWHERE)


def members(library: Library, resource: Resource, trail: tuple[str, ...] = ()) -> Members:
    """The members of a ValueSet resource; raises `Invalid` for one that has none, or that holds itself."""
    url = resource.get("url", "")
    if (url and url in trail) or len(trail) > _DEEPEST:
        raise Invalid(
            f"值集 {url} 引入了它自己,或引入层数过多。", f"Value set {url} imports itself, or imports go too deep."
        )
    if not trail:
        library.effort.begin()
    if resource.get("contained"):
        library = library.including(resource["contained"])
    compose = resource.get("compose")
    if compose is None:
        return _written(library, resource)
    parts = (_part(library, part, (*trail, url)) for part in compose.get("include", ()))
    included = _union(parts, library.effort.spend)
    for part in compose.get("exclude", ()):
        library.effort.spend(len(included.listed))
        included = _without(included, _part(library, part, (*trail, url)))
    return included if compose.get("inactive", True) else _active(included)


def of(library: Library, canonical: str, trail: tuple[str, ...] = ()) -> Members:
    """The members of a value set by URL; of one that is not here, which is not kept either, nothing is known."""
    known: Members | None = library.sets.get(canonical)
    if known is not None:
        return known
    system = implicit(canonical)
    if system:
        return Members({}, {system: Gap("system", system)})
    resource = library.value_set(canonical)
    if resource is None:
        return Members({}, {EVERYWHERE: Gap("value-set", canonical)})
    found = library.sets[canonical] = members(library, resource, trail)
    return found


def _written(library: Library, resource: Resource) -> Members:
    """Of a value set that is only an expansion."""
    if "expansion" not in resource:
        raise Invalid("值集没有 compose,也没有 expansion。", "The value set has neither compose nor expansion.")
    found: dict[Key, Member] = {}
    waiting = list(reversed(resource["expansion"].get("contains", ())))
    while waiting:
        one = waiting.pop()
        waiting += reversed(one.get("contains", ()))
        if "code" in one and "system" in one and not one.get("abstract"):
            system = library.system(one["system"])
            found.setdefault((one["system"], one["code"]), Member(system, one.get("version", ""), one, nested=False))
    return Members(found)


# Parts


def _part(library: Library, part: Resource, trail: tuple[str, ...]) -> Members:
    """What an include or an exclude names: codes of a system that are also in every value set named."""
    of_sets = [of(library, url, trail) for url in part.get("valueSet", ())]
    parts = [*([_of_system(library, part)] if "system" in part else ()), *of_sets]
    if not parts:
        raise Invalid("值集的 include 应有 system 或 valueSet。", "An include has a system or a valueSet.")
    found: Members = parts[0]
    for other in parts[1:]:
        library.effort.spend(len(found.listed))
        found = _intersection(found, other)
    return found


def _of_system(library: Library, part: Resource) -> Members:
    url = part["system"]
    system = library.system(named(url, part.get("version")))
    version = part.get("version") or (system.version if system else "")
    if "concept" in part:
        return Members({(url, one["code"]): Member(system, version, one, nested=False) for one in part["concept"]})
    if system is None:
        return Members({}, {url: Gap("system", named(url, part.get("version")))})
    codes = chosen(system, part.get("filter", []), library.effort.spend)
    found = {(url, code): Member(system, version, system.concepts[code], nested=True) for code in codes}
    return Members(found, {} if system.complete else {url: Gap("fragment", url)})


# Sets, where some of what is in them may not be known


def _union(parts: Iterable[Members], spend: Spend) -> Members:
    found = Members()
    for part in parts:
        spend(len(part.listed))
        for key, member in part.listed.items():
            found.listed.setdefault(key, member)
        found.open.update(part.open)
    return found


def _intersection(one: Members, other: Members) -> Members:
    listed = {key: member for key, member in one.listed.items() if key in other.listed}
    return Members(listed, dict([*_unsure(one, other), *_unsure(other, one)]))


def _unsure(one: Members, other: Members) -> Iterator[tuple[str, Gap]]:
    """Of which systems `one` may have more that `other` has, or may have as well."""
    for system, gap in one.open.items():
        if system == EVERYWHERE and not other.open:
            yield from ((key[0], gap) for key in other.listed)
        elif other.gap(system) or any(system == key[0] for key in other.listed) or system == EVERYWHERE:
            yield system, gap


def _without(one: Members, taken: Members) -> Members:
    listed = {key: member for key, member in one.listed.items() if key not in taken.listed}
    doubtful = {key[0]: gap for key in listed if (gap := taken.gap(key[0])) and gap.kind != "fragment"}
    sure = {key: member for key, member in listed.items() if key[0] not in doubtful}
    return Members(sure, one.open | doubtful)


def _active(found: Members) -> Members:
    return Members(
        {key: member for key, member in found.listed.items() if not systems.is_inactive(member.known)}, found.open
    )

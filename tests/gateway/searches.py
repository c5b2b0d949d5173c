"""Searches as the model of the paging test knows them: what matches, and in which order, computed in Python."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from profiles.json import Resource
from tests.gateway.intervals import of

World = Mapping[str, Resource]
"""What is there, by reference, each in its version of that moment."""
Key = tuple[object, ...]


@dataclass(frozen=True)
class Search:
    """A search of one type."""

    type: str
    asked: tuple[tuple[str, str], ...]
    matches: Callable[[Resource, World], bool]
    order: tuple[tuple[Callable[[Resource], Any], bool], ...] = ()
    """What it is sorted by, None where a resource has it not, and whether downward."""
    includes: Callable[[Resource, World], set[str]] = lambda _, __: set()

    def expected(self, world: World) -> list[Resource]:
        return [one for one in world.values() if one["resourceType"] == self.type and self.matches(one, world)]

    def is_ordered(self, found: list[Resource]) -> bool:
        return all(self._before(one, other) for one, other in pairwise(found))

    def keys(self, found: list[Resource]) -> list[list[object]]:
        """What they are in order of, for who reads a failure."""
        return [[value(one) for value, _ in self.order] for one in found]

    def _before(self, one: Resource, other: Resource) -> bool:
        for value, descending in self.order:
            a, b = value(one), value(other)
            if a == b:
                continue
            if a is None or b is None:
                return b is None
            return bool(a > b) if descending else bool(a < b)
        return True


def everything(_: Resource, __: World) -> bool:
    return True


def names(patient: Resource) -> list[str]:
    return [text.lower() for name in patient.get("name", ()) for text in (name["family"], *name["given"])]


def birth(edge: int) -> Callable[[Resource], Any]:
    return lambda patient: of(patient["birthDate"])[edge] if "birthDate" in patient else None


def family(pick: Callable[[list[str]], str]) -> Callable[[Resource], Any]:
    return lambda patient: pick([one["family"].lower() for one in patient["name"]]) if "name" in patient else None


def subject(observation: Resource) -> str:
    return str(observation["subject"]["reference"])


def taken(observation: Resource) -> Any:
    return of(observation["effectiveDateTime"]).low if "effectiveDateTime" in observation else None


def dated(observation: Resource) -> Any:
    """The date by which it is ordered."""
    return taken(observation) if "effectiveDateTime" in observation else None


def said(name: str) -> Callable[[Resource], Any]:
    return lambda resource: resource.get(name)


def amount(observation: Resource) -> Any:
    return observation["valueQuantity"]["value"] if "valueQuantity" in observation else None


def updated(resource: Resource) -> str:
    return str(resource["meta"]["lastUpdated"])


def has_female_subject(observation: Resource, world: World) -> bool:
    return world[subject(observation)].get("gender") == "female"


def is_measured(patient: Resource, world: World) -> bool:
    own = f"Patient/{patient['id']}"
    return any(
        one["resourceType"] == "Observation" and subject(one) == own and code(one) == "a" for one in world.values()
    )


def code(observation: Resource) -> str:
    return str(observation["code"]["coding"][0]["code"])


def referring(patient: Resource, world: World) -> set[str]:
    own = f"Patient/{patient['id']}"
    return {key for key, one in world.items() if one["resourceType"] == "Observation" and subject(one) == own}


_P, _O = "Patient", "Observation"
SEARCHES = (
    Search(_P, (), everything),
    Search(_P, (("_sort", "-birthdate"),), everything, ((birth(1), True),)),
    Search(
        _P,
        (("_sort", "birthdate"), ("gender", "female,male")),
        lambda one, _: one.get("gender") in {"female", "male"},
        ((birth(0), False),),
    ),
    Search(_P, (("name", "ann"),), lambda one, _: any(text.startswith("ann") for text in names(one))),
    Search(_P, (("_sort", "family"),), everything, ((family(min), False),)),
    Search(_P, (("_sort", "-family,_id"),), everything, ((family(max), True), (said("id"), False))),
    Search(_P, (("_sort", "gender,-birthdate"),), everything, ((said("gender"), False), (birth(1), True))),
    Search(
        _P,
        (("gender", "female"), ("_sort", "-_lastUpdated")),
        lambda one, _: one.get("gender") == "female",
        ((updated, True),),
    ),
    Search(_P, (("_sort", "_lastUpdated"),), everything, ((updated, False),)),
    Search(
        _P, (("birthdate", "ge1960"),), lambda one, _: "birthDate" in one and of(one["birthDate"]).low >= of("1960").low
    ),
    Search(
        _P,
        (("birthdate:missing", "true"), ("_sort", "-_id")),
        lambda one, _: "birthDate" not in one,
        ((said("id"), True),),
    ),
    Search(_P, (("_has:Observation:subject:code", "a"),), is_measured),
    Search(
        _P, (("_revinclude", "Observation:subject"), ("_sort", "_id")), everything, ((said("id"), False),), referring
    ),
    Search(_O, (("_sort", "date"),), everything, ((dated, False),)),
    Search(_O, (("_sort", "status"),), everything, ((said("status"), False),)),
    Search(_O, (("_sort", "-value-quantity"), ("code", "a,b")), lambda one, _: code(one) in "ab", ((amount, True),)),
    Search(_O, (("subject", "Patient/p0"),), lambda one, _: subject(one) == "Patient/p0"),
    Search(
        _O,
        (("patient", "p0,p1"), ("_sort", "-date")),
        lambda one, _: subject(one) in {"Patient/p0", "Patient/p1"},
        ((dated, True),),
    ),
    Search(_O, (("subject:Patient.gender", "female"),), has_female_subject),
    Search(
        _O,
        (("status:not", "final"), ("date", "lt2024-06")),
        lambda one, _: one["status"] != "final" and taken(one) is not None and taken(one) < of("2024-06").low,
    ),
    Search(
        _O,
        (("_include", "Observation:subject"), ("code", "a")),
        lambda one, _: code(one) == "a",
        (),
        lambda one, _: {subject(one)},
    ),
)

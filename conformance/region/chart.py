"""What is written of one person: resources in the order in which they refer to each other."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from conformance.region.elements import link
from conformance.region.people import Person
from profiles.json import Resource

YEARS = timedelta(days=730)
"""How far back the visits and measurements go."""


class Term(NamedTuple):
    start: date
    end: date
    episode: str


class Chart:
    """Numbers the resources of each type as they are added; the person's contracts are known by their terms."""

    def __init__(self, rng: Random, person: Person, today: date) -> None:
        self.rng = rng
        self.person = person
        self.today = today
        self.terms: list[Term] = []
        self.resources: list[Resource] = []
        self.subject = link(person.reference)
        self.contracted = False
        self.guardian = ""
        self._counts: dict[str, int] = {}

    def add(self, kind: str, prefix: str, elements: Resource) -> str:
        """The reference to a new resource, whose id is the prefix, the person's number and its own."""
        count = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        id_ = f"{prefix}-{self.person.serial}-{count}"
        self.resources.append({"resourceType": kind, "id": id_, **elements})
        return f"{kind}/{id_}"

    def term(self, day: date) -> Term | None:
        """The contract of that day."""
        return next((one for one in self.terms if one.start <= day <= one.end), None)

    def under(self, day: date) -> Resource:
        """The element `episodeOfCare` of an Encounter of that day: empty where there was no contract."""
        found = self.term(day)
        return {"episodeOfCare": [link(found.episode)]} if found else {}

    @property
    def first(self) -> date:
        """The first day of which something is known."""
        return max(self.person.until - YEARS, self.person.birth)

    def day(self) -> date:
        """Any day between the first and the last."""
        span = (self.person.until - self.first).days
        return self.first + timedelta(days=self.rng.randint(0, max(span, 0)))

    def minute(self) -> int:
        """A minute of the day, in surgery hours."""
        return self.rng.randrange(8 * 60, 17 * 60)

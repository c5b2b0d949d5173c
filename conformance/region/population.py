"""The data of a whole region, as a stream: the same seed and day make the same people, however many are asked for."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from conformance.region import checkups, contracts, institutions, measurements, people, stays, visits
from conformance.region.chart import Chart
from conformance.region.places import COMMUNITY, DISTRICT, MOST, STREET, place
from profiles.json import Resource

__all__ = ["MOST", "Batch", "batches", "bundle", "resources"]

ENTRIES = 500
"""At most in one transaction."""


class Batch(NamedTuple):
    """What one transaction writes; others refer to what is `shared`, so that it has to be there before them."""

    resources: list[Resource]
    shared: bool = False


def resources(seed: int, today: date, patients: int) -> Iterator[Resource]:
    """Every resource once; each refers to those before it. Memory does not grow with `patients`."""
    for unit in _units(seed, today, patients):
        yield from unit.resources


def batches(seed: int, today: date, patients: int, entries: int = ENTRIES) -> Iterator[Batch]:
    """The same in transactions, people never divided between two; each refers to itself and to shared ones before."""
    waiting: list[Resource] = []
    for unit in _units(seed, today, patients):
        if waiting and (unit.shared or len(waiting) + len(unit.resources) > entries):
            yield Batch(waiting)
            waiting = []
        if unit.shared:
            yield unit
        else:
            waiting.extend(unit.resources)
    yield Batch(waiting)


def bundle(batch: Batch) -> Resource:
    """The transaction of PUTs: to send it again adds nothing."""
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in batch.resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _units(seed: int, today: date, patients: int) -> Iterator[Batch]:
    """What belongs together: a community's institutions, then its people, one by one."""
    for number in range(1, patients + 1):
        if (number - 1) % COMMUNITY == 0:
            yield Batch(list(_institutions(seed, today, number - 1)), shared=True)
        yield Batch(_person(seed, today, number))


def _institutions(seed: int, today: date, before: int) -> Iterator[Resource]:
    """Those that the next community needs, and that are not there for the people `before` it."""
    where = place(before // COMMUNITY)
    if before == 0:
        yield checkups.QUESTIONNAIRE
    if before % DISTRICT == 0:
        yield from institutions.of_district(where, today)
    if before % STREET == 0:
        yield from institutions.of_street(where, today)
    yield from institutions.of_community(_drawn(seed, f"community-{where.village}"), where)


def _person(seed: int, today: date, number: int) -> list[Resource]:
    rng = _drawn(seed, f"person-{number}")
    one = people.person(rng, number, today)
    chart = Chart(rng, one, today)
    contracts.flags(chart)
    contracts.write(chart)
    usual = measurements.body(chart)
    visits.conditions(chart)
    visits.follow_ups(chart, usual)
    checkups.write(chart, usual)
    visits.visits(chart, usual)
    stays.write(chart, usual)
    contracts.timers(chart)
    return [people.patient(one), *chart.resources]


def _drawn(seed: int, what: str) -> Random:
    """Chance of its own for each, so that nobody depends on who else there is."""
    return Random(f"{seed}/{what}")  # noqa: S311 - invented people, reproducible on purpose; nothing here is secret

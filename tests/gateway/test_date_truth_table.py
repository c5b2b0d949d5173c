"""Every prefix with every precision against every form of date, by R4's own table (`intervals.py`), over HTTP."""

import math
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from gateway.clock import SITE_ZONE
from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.district import write
from tests.gateway.intervals import PREFIXES, Interval, holds, of, of_period

pytestmark = [
    pytest.mark.feature("Search", "date, all prefixes against all forms"),
    pytest.mark.feature("Time zone", "zone-less dates mean Asia/Shanghai"),
]

NOW = datetime(2030, 1, 1, tzinfo=SITE_ZONE)
"""By the gateway's clock, while `ap` is asked."""

DATES = ("2020", "2019", "2020-03", "2020-02", "2020-03-14", "2020-03-15", "2020-03-16", "1850-06-01", "1988-04-17")
DATES += ("2018-06", "2019-09-30", "2021-02-28", "2020-02-29", "0001-01-01", "1969-12-31", "9999-12-31")
INSTANTS = (
    "2020-03-15T00:00:00+08:00",
    "2020-03-14T16:00:00Z",
    "2020-03-14T23:59:59+08:00",
    "2020-03-15T15:59:59Z",
    "2020-03-15T23:59:59.999+08:00",
    "2020-03-16T00:00:00+08:00",
    "2020-03-15T10:30:00+08:00",
    "2020-03-15T10:30:00.5+08:00",
    "2020-03-15T10:30:00.9996+08:00",
    "2020-03-15T10:30:00.999999999+08:00",
    "2020-03-15T02:30:30Z",
    "2020-03-14T21:00:00-05:30",
    "2020-03-15T23:00:00+14:00",
    "2020-03-15T15:59:60Z",
    "2019-12-31T16:00:00.000Z",
)
PERIODS: tuple[Resource, ...] = (
    {"start": "2020-03-15", "end": "2020-03-15"},
    {"start": "2020-03-14", "end": "2020-03-16"},
    {"start": "2020-02", "end": "2020-03"},
    {"start": "2019", "end": "2020"},
    {"start": "2020-03-15T10:30:00+08:00", "end": "2020-03-15T10:30:00+08:00"},
    {"start": "2020-03-15T10:00:00+08:00", "end": "2020-03-15T11:00:00+08:00"},
    {"start": "2020-03-15", "end": "2020-03-15T02:30:00.25Z"},
    {"start": "2020-03-14T15:59:59Z", "end": "2020-03-15"},
    *({"end": end} for end in ("2019", "2020-03", "2020-03-14", "2020-03-15", "2020-03-15T10:30:00+08:00")),
    *({"start": start} for start in ("2020", "2020-03", "2020-03-15", "2020-03-16", "2020-03-15T10:30:00.5+08:00")),
)
BOUNDARIES = ("2020-01-01T00:00", "2020-03-01T00:00", "2020-03-15T00:00", "2020-03-15T10:30", "2020-03-16T00:00")
"""In the site's zone; a value of every precision is put to both sides of each."""


def observation(**effective: object) -> Resource:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "体温"}, **effective}


def procedure(**performed: object) -> Resource:
    subject = {"reference": "Patient/p"}
    return {"resourceType": "Procedure", "status": "completed", "subject": subject, **performed}


def encounter(period: Resource) -> Resource:
    return {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "period": period}


def event(recorded: str) -> Resource:
    about = {"type": {"code": "rest"}, "agent": [{"requestor": True}], "source": {"observer": {"display": "x"}}}
    return {"resourceType": "AuditEvent", "recorded": recorded, **about}


def targets() -> Iterable[tuple[Resource, Interval]]:
    """Resources that have the search parameter `date`, each with the range that R4 gives it."""
    for text in (*DATES, *INSTANTS):
        yield observation(effectiveDateTime=text), of(text)
        yield procedure(performedDateTime=text), of(text)
    for text in INSTANTS:
        yield observation(effectiveInstant=text), of(text)
        yield event(text), of(text)
    for period in PERIODS:
        yield observation(effectivePeriod=period), of_period(period)
        yield procedure(performedPeriod=period), of_period(period)
        yield encounter(period), of_period(period)


def values() -> list[str]:
    """Of every precision: those that begin at a boundary, and those just before it, that touch or contain it."""
    found = {"2018", "2019", "2020", "2021", "9999", "2020-02", "2020-03", "2020-04", "1850-06", "1988-04-17"}
    found |= {"0001", "2020-02-29", "2020-03-15T15:59:60Z", "1988-04-17T02:30", "1969-12-31T15:59:59.999Z"}
    found |= {"2020-03-15T10:30:00.2500+08:00", "2020-03-15T10:30:00.9999Z", "2020-03-15T10:30:00.500"}
    for boundary in map(datetime.fromisoformat, BOUNDARIES):
        for precision, step in (("minutes", 60), ("seconds", 1), ("milliseconds", 0.001)):
            for moment in (boundary, boundary - timedelta(seconds=step)):
                found |= {moment.isoformat(timespec=precision) + zone for zone in ("", "+08:00")}
                utc = (moment - timedelta(hours=8)).isoformat(timespec=precision)
                found |= {f"{utc}Z", str(moment.date()), str(moment.date() + timedelta(days=1))}
    return sorted(found)


class Table:
    """What was written, and what R4 says is to be found of it."""

    def __init__(self, gateway: Gateway, rows: dict[str, tuple[str, Interval]]) -> None:
        self.gateway = gateway
        self.rows = rows
        """Type and range by id."""

    def found(self, *asked: tuple[str, str], types: str = "Observation,Procedure,Encounter,AuditEvent") -> list[str]:
        """Ids that the gateway finds; every one once."""
        path, more = ("", [("_type", types)]) if "," in types else (f"/{types}", [])
        answer = self.gateway.client.get(path, params=[*more, *asked, ("_count", "1000"), ("_elements", "id")])
        assert answer.status_code == 200, answer.text
        return sorted(entry["resource"]["id"] for entry in answer.json().get("entry", []))

    def expected(self, *asked: str, types: str = "Observation,Procedure,Encounter,AuditEvent") -> list[str]:
        """Ids for which every one of these holds: alternatives with commas between, each with its prefix."""
        wanted = [[(one[:2], of(one[2:])) for one in text.split(",")] for text in asked]
        return sorted(
            name
            for name, (kind, target) in self.rows.items()
            if kind in types
            and all(any(holds(prefix, value, target, NOW) for prefix, value in options) for options in wanted)
        )


@pytest.fixture(scope="module")
def table(gateway: Gateway) -> Table:
    write(gateway, {"resourceType": "Patient", "id": "p"})
    rows = {f"t{number}": row for number, row in enumerate(targets())}
    write(gateway, *({**resource, "id": name} for name, (resource, _) in rows.items()))
    gateway.clock.offset = NOW - datetime.now(SITE_ZONE)
    return Table(gateway, {name: (resource["resourceType"], target) for name, (resource, target) in rows.items()})


def told(table: Table, asked: str, found: list[str], expected: list[str]) -> str:
    """What is wrong, by ranges."""
    wrong = {name: table.rows[name] for name in {*found} ^ {*expected}}
    return f"{asked} means {of(asked[2:])}: {wrong}"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_finds_what_the_table_says_with_every_value(table: Table, prefix: str) -> None:
    for value in values():
        asked = prefix + value
        found, expected = table.found(("date", asked)), table.expected(asked)
        assert found == expected, told(table, asked, found, expected)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_of_one_type_a_page_follows_the_index_and_finds_the_same(table: Table, prefix: str) -> None:
    for value in values()[::3]:
        asked = prefix + value
        found = table.found(("date", asked), types="Observation")
        assert found == table.expected(asked, types="Observation"), asked


def test_without_a_prefix_equality_is_meant(table: Table) -> None:
    for value in values():
        assert table.found(("date", value)) == table.expected(f"eq{value}"), value


def test_alternatives_each_have_a_prefix_of_their_own(table: Table) -> None:
    drawn, known = random.Random(4), values()
    for _ in range(60):
        asked = ",".join(drawn.choice([*PREFIXES]) + drawn.choice(known) for _ in range(drawn.randint(2, 4)))
        assert table.found(("date", asked)) == table.expected(asked), asked
        assert table.found(("date", asked), types="Procedure") == table.expected(asked, types="Procedure"), asked


def test_a_parameter_that_is_repeated_must_hold_each_time(table: Table) -> None:
    drawn, known = random.Random(5), values()
    for _ in range(60):
        asked = [drawn.choice([*PREFIXES]) + drawn.choice(known) for _ in range(drawn.randint(2, 3))]
        asked[0] += "," + drawn.choice([*PREFIXES]) + drawn.choice(known)
        pairs = [("date", one) for one in asked]
        assert table.found(*pairs) == table.expected(*asked), asked


def test_every_verdict_occurs(table: Table) -> None:
    """The table proves something: each prefix finds some and leaves some, and open ends are among them."""
    assert len(table.rows) * len(values()) * len(PREFIXES) > 100_000
    for prefix in PREFIXES:
        counts = [len(table.expected(prefix + value)) for value in values()]
        assert min(counts) < max(counts), prefix
    assert sum(math.inf in target or -math.inf in target for _, target in table.rows.values()) > 30

"""A search that is being paged shows the moment of its first page, whatever is written meanwhile.

A state machine writes and turns pages in any order; a model in Python (`searches.py`) says what each search must show.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.drawn import OBSERVATIONS, PATIENTS, measurements, people
from tests.gateway.searches import SEARCHES, Search, subject

pytestmark = pytest.mark.feature("Paging", "pages of one snapshot under concurrent writes")


class Paged:
    """A search under way: what it has shown, and what it must have shown in the end."""

    def __init__(self, gateway: Gateway, search: Search, count: int, world: dict[str, Resource]) -> None:
        self.gateway = gateway
        self.search = search
        self.world = world
        self.expected = {one["id"]: one for one in search.expected(world)}
        self.shown: list[Resource] = []
        asked = [*search.asked, ("_count", str(count)), ("_total", "accurate")]
        self.next: str | None = f"{gateway.base}/{search.type}"
        self.turn(asked)

    def turn(self, asked: list[tuple[str, str]] | None = None) -> None:
        page = got(self.gateway, str(self.next), asked)
        assert page["total"] == len(self.expected), f"{self.search.asked}: total"
        found = entries(page, "match")
        for one in found:
            assert one == self.expected.get(one["id"]), f"{self.search.asked}: another version, or not a match"
        included = {f"{one['resourceType']}/{one['id']}": one for one in entries(page, "include")}
        wanted = set().union(*(self.search.includes(one, self.world) for one in found))
        assert included == {reference: self.world[reference] for reference in wanted}
        self.shown += found
        assert len({one["id"] for one in self.shown}) == len(self.shown), f"{self.search.asked}: shown twice"
        self.next = following(page)

    def finish(self) -> None:
        while self.next:
            self.turn()
        assert {one["id"] for one in self.shown} == self.expected.keys(), f"{self.search.asked}: not all were shown"
        assert self.search.is_ordered(self.shown), (self.search.asked, self.search.keys(self.shown))


class Told:
    """A history of a type under way: the versions since a moment, newest first."""

    def __init__(self, gateway: Gateway, kind: str, count: int, versions: list[tuple[str, int]], since: str) -> None:
        self.gateway = gateway
        self.expected = versions
        self.shown: list[tuple[str, int]] = []
        self.times: list[str] = []
        self.next: str | None = f"{gateway.base}/{kind}/_history"
        self.turn([("_since", since), ("_count", str(count))])

    def turn(self, asked: list[tuple[str, str]] | None = None) -> None:
        page = got(self.gateway, str(self.next), asked)
        for entry in page.get("entry", ()):
            self.shown.append((entry["fullUrl"].rpartition("/")[2], int(entry["response"]["etag"][3:-1])))
            self.times.append(entry["response"]["lastModified"])
        self.next = following(page)

    def finish(self) -> None:
        while self.next:
            self.turn()
        assert sorted(self.shown) == sorted(self.expected)
        assert self.times == sorted(self.times, reverse=True)


def got(gateway: Gateway, url: str, asked: list[tuple[str, str]] | None) -> Any:
    answer = gateway.client.get(url, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def entries(page: Resource, mode: str) -> list[Resource]:
    return [entry["resource"] for entry in page.get("entry", ()) if entry["search"]["mode"] == mode]


def following(page: Resource) -> str | None:
    found: list[str] = [link["url"] for link in page["link"] if link["relation"] == "next"]
    assert all([name for name, _ in parse_qsl(urlsplit(url).query)] == ["_cursor"] for url in found)
    return found[0] if found else None


class Paging(RuleBasedStateMachine):
    """Writers and readers of one gateway, one step at a time."""

    written: dict[str, list[tuple[str, int, str]]]
    """Every version ever: id, number and time, by type; it outlives an example, as the database does."""
    gateway: Gateway

    def __init__(self) -> None:
        super().__init__()
        self.world: dict[str, Resource] = {}
        self.underway: list[Paged | Told] = []

    @rule(drawn=some.lists(people, min_size=1, max_size=3) | some.lists(measurements, min_size=1, max_size=3))
    def write(self, drawn: list[Resource]) -> None:
        for resource in drawn:
            if resource["resourceType"] == "Patient" or subject(resource) in self.world:
                self._written(resource)

    @rule(number=some.integers(0, PATIENTS - 1))
    def delete_a_patient(self, number: int) -> None:
        reference = f"Patient/p{number}"
        if all(one["resourceType"] != "Observation" or subject(one) != reference for one in self.world.values()):
            self._deleted(reference)

    @rule(number=some.integers(0, OBSERVATIONS - 1))
    def delete_an_observation(self, number: int) -> None:
        self._deleted(f"Observation/o{number}")

    @rule(search=some.sampled_from(SEARCHES), count=some.integers(1, 4))
    def search(self, search: Search, count: int) -> None:
        self.underway.append(Paged(self.gateway, search, count, dict(self.world)))

    @rule(kind=some.sampled_from(["Patient", "Observation"]), count=some.integers(2, 9), back=some.integers(1, 25))
    def history(self, kind: str, count: int, back: int) -> None:
        known = self.written[kind]
        since = known[-back:][0][2] if known else "2020-01-01"
        versions = [(own, number) for own, number, time in known if time >= since]
        self.underway.append(Told(self.gateway, kind, count, versions, since))

    @precondition(lambda self: self.underway)
    @rule(data=some.data())
    def turn_a_page(self, data: some.DataObject) -> None:
        one = data.draw(some.sampled_from(self.underway))
        if one.next:
            one.turn()
        else:
            one.finish()
            self.underway.remove(one)

    def teardown(self) -> None:
        try:
            for one in self.underway:
                one.finish()
        finally:
            for reference in sorted(self.world):  # observations first
                self._deleted(reference)

    def _written(self, resource: Resource) -> None:
        reference = f"{resource['resourceType']}/{resource['id']}"
        answer = self.gateway.client.put(f"/{reference}", json=resource)
        assert answer.status_code in {200, 201}, answer.text
        before, self.world[reference] = self.world.get(reference), answer.json()
        if self.world[reference] != before:
            self._noted(reference, answer.json()["meta"]["lastUpdated"], answer.headers["etag"])

    def _deleted(self, reference: str) -> None:
        assert self.gateway.client.delete(f"/{reference}").status_code == 204
        if self.world.pop(reference, None):
            newest = self.gateway.client.get(f"/{reference}/_history?_count=1").json()["entry"][0]["response"]
            self._noted(reference, newest["lastModified"], newest["etag"])

    def _noted(self, reference: str, time: str, tag: str) -> None:
        kind, _, own = reference.partition("/")
        self.written[kind].append((own, int(tag[3:-1]), time))


def test_pages_show_the_moment_of_the_first_whatever_is_written(gateway: Gateway) -> None:
    class Machine(Paging):
        pass

    Machine.gateway = gateway
    Machine.written = {"Patient": [], "Observation": []}
    steps = hypothesis.settings(
        max_examples=20,
        stateful_step_count=60,
        phases=[Phase.reuse, Phase.generate],  # to make a failure small takes minutes: add Phase.shrink for that
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Machine, settings=steps)

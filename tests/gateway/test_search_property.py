"""Whatever the data and the query: a search finds what a look at every resource finds, in whatever pages."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.search import chinese
from tests.conftest import Gateway
from tests.gateway.searchable import Json, coding, get, observation, of, pages, store, to

pytestmark = pytest.mark.feature("Search", "parameters of every type")

CODES, SYSTEMS = ["a", "b"], ["urn:s", "urn:t"]
NAMES = ["Anna", "anna b", "Ánna", "Bo", "张三", "張三丰"]
DAYS = ["1949-10-01", "1949-10-02", "1950-01-01", "2000-02-29"]
GENDERS = ["male", "female"]
_batches = itertools.count()

people = st.fixed_dictionaries(
    {},
    optional={"gender": st.sampled_from(GENDERS), "birthDate": st.sampled_from(DAYS), "name": st.sampled_from(NAMES)},
)
coded = st.lists(st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(CODES)), max_size=2)
measured = st.tuples(coded, st.none() | st.integers(0, 3), st.none() | st.integers(-9, 9))


def made(batch: int, drawn: list[Json], seen: list[Any]) -> tuple[list[Json], list[Json]]:
    """The resources, ids in the order of the lists; every one has the tag of the batch."""
    meta = {"tag": [{"system": "urn:batch", "code": str(batch)}]}
    patients = [
        {"resourceType": "Patient", "id": f"p{batch}-{number}", "meta": meta}
        | {name: [{"text": said}] if name == "name" else said for name, said in one.items()}
        for number, one in enumerate(drawn)
    ]
    observations: list[Json] = []
    for number, (codes, subject, value) in enumerate(seen):
        one = observation(f"o{batch}-{number}", meta=meta)
        if codes:
            one["category"] = [coding(*pair) for pair in codes]
        if subject is not None and subject < len(patients):
            one["subject"] = to(f"Patient/{patients[subject]['id']}")
        if value is not None:
            one["valueInteger"] = value
        observations.append(one)
    return patients, observations


Test = Callable[[Json], bool]
person = st.one_of(
    st.sampled_from(GENDERS).map(lambda one: (f"gender={one}", lambda p: p.get("gender") == one)),
    st.sampled_from(GENDERS).map(lambda one: (f"gender:not={one}", lambda p: p.get("gender") != one)),
    st.just(("gender:missing=true", lambda p: "gender" not in p)),
    st.just(("name:missing=false", lambda p: "name" in p)),
    st.sampled_from(NAMES).map(
        lambda one: (f"name:exact={one}", lambda p: any(n["text"] == one for n in p.get("name", [])))
    ),
    st.sampled_from(["n", "三", "b"]).map(
        lambda one: (f"name:contains={one}", lambda p: any(one in chinese.fold(n["text"]) for n in p.get("name", [])))
    ),
    st.sampled_from(DAYS).map(lambda day: (f"birthdate={day}", lambda p: p.get("birthDate") == day)),
    st.sampled_from(DAYS).map(lambda day: (f"birthdate=ge{day}", lambda p: p.get("birthDate", "") >= day)),
    st.sampled_from(DAYS).map(lambda day: (f"birthdate=lt{day}", lambda p: "birthDate" in p and p["birthDate"] < day)),
    st.sampled_from(DAYS).map(
        lambda day: (
            f"birthdate=lt{day},1950",
            lambda p: "birthDate" in p and (p["birthDate"] < day or p["birthDate"][:4] == "1950"),
        )
    ),
)


def pairs(one: Json) -> list[tuple[str, str]]:
    return [(c["system"], c["code"]) for concept in one.get("category", []) for c in concept["coding"]]


pair = st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(CODES))
finding = st.one_of(
    st.sampled_from(CODES).map(lambda code: (f"category={code}", lambda o: code in [c for _, c in pairs(o)])),
    pair.map(lambda p: (f"category={p[0]}|{p[1]}", lambda o: p in pairs(o))),
    pair.map(lambda p: (f"category:not={p[0]}|{p[1]}", lambda o: p not in pairs(o))),
    st.sampled_from(SYSTEMS).map(lambda system: (f"category={system}|", lambda o: system in [s for s, _ in pairs(o)])),
    st.just(("category:missing=true", lambda o: not pairs(o))),
    st.just(("subject:missing=false", lambda o: "subject" in o)),
)


def chained(found: tuple[str, Test], patients: Iterable[Json]) -> tuple[str, Test]:
    ids = {f"Patient/{one['id']}" for one in patients if found[1](one)}
    return f"patient.{found[0]}", lambda o: o.get("subject", {}).get("reference") in ids


def reverse(found: tuple[str, Test], observations: Iterable[Json]) -> tuple[str, Test]:
    ids = {one["subject"]["reference"] for one in observations if "subject" in one and found[1](one)}
    return f"_has:Observation:patient:{found[0]}", lambda p: f"Patient/{p['id']}" in ids


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(people, min_size=1, max_size=4),
    seen=st.lists(measured, max_size=5),
    of_person=st.lists(person, max_size=3),
    of_finding=st.lists(finding, max_size=2),
    along=st.lists(person, max_size=2),
    against=st.lists(finding, max_size=2),
    order=st.sampled_from(["", "&_sort=_id", "&_sort=-_lastUpdated,_id", "&_sort=-birthdate,name"]),
    count=st.integers(1, 4),
)
def test_a_search_finds_what_a_look_at_everything_finds(
    gateway: Gateway,
    drawn: list[Json],
    seen: list[Any],
    of_person: list[tuple[str, Test]],
    of_finding: list[tuple[str, Test]],
    along: list[tuple[str, Test]],
    against: list[tuple[str, Test]],
    order: str,
    count: int,
) -> None:
    batch = next(_batches)
    patients, observations = made(batch, drawn, seen)
    store(gateway, *patients, *observations)
    asked = [*of_person, *(reverse(one, observations) for one in against)]
    check(gateway, "Patient", batch, patients, asked, order, count)
    asked = [*of_finding, *(chained(one, patients) for one in along)]
    check(
        gateway, "Observation", batch, observations, asked, order if "birth" not in order else "&_sort=-date,_id", count
    )


def check(
    gateway: Gateway, kind: str, batch: int, every: list[Json], asked: list[tuple[str, Test]], order: str, count: int
) -> None:
    expected = sorted(one["id"] for one in every if all(test(one) for _, test in asked))
    query = "&".join([f"_tag=urn:batch|{batch}", *(text for text, _ in asked)]) + order
    found = [own for page in pages(gateway.client, f"{kind}?{query}&_count={count}") for own in of(page)]
    assert sorted(found) == expected
    assert get(gateway.client, f"{kind}?{query}&_total=accurate&_count=0")["total"] == len(expected)

"""A page that is walked to and a page that is gathered are the same: whatever the order, the values and the writes."""

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg
import pytest

from gateway.clock import now
from gateway.search import keyset, select
from gateway.search import query as queries
from gateway.search.context import Context
from gateway.search.parameters import Catalogue
from gateway.search.query import Bookmark
from tests.conftest import Gateway
from tests.gateway.searchable import Json, coding, observation, patient, store, to

pytestmark = pytest.mark.feature("Search", "pages in an order that an index has")

TENANT = 1
MANY, ALL = 10**6, 60
NAMES = ["张三", "李四", "王五", "阿六", "Adam", "adam", "Bo", "Zoë", "章 七", "ANNA", "O'Neil", "~", "张", "\u200b"]
DAYS = ["1949", "1950-06", "1950-06-15", "1990-01-01", "1990-01-02", "2000-02-29"]
MOMENTS = ["2025", "2025-05", "2025-05-05", "2025-05-05T10:00:00+08:00", "2025-05-05T23:30:00Z", "2025-05-06", "1965"]
PERIODS = [
    {"start": "2025-05-01", "end": "2025-05-05"},
    {"start": "2025-04-01"},
    {"end": "2025-05-05T08:00:00+08:00"},
    {"start": "2024-01-01", "end": "2025-12-31"},
]
AMOUNTS: list[Json] = [
    {"value": 1},
    {"value": 2},
    {"value": 2.5, "comparator": "<"},
    {"value": 2, "comparator": ">="},
    {"value": -3},
    {"value": 170},
    {"value": 3, "comparator": ">="},
]
COMPARED = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]

WALKED = [
    "Patient?_sort=name",
    "Patient?_sort=-name",
    "Patient?_sort=family&gender=female",
    "Patient?_sort=-given&gender=female,male",
    "Patient?_sort=address",
    "Patient?_sort=-address-city&gender=male",
    "Patient?_sort=birthdate",
    "Patient?_sort=-birthdate&gender=female",
    "Patient?_sort=name&_has:Observation:patient:code=a",
    "Patient?_sort=-_lastUpdated&gender=female",
    "Patient?_sort=_lastUpdated&_has:Observation:patient:code=a",
    "Patient?_has:Observation:patient:code=a",
    "Patient?_has:Observation:patient:code=a&gender=female",
    "Patient?_has:Observation:patient:date=ge2025-05&gender:not=male",
    "Observation?patient.gender=female",
    "Observation?patient.gender=female&code=a",
    "Observation?patient.name=a&date=ge2025-05-05&_sort=-date",
    "Observation?_sort=date",
    "Observation?_sort=date&code=a",
    "Observation?_sort=-date&code=a",
    "Observation?_sort=-date&code=a,b",
    "Observation?_sort=value-quantity",
    "Observation?_sort=-value-quantity",
    "Observation?_sort=-value-quantity&code=a",
    "Observation?_sort=value-quantity&patient.gender=female",
    "Observation?_sort=-_lastUpdated&code=a",
    "?_type=Patient,Practitioner&_sort=name",
    "?_type=Patient,Practitioner&_sort=-family",
    "?_type=Observation,Encounter&_sort=date&date=ge2025-05",
    "?_type=Observation,Encounter&date=lt2025-05-05,2025-05-06",
]
DATED = [
    f"Observation?{more}date={prefix}{day}{order}"
    for prefix in COMPARED
    for day in ("2025-05-05", "2025-05", "2025-05-05T10:00:00+08:00")
    for more, order in (("", ""), ("code=a&", ""), ("code=a,b&", "&_sort=-date"), ("code=a&", "&_sort=date"))
]
WITHIN = [
    "Observation?code=a&date=ge2025-05-05&date=lt2025-05-06",
    "Observation?code=a&date=ge2025-05-05&date=lt2025-05-06&_sort=date",
    "Observation?date=gt2025-05-04&date=le2025-05-05",
    "Observation?code=a&date=2025-05-05,2025-05-06,lt1970&_sort=-date",
    "Encounter?date=ge2025-05-05&date=lt2025-05-06&status=finished",
    "Encounter?date=ge2025-05-05&date=lt2025-05-06&_sort=date",
    "ServiceRequest?occurrence=ge2025&_sort=occurrence",
]
AMOUNTED = [f"Observation?value-quantity={prefix}{value}" for prefix in (*COMPARED, "ap") for value in ("2", "2.5")]


class Variant(NamedTuple):
    """How many matches are few, and how far a walk goes for each row of a page."""

    few: int
    patience: int


GATHERED = Variant(MANY, 0)
VARIANTS = [Variant(1, MANY), Variant(1, 1), Variant(3, 2), Variant(MANY, MANY)]


def drawn(random: random.Random) -> list[Json]:
    def some(values: list[Any], most: int) -> list[Any]:
        return [random.choice(values) for _ in range(random.randint(0, most))]

    people = [named(f"p{number}", some, "Patient") | born(random) for number in range(ALL // 2)]
    staff = [named(f"d{number}", some, "Practitioner") for number in range(6)]
    seen = [dated(observation(f"o{number}", **measured(random)), random) for number in range(ALL)]
    visits = [
        {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": random.choice(["finished", "planned"]),
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        }
        | ({"period": random.choice(PERIODS)} if number % 4 else {})
        for number in range(ALL // 2)
    ]
    return [*people, *staff, *seen, *visits, *(planned(f"s{number}", random) for number in range(8))]


def named(own: str, some: Callable[[list[Any], int], list[Any]], kind: str) -> Json:
    """Of no, one or several names and addresses."""
    names = [
        {"text": text} if len(text) % 2 else {"family": text, "given": some(NAMES, 1) or ["Li"]}
        for text in some(NAMES, 3)
    ]
    places = [{"city": text, "line": [text, "1 Road"]} for text in some(["杭州", "Bath", "阿城", "bath"], 2)]
    one: Json = {"resourceType": kind, "id": own}
    return one | ({"name": names} if names else {}) | ({"address": places} if places else {})


def born(random: random.Random) -> Json:
    found: Json = {"gender": random.choice(["male", "female"])}
    return found | ({"birthDate": random.choice(DAYS)} if random.random() < 0.8 else {})


def measured(random: random.Random) -> Json:
    one: Json = {"code": coding("urn:c", random.choice("aab")), "subject": to(f"Patient/p{random.randrange(ALL // 2)}")}
    return one | ({"valueQuantity": random.choice(AMOUNTS)} if random.random() < 0.7 else {})


def dated(one: Json, random: random.Random) -> Json:
    match random.randrange(4):
        case 0:
            return one | {"effectivePeriod": random.choice(PERIODS)}
        case 1:
            return one | {"effectiveTiming": {"event": random.choices(MOMENTS[2:], k=2)}}
        case 2 if random.random() < 0.5:
            return one
        case _:
            return one | {"effectiveDateTime": random.choice(MOMENTS)}


def planned(own: str, random: random.Random) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "id": own,
        "status": "active",
        "intent": "order",
        "subject": to("Patient/p0"),
        "occurrencePeriod": random.choice(PERIODS),
    }


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(gateway, *drawn(random.Random(4)))
    return gateway


@pytest.fixture
def connection(loaded: Gateway) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(loaded.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def vary(monkeypatch: pytest.MonkeyPatch) -> Callable[[Variant], None]:
    def vary(variant: Variant) -> None:
        monkeypatch.setattr(keyset, "FEW", variant.few)
        monkeypatch.setattr(keyset, "PATIENCE", variant.patience)

    return vary


def asked(url: str, count: int) -> queries.Query:
    kind, _, text = url.partition("?")
    pairs = [tuple(one.split("=", 1)) for one in text.split("&")]
    made = [(name, value) for name, value in (*pairs, ("_count", str(count)))]
    return queries.parse(kind or None, made, Context(Catalogue(), now()))


def page(connection: psycopg.Connection[Any], url: str, count: int, at: Bookmark | None) -> tuple[list[str], Any]:
    """The ids of a page, and where the next begins."""
    query = asked(url, count)
    rows = connection.cursor(binary=True).execute(*select.page(query, TENANT, at)).fetchall()
    more = len(rows) > count
    rows = rows[:count]
    following = Bookmark(rows[0][-1], tuple(rows[-1][7:-1])) if more else None
    return [f"{row[0]}/{row[1]}" for row in rows], following


def whole(connection: psycopg.Connection[Any], url: str, count: int, between: Callable[[], None] | None = None) -> Any:
    """All pages, with something done between them."""
    found, at = page(connection, url, count, None)
    while at is not None:
        if between:
            between()
        more, at = page(connection, url, count, at)
        found += more
    return found


@pytest.mark.parametrize("url", [*WALKED, *DATED, *WITHIN, *AMOUNTED])
def test_every_way_to_a_page_finds_the_same_in_the_same_order(
    connection: psycopg.Connection[Any], vary: Callable[[Variant], None], url: str
) -> None:
    vary(GATHERED)
    expected = whole(connection, url, MANY // 1000)
    assert len(set(expected)) == len(expected)
    total = connection.execute(*select.total(asked(url, 1), TENANT, None)).fetchone()
    assert total == (len(expected),)
    for variant in (GATHERED, *VARIANTS):
        vary(variant)
        for count in (1, 4, ALL * 2):
            assert whole(connection, url, count) == expected, (variant, count)


@pytest.mark.parametrize(
    ("url", "variant"),
    [
        (url, variant)
        for url in (*WALKED, *WITHIN)
        for variant in ([GATHERED, *VARIANTS] if "_sort" in url else VARIANTS[:1])
    ],
)
def test_pages_show_the_first_moment_whatever_is_written_meanwhile(
    loaded: Gateway, connection: psycopg.Connection[Any], vary: Callable[[Variant], None], url: str, variant: Variant
) -> None:
    vary(variant)
    expected = whole(connection, url, MANY // 1000)
    writes = iter(writing(loaded, url))
    assert whole(connection, url, 7, lambda: next(writes, None)) == expected
    store(loaded, *drawn(random.Random(4)))


def writing(gateway: Gateway, url: str) -> Iterator[None]:
    """Everything changes, is added, goes."""
    others = drawn(random.Random(len(url)))
    store(gateway, *others[: len(others) // 2])
    yield
    store(gateway, *(patient(f"new{number}", name=[{"text": "阿"}], gender="female") for number in range(3)))
    gateway.client.delete("/Observation/o1").raise_for_status()
    yield
    store(gateway, *others[len(others) // 2 :])
    for number in range(3):
        gateway.client.delete(f"/Patient/new{number}").raise_for_status()
    yield

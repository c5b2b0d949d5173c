"""Scopes limited to a compartment or a search: nothing beyond them is found, counted or inferred.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import httpx
import pytest

from tests.gateway.limits import MINE, Clients
from tests.gateway.searchable import get, link, of, pages

pytestmark = pytest.mark.feature("Access", "SMART v2 scopes, limited ones too")


@pytest.fixture(scope="module")
def laboratory(limited_clients: Clients) -> httpx.Client:
    return limited_clients["laboratory"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation", MINE),
        ("Observation?_id=x1,y1", {"x1"}),
        ("Observation?_id:not=x1", MINE - {"x1"}),
        ("Observation?_lastUpdated=gt2020", MINE),
        ("Observation?category:not=laboratory", {"x2", "moved"}),
        ("Observation?patient=Patient/y", set()),
        ("Observation?subject:missing=true", set()),
        ("Observation?_sort=-_lastUpdated&_count=50", MINE),
        ("Observation?_sort=code,_id", MINE),
        ("Observation?_content=example", set()),
        ("Observation?_filter=not (_id eq x1)", MINE - {"x1"}),
        ("Observation?patient.name=示例乙", set()),
        ("Observation?patient.name=示例甲", MINE),
        ("Observation?performer:Practitioner.name=王", set()),
        ("Observation?derived-from:Observation.patient=y", set()),
        ("Observation?derived-from._id=y1", set()),
        ("Observation?_has:Observation:has-member:_id=y2", set()),
        ("Observation?_has:Observation:has-member:status=final", set()),
        ("Observation?_list=all", set()),
        ("Patient", {"x", "y"}),
        ("Patient?_has:Observation:subject:_id=y1", set()),
        ("Patient?_has:Observation:patient:code:missing=false", {"x"}),
        ("Organization", set()),
        ("Practitioner?name=王", set()),
        ("?_type=Observation,Practitioner", MINE),
        ("?_id=x1,y1,doctor,centre,x", {"x1", "x"}),
        ("Patient/x/Observation", MINE),
        ("Patient/y/Observation", set()),
        ("Patient/y/*", {"y"}),
        ("Patient/x/*?_type=Observation", MINE),
    ],
)
def test_a_resident_finds_what_is_his_own(resident: httpx.Client, query: str, expected: set[str]) -> None:
    body = get(resident, f"{query}{'&' if '?' in query else '?'}_total=accurate&_count=100")
    assert set(of(body)) == expected
    assert body["total"] == len(expected)
    counted = get(resident, f"{query}{'&' if '?' in query else '?'}_summary=count")
    assert counted["total"] == len(expected)


@pytest.mark.parametrize(
    ("query", "included"),
    [
        ("Observation?_id=x1&_include=Observation:*", {"x"}),
        ("Observation?_id=x1&_include=*", {"x"}),
        ("Observation?_id=x1&_include=Observation:derived-from", set()),
        ("Observation?_id=x1&_include:iterate=*", {"x"}),
        ("Observation?_id=x1&_revinclude=Observation:has-member", set()),
        ("Observation?_id=x1&_revinclude=*", set()),
        ("Patient?_id=x&_revinclude=Observation:subject", MINE),
        ("Patient?_id=x,y&_revinclude=Observation:subject", MINE),
    ],
)
def test_nothing_of_others_comes_along(resident: httpx.Client, query: str, included: set[str]) -> None:
    assert set(of(get(resident, query), "include")) == included


def test_pages_and_totals_are_of_what_may_be_seen(resident: httpx.Client, limited_clients: Clients) -> None:
    for query in ("Observation?_count=1", "Observation?_count=2&_sort=_id", "Observation?_count=3&_sort=-_lastUpdated"):
        found = [own for page in pages(resident, f"{query}&_total=estimate") for own in of(page)]
        assert sorted(found) == sorted(MINE)
    assert get(resident, "Observation?_total=estimate")["total"] == len(MINE)
    theirs = str(link(get(limited_clients["developer"], "Observation?_count=1"), "next"))
    assert resident.get(theirs).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation", {"x1", "x3", "y1"}),
        ("Observation?_id=x2,x3", {"x3"}),
        ("Observation?category=vital-signs", set()),
        ("Observation?category:not=laboratory", set()),
        ("Observation?_has:Observation:derived-from:_id=x1", {"y1"}),
        ("Observation?_has:Observation:has-member:status=final", set()),
        ("?_type=Observation", {"x1", "x3", "y1"}),
        ("?_lastUpdated=gt2020", {"x1", "x3", "y1"}),
        ("Patient/x/Observation", {"x1", "x3"}),
        ("Patient/x/*", {"x1", "x3"}),
    ],
)
def test_a_scope_with_a_search_finds_what_it_finds(laboratory: httpx.Client, query: str, expected: set[str]) -> None:
    body = get(laboratory, f"{query}{'&' if '?' in query else '?'}_total=accurate&_count=100")
    assert set(of(body)) == expected
    assert body["total"] == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "Patient",
        "Observation?patient.name=示例乙",
        "Observation?patient.gender:missing=true",
        "Observation?_list=all",
        "?_type=Observation,Patient",
        "Patient/x",
        "Patient/x/_history",
        "Observation?_explain=true",
    ],
)
def test_types_beyond_the_scope_are_refused(laboratory: httpx.Client, query: str) -> None:
    assert laboratory.get(f"/{query}").status_code == 403


def test_what_comes_along_is_within_the_scope(laboratory: httpx.Client) -> None:
    assert of(get(laboratory, "Observation?_id=x1&_include=*&_revinclude=*"), "include") == ["y1"]


def test_scopes_add_up(limited_clients: Clients) -> None:
    mixed = limited_clients["mixed"]
    assert set(of(get(mixed, "Observation?_count=100"))) == MINE
    assert of(get(mixed, "Organization")) == ["centre"]
    assert set(of(get(mixed, "?_count=100"))) == MINE | {"centre"}
    assert mixed.get("/Patient/x").status_code == 403
    assert set(of(get(mixed, "Observation?_include=*&_count=100"), "include")) == set()


@pytest.mark.parametrize("query", ["?_id=x", "Patient/x/*", "?_tag:missing=true", "?_sort=_id", "?_total=accurate"])
def test_whoever_may_search_nothing_finds_nothing(limited_clients: Clients, query: str) -> None:
    assert of(get(limited_clients["nothing"], query)) == []

"""Search by every parameter type that is indexed, modifiers, order and pages. https://hl7.org/fhir/R4/search.html"""

import pytest

from tests.conftest import Gateway

SYSTEM = "urn:oid:2.16.156.10011.1.12"


def encounter(number: int, **more: object) -> dict[str, object]:
    return {
        "resourceType": "Encounter",
        "id": f"e{number}",
        "identifier": [{"system": SYSTEM, "value": f"N|{number}"}],
        "status": "finished" if number % 2 else "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/p{number % 3}", "identifier": {"system": "urn:x", "value": f"s{number}"}},
        "period": {
            "start": f"2026-03-{number + 1:02d}T08:30:00+08:00",
            "end": f"2026-03-{number + 2:02d}T08:30:00+08:00",
        },
        **more,
    }


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    people = [
        {"resourceType": "Patient", "id": "p0", "name": [{"text": "示例张三"}], "birthDate": "1990-05"},
        {"resourceType": "Patient", "id": "p1", "name": [{"family": "Müller", "given": ["Ｊｏｈｎ"]}], "active": True},
        {
            "resourceType": "Patient",
            "id": "p2",
            "name": [{"text": "100% O_K"}],
            "telecom": [{"system": "phone", "value": "000-1"}],
        },
    ]
    open_ended = encounter(20) | {"id": "open", "period": {"start": "2026-06-01"}}
    resources = [*people, *(encounter(number) for number in range(9)), open_ended]
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert gateway.client.post("", json=bundle).status_code == 200
    return gateway


def ids(gateway: Gateway, query: str) -> list[str]:
    answer = gateway.client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


@pytest.mark.feature("Search", "parameters of every type")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Patient?name=示例", {"p0"}),
        ("Patient?name=muller", {"p1"}),
        ("Patient?name=MÜL", {"p1"}),
        ("Patient?given=john", {"p1"}),
        ("Patient?name:exact=Müller", {"p1"}),
        ("Patient?name:exact=muller", set()),
        ("Patient?name:contains=张三", {"p0"}),
        ("Patient?name=100%25 o_", {"p2"}),
        ("Patient?name=100_", set()),
        ("Patient?birthdate=1990", {"p0"}),
        ("Patient?birthdate=1990-05-01", set()),
        ("Patient?active=true", {"p1"}),
        ("Patient?telecom=000-1", {"p2"}),
        ("Patient?_id=p0,p2", {"p0", "p2"}),
        (f"Encounter?identifier={SYSTEM}|N\\|3", {"e3"}),
        ("Encounter?identifier=N\\|3", {"e3"}),
        ("Encounter?identifier=|N\\|3", set()),
        (f"Encounter?identifier={SYSTEM}|&_count=2&_sort=date", {"e0", "e1"}),
        ("Encounter?status=finished&subject=Patient/p1", {"e1", "e7"}),
        ("Encounter?status:not=finished&subject=p1", {"e4"}),
        ("Encounter?subject:Patient=p1", {"e1", "e4", "e7"}),
        ("Encounter?patient=p1,p2&status=finished", {"e1", "e5", "e7"}),
        ("Encounter?subject:identifier=urn:x|s3", {"e3"}),
        ("Encounter?date=2026-03-02", set()),
        ("Encounter?date=ge2026-03-09", {"e8", "open"}),
        ("Encounter?date=gt2026-03-09T12:00", {"e8", "open"}),
        ("Encounter?date=lt2026-03-01T09:00:00%2B08:00", {"e0"}),
        ("Encounter?date=eb2026-03-02T08:30:01%2B08:00", {"e0"}),
        ("Encounter?date=sa2026-05", {"open"}),
        ("Encounter?date=sa2026-03-08,eb2026-03-02T08:30:01%2B08:00", {"e0", "e8", "open"}),
        ("Encounter?date=ge2026-03-04&date=le2026-03-05&status=finished", {"e3"}),
        ("Encounter?class=IMP&date=sa2026-05", {"open"}),
        ("Encounter?_lastUpdated=gt2020", {f"e{number}" for number in range(9)} | {"open"}),
        ("Encounter?_lastUpdated=lt2020", set()),
    ],
)
def test_what_a_search_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query)) == expected


@pytest.mark.feature("Search", "_sort")
def test_order_is_by_clinical_date_newest_first_unless_asked(loaded: Gateway) -> None:
    assert ids(loaded, "Encounter?subject=Patient/p1") == ["e7", "e4", "e1"]
    assert ids(loaded, "Encounter?subject=Patient/p1&_sort=date") == ["e1", "e4", "e7"]
    newest = ids(loaded, "Encounter?_sort=-_lastUpdated&_count=1")
    assert newest == ["open"]


@pytest.mark.feature("Paging", "the union of the pages is the result")
@pytest.mark.parametrize(
    "query", ["Encounter?", "Encounter?status=finished,in-progress", "Encounter?_sort=-_lastUpdated"]
)
@pytest.mark.parametrize("count", [1, 3, 10, 50])
def test_the_union_of_the_pages_is_the_result(loaded: Gateway, query: str, count: int) -> None:
    url: str | None = f"{loaded.base}/{query}&_count={count}&_total=accurate"
    seen: list[str] = []
    while url:
        page = loaded.client.get(url).json()
        assert page["total"] == 10
        assert len(page.get("entry", [])) <= count
        seen += [entry["resource"]["id"] for entry in page.get("entry", [])]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
    assert sorted(seen) == sorted([f"e{number}" for number in range(9)] + ["open"])


@pytest.mark.feature("Search", "unknown parameters refused, unless lenient")
def test_an_unknown_parameter_is_ignored_only_when_asked_and_said_so(loaded: Gateway) -> None:
    answer = loaded.client.get("/Patient?_id=p0&nmae=x", headers={"Prefer": "handling=lenient"}).json()
    assert [entry["search"]["mode"] for entry in answer["entry"]] == ["match", "outcome"]
    assert answer["link"][0]["url"].endswith("/Patient?_id=p0")


@pytest.mark.feature("Search", "GET and POST _search")
def test_post_search_takes_a_form(loaded: Gateway) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = loaded.client.post("/Patient/_search", content="name=muller", headers=form)
    assert [entry["resource"]["id"] for entry in answer.json()["entry"]] == ["p1"]
    assert loaded.client.post("/Patient/_search", content="{}").status_code == 415


@pytest.mark.feature("Search", "parameters of every type")
def test_an_update_moves_the_resource_in_the_index(loaded: Gateway) -> None:
    changed = encounter(25) | {"id": "moving"}
    assert loaded.client.put("/Encounter/moving", json=changed).status_code == 201
    assert ids(loaded, "Encounter?identifier=N\\|25") == ["moving"]
    later = {"start": "2026-08-01", "end": "2026-08-02"}
    loaded.client.put("/Encounter/moving", json=encounter(26, period=later) | {"id": "moving"})
    assert ids(loaded, "Encounter?identifier=N\\|25") == []
    assert ids(loaded, "Encounter?identifier=N\\|26&date=2026-08") == ["moving"]
    loaded.client.delete("/Encounter/moving")
    assert ids(loaded, "Encounter?identifier=N\\|26") == []

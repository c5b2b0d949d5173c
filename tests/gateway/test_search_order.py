"""Order, totals, shapes and links of a result. https://hl7.org/fhir/R4/search.html#return"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import (
    UCUM,
    Json,
    coding,
    get,
    ids,
    link,
    observation,
    of,
    pages,
    patient,
    refused,
    store,
    to,
)


def grams(value: float, code: str) -> Json:
    return {"value": value, "system": UCUM, "code": code}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(
        gateway,
        {"resourceType": "Organization", "id": "z", "name": "示例"},
        patient(
            "p1",
            name=[{"text": "张三"}],
            gender="male",
            birthDate="1990-01-02",
            managingOrganization=to("Organization/z"),
        ),
        patient("p2", name=[{"text": "李四"}], gender="female", birthDate="1990-01-01"),
        patient("p3", name=[{"text": "王五"}, {"text": "阿六"}], birthDate="1980"),
        patient("p4", name=[{"text": "Adam"}], gender="male"),
        patient("p5", name=[{"text": "章七"}], birthDate="2000-12-31"),
        patient("p6"),
        observation("w1", code=coding("urn:a", "b"), valueQuantity=grams(2, "kg"), effectiveDateTime="2026-01-03"),
        observation("w2", code=coding("urn:a", "a"), valueQuantity=grams(900, "g"), effectiveDateTime="2026-01-01"),
        observation("w3", code=coding("urn:a", "c"), subject=to("Patient/p2"), effectiveDateTime="2026-01-02"),
        observation("w4", code=coding("urn:a", "a"), subject=to("Patient/p1")),
        *(
            {
                "resourceType": "RiskAssessment",
                "id": own,
                "status": "final",
                "subject": to("Patient/p1"),
                "prediction": [{"probabilityDecimal": one} for one in chances],
            }
            for own, chances in {"r1": [0.5], "r2": [0.1, 0.9], "r3": [0.25]}.items()
        ),
        *(
            {"resourceType": "ValueSet", "id": own, "status": "draft", "url": url}
            for own, url in {"v1": "urn:b", "v2": "urn:a", "v3": "urn:B"}.items()
        ),
    )
    store(gateway, patient("gone", name=[{"text": "赵"}]))
    gateway.client.delete("/Patient/gone").raise_for_status()
    return gateway


@pytest.mark.feature("Search", "_sort")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Patient?_sort=name", ["p4", "p3", "p2", "p1", "p5", "p6"]),
        ("Patient?_sort=-name", ["p5", "p1", "p3", "p2", "p4", "p6"]),
        ("Patient?_sort=birthdate", ["p3", "p2", "p1", "p5", None, None]),
        ("Patient?_sort=-birthdate", ["p5", "p1", "p2", "p3", None, None]),
        ("Patient?_sort=gender,birthdate", ["p2", "p1", "p4", "p3", "p5", "p6"]),
        ("Patient?_sort=-gender,-birthdate", ["p1", "p4", "p2", "p5", "p3", "p6"]),
        ("Patient?_sort=gender,-name", ["p2", "p1", "p4", "p5", "p3", "p6"]),
        ("Patient?_sort=organization,_id", ["p1", "p2", "p3", "p4", "p5", "p6"]),
        ("Patient?_sort=-_id", ["p6", "p5", "p4", "p3", "p2", "p1"]),
        ("Observation?_sort=code,_id", ["w2", "w4", "w1", "w3"]),
        ("Observation?_sort=-code,-_id", ["w3", "w1", "w4", "w2"]),
        ("Observation?_sort=subject,_id", ["w4", "w3", "w1", "w2"]),
        ("Observation?_sort=date", ["w2", "w3", "w1", "w4"]),
        ("Observation?_sort=-date", ["w1", "w3", "w2", "w4"]),
        ("RiskAssessment?_sort=probability", ["r2", "r3", "r1"]),
        ("RiskAssessment?_sort=-probability", ["r2", "r1", "r3"]),
        ("ValueSet?_sort=url", ["v3", "v2", "v1"]),
        ("ValueSet?_sort=-url", ["v1", "v2", "v3"]),
    ],
)
def test_what_comes_first(loaded: Gateway, query: str, expected: list[str | None]) -> None:
    found = ids(loaded, query)
    assert len(found) == len(expected)
    assert [one if wanted else None for one, wanted in zip(found, expected, strict=True)] == expected
    paged = [own for page in pages(loaded.client, f"{query}&_count=1") for own in of(page)]
    assert paged == found


@pytest.mark.feature("Search", "_sort")
def test_what_has_no_value_comes_last_by_date_too(loaded: Gateway) -> None:
    assert ids(loaded, "Observation?_sort=date")[-1] == "w4"


@pytest.mark.feature("Search", "_sort")
def test_dates_before_1970_go_in_order(loaded: Gateway) -> None:
    days = {"y1": "1955-01-01", "y2": "1949-10-01", "y3": "1968-01-01", "y4": "1980-01-01"}
    store(loaded, *(observation(own, status="amended", effectiveDateTime=day) for own, day in days.items()))
    assert ids(loaded, "Observation?status=amended&_sort=date") == ["y2", "y1", "y3", "y4"]
    assert ids(loaded, "Observation?status=amended&_sort=-date") == ["y4", "y3", "y1", "y2"]


def test_quantities_of_one_unit_go_by_value(loaded: Gateway) -> None:
    assert ids(loaded, "Observation?status=final&_sort=-value-quantity,_id")[2:] == ["w3", "w4"]


@pytest.mark.feature("Search", "_sort")
def test_the_newest_come_first_by_last_update(loaded: Gateway) -> None:
    store(loaded, patient("p6", active=True))
    assert ids(loaded, "Patient?_sort=-_lastUpdated")[0] == "p6"
    assert ids(loaded, "Patient?_sort=_lastUpdated")[-1] == "p6"


@pytest.mark.feature("Search", "_sort")
@pytest.mark.parametrize(
    "query", ["Patient?_sort=nonsense", "Patient?_sort=name,", "?_type=Patient,Observation&_sort=birthdate"]
)
def test_an_order_that_there_is_none_of_is_refused(loaded: Gateway, query: str) -> None:
    if query.endswith(","):
        assert ids(loaded, query) == ids(loaded, query.rstrip(","))
    else:
        assert refused(loaded.client, query) == "FD-SEARCH-SORT"


@pytest.mark.feature("Search", "_count and _total")
def test_totals_are_told_where_they_are_asked_for(loaded: Gateway) -> None:
    assert "total" not in get(loaded.client, "Patient?_count=1")
    assert "total" not in get(loaded.client, "Patient?_count=1&_total=none")
    assert get(loaded.client, "Patient?_count=1&_total=accurate")["total"] == 6
    assert get(loaded.client, "Patient?_count=1&_total=estimate")["total"] == 6
    assert get(loaded.client, "Patient?gender=male&_total=accurate")["total"] == 2
    assert get(loaded.client, "Patient?gender=other&_total=accurate")["total"] == 0


@pytest.mark.feature("Search", "_count and _total")
@pytest.mark.parametrize(
    "query", ["Patient?_count=0&_total=accurate", "Patient?_summary=count", "Patient?_summary=count&_count=3"]
)
def test_a_count_alone_has_no_entries(loaded: Gateway, query: str) -> None:
    body = get(loaded.client, query)
    assert body["total"] == 6
    assert "entry" not in body
    assert link(body, "next") is None


@pytest.mark.feature("Search", "_count and _total")
def test_the_total_of_later_pages_is_that_of_the_first(loaded: Gateway) -> None:
    first = get(loaded.client, "ValueSet?_count=2&_total=accurate&_sort=_id")
    store(loaded, {"resourceType": "ValueSet", "id": "v0", "status": "draft", "url": "urn:z"})
    loaded.client.delete("/ValueSet/v3").raise_for_status()
    second = get(loaded.client, str(link(first, "next")).removeprefix(f"{loaded.base}/"))
    assert (first["total"], second["total"]) == (3, 3)
    assert (of(first), of(second)) == (["v1", "v2"], ["v3"])
    assert second["entry"][0]["resource"]["url"] == "urn:B"


@pytest.mark.feature("Interactions", "_summary, _elements, _pretty")
def test_a_page_shows_what_is_asked_of_every_resource(loaded: Gateway) -> None:
    body = get(loaded.client, "Observation?_id=w4&_elements=code&_include=Observation:subject")
    match, included = (one["resource"] for one in body["entry"])
    assert match.keys() == {"resourceType", "id", "meta", "status", "code"}
    assert match["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert included["name"] == [{"text": "张三"}]
    short = get(loaded.client, "Patient?_summary=true&_count=1&_sort=_id")
    assert short["entry"][0]["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"
    following = get(loaded.client, str(link(short, "next")).removeprefix(f"{loaded.base}/"))
    assert following["entry"][0]["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.feature("Search", "the self link shows what was applied")
@pytest.mark.parametrize(
    ("query", "applied"),
    [
        ("Patient?gender=male&_count=2&_sort=-name", "Patient?gender=male&_count=2&_sort=-name"),
        ("Patient?nonsense=1&gender=male", "Patient?gender=male"),
        ("Patient?gender=male&organization.nonsense=1", "Patient?gender=male"),
        ("Patient?name=%E5%BC%A0%2B&_total=accurate", "Patient?name=%E5%BC%A0%2B&_total=accurate"),
        (
            "Patient?_include=Patient:organization&_elements=name",
            "Patient?_include=Patient:organization&_elements=name",
        ),
        ("?_type=Patient&_id=p1", "?_type=Patient&_id=p1"),
    ],
)
def test_the_self_link_is_what_was_applied(loaded: Gateway, query: str, applied: str) -> None:
    body = get(loaded.client, query, prefer="handling=lenient")
    assert link(body, "self") == f"{loaded.base}{'' if applied.startswith('?') else '/'}{applied}"
    again = loaded.client.get(str(link(body, "self"))).json()
    assert of(again) == of(body)

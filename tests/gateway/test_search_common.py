"""Parameters of every resource type, system-level and compartment search. https://hl7.org/fhir/R4/search.html#all"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, coding, get, ids, observation, of, patient, refused, store, to

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROFILE = "http://example.org/fhir/StructureDefinition/x"


def narrative(text: str) -> Json:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    tag, secret = {"system": "urn:t", "code": "red"}, {"system": "urn:s", "code": "R"}
    subject = {"subject": to("Patient/a")}
    store(
        gateway,
        patient("a", name=[{"text": "示例甲"}], gender="female", birthDate="1950-05-01", meta={"tag": [tag]}),
        patient("b", name=[{"text": "示例乙"}], gender="male", birthDate="1990-01-01", meta={"profile": [PROFILE]}),
        patient("c", birthDate="1970-01-01", meta={"security": [secret], "source": "urn:feed:1#m"}, active=True),
        observation("o1", **subject, code=coding("urn:a", "x"), text=narrative("Fever and <b>cough</b>")),
        observation("o2", **subject, code=coding("urn:a", "y", display="Cough"), meta={"tag": [tag]}),
        observation("o3", subject=to("Patient/b"), performer=[to("Patient/a")], code=coding("urn:a", "x")),
        {"resourceType": "Flag", "id": "f1", "status": "active", "code": {"text": "跌倒"}, **subject},
        {"resourceType": "Encounter", "id": "e1", "status": "planned", "class": {"code": "AMB"}, **subject},
        {
            "resourceType": "List",
            "id": "l1",
            "status": "current",
            "mode": "working",
            "entry": [{"item": to("Patient/a")}, {"item": to("Patient/b")}, {"item": to("Observation/o2")}],
        },
    )
    store(gateway, patient("gone", name=[{"text": "示例丙"}]))
    gateway.client.delete("/Patient/gone").raise_for_status()
    return gateway


@pytest.mark.feature("Search", "common parameters, _filter, _list, _text, _content, _type, compartments")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Patient?_id=a", {"a"}),
        ("Patient?_id=a,b,none", {"a", "b"}),
        ("Patient?_id=a&_id=b", set()),
        ("Patient?_id:not=a", {"b", "c"}),
        ("Patient?_id=gone", set()),
        ("Patient?_lastUpdated=gt2020-01-01,lt2019", {"a", "b", "c"}),
        ("Patient?_lastUpdated=lt2020", set()),
        ("Patient?_tag=urn:t|red", {"a"}),
        ("Patient?_tag:not=red", {"b", "c"}),
        ("Patient?_tag:missing=false", {"a"}),
        (f"Patient?_profile={PROFILE}", {"b"}),
        ("Patient?_profile:below=http://example.org/fhir", {"b"}),
        ("Patient?_profile:missing=true", {"a", "c"}),
        ("Patient?_security=urn:s|R", {"c"}),
        ("Patient?_source=urn:feed:1%23m", {"c"}),
        ("Patient?_list=l1", {"a", "b"}),
        ("Patient?_list=none", set()),
        ("Observation?_list=l1", {"o2"}),
        ("Observation?_text=fever", {"o1"}),
        ("Observation?_text=FEVER cough", {"o1"}),
        ("Observation?_text=fever,rash", {"o1"}),
        ("Observation?_content=cough", {"o1", "o2"}),
        ("Patient?_content=示例乙", {"b"}),
        ("Patient?_content=a.b", set()),
        ('Patient?_content="', set()),
        ("Patient?_content=\\", set()),
        ("Patient?_filter=gender eq female", {"a"}),
        ("Patient?_filter=gender ne female", {"b", "c"}),
        ('Patient?_filter=name co "甲" or birthdate ge 1990', {"a", "b"}),
        ("Patient?_filter=not (birthdate gt 1960 and birthdate lt 1980)", {"a", "b"}),
        ("Patient?_filter=gender eq female or gender eq male and birthdate lt 1960", {"a"}),
        ("Patient?_filter=(gender eq female or gender eq male) and birthdate lt 1960", {"a"}),
        ("Patient?_filter=gender pr false", {"c"}),
        ("Patient?_filter=gender pr true and _id ne a", {"b"}),
        ('Patient?_filter=name sw "示例"', {"a", "b"}),
        ('Patient?_filter=name eq "示例甲"', {"a"}),
        ('Patient?_filter=name eq "示例"', set()),
        ("Observation?_filter=patient.gender eq female", {"o1", "o2"}),
        ("Observation?_filter=code eq urn:a|x and patient eq Patient/b", {"o3"}),
        ("?_type=Patient,Observation&_tag=red", {"a", "o2"}),
        ("?_type=Patient,Observation&_id=a,o1,f1", {"a", "o1"}),
        ("?_type=Flag,Observation&patient=a", {"o1", "o2", "f1"}),
        ("?_tag=red", {"a", "o2"}),
        ("?_id=a,l1", {"a", "l1"}),
        ("Patient/a/Observation", {"o1", "o2", "o3"}),
        ("Patient/a/Observation?code=y", {"o2"}),
        ("Patient/a/Observation/_search?code=y", {"o2"}),
        ("Patient/b/Observation", {"o3"}),
        ("Patient/a/Patient", {"a"}),
        ("Patient/a/*", {"a", "o1", "o2", "o3", "f1", "e1"}),
        ("Patient/a/*?_type=Flag,Patient", {"a", "f1"}),
        ("Patient/a/*?_type=Organization", set()),
        ("Patient/none/*", set()),
        ("Encounter/e1/Encounter", {"e1"}),
        ("Encounter/e1/*", {"e1"}),
    ],
)
def test_what_is_found(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query)) == expected


@pytest.mark.feature("Search", "GET and POST _search")
@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/Patient/_search", "gender=female", {"a"}),
        ("/Patient/_search?gender=female,male", "birthdate=lt1960", {"a"}),
        ("/Patient/_search", "name=%E7%A4%BA%E4%BE%8B%E7%94%B2", {"a"}),
        ("/Patient/_search", "name=示例甲", {"a"}),
        ("/Patient/_search", "", {"a", "b", "c"}),
        ("/_search", "_type=Patient&_tag=red", {"a"}),
        ("/Patient/a/Observation/_search", "code=y", {"o2"}),
        ("/Patient/a/*/_search", "_type=Flag", {"f1"}),
    ],
)
def test_a_form_searches_as_a_url_does(loaded: Gateway, path: str, form: str, expected: set[str]) -> None:
    answer = loaded.client.post(path, content=form.encode(), headers=FORM)
    assert answer.status_code == 200, answer.text
    assert set(of(answer.json())) == expected


@pytest.mark.feature("Search", "unknown parameters refused, unless lenient")
@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Patient?_id:exact=a", "FD-SEARCH-MODIFIER"),
        ("Patient?_filter=gender", "FD-SEARCH-FILTER"),
        ("Patient?_filter=gender is male", "FD-SEARCH-FILTER"),
        ("Patient?_filter=(gender eq male", "FD-SEARCH-FILTER"),
        ("Patient?_filter=gendre eq male", "FD-SEARCH-UNKNOWN"),
        ("?_type=Patient,Nonsense", "FD-SEARCH-TYPE"),
        ("?_type=Patient,Observation&birthdate=1990", "FD-SEARCH-UNKNOWN"),
        ("Patient?_contained=true", "FD-SEARCH-CONTAINED"),
        ("Patient?_containedType=contained", "FD-SEARCH-UNKNOWN"),
        ("Patient?_query=everybody", "FD-SEARCH-UNKNOWN"),
        ("Patient?_type=Observation", "FD-SEARCH-UNKNOWN"),
        ("Patient?_count=-1", "FD-SEARCH-COUNT"),
        ("Patient?_count=many", "FD-SEARCH-COUNT"),
        ("Patient?_total=perhaps", "FD-SEARCH-TOTAL"),
        ("Patient?_summary=short", "FD-SHAPE"),
        ("Patient?_lastUpdated=now", "FD-SEARCH-DATE"),
    ],
)
def test_what_is_not_understood_is_refused(loaded: Gateway, query: str, key: str) -> None:
    assert refused(loaded.client, query) == key


@pytest.mark.feature("Search", "common parameters, _filter, _list, _text, _content, _type, compartments")
def test_a_compartment_that_there_is_none_of_is_not_found(loaded: Gateway) -> None:
    assert refused(loaded.client, "Organization/x/Patient", 404) == "FD-COMPARTMENT"
    assert refused(loaded.client, "Patient/a/Organization", 404) == "FD-COMPARTMENT"


@pytest.mark.feature("Search", "common parameters, _filter, _list, _text, _content, _type, compartments")
def test_the_links_of_a_compartment_search_stay_in_the_compartment(loaded: Gateway) -> None:
    first = get(loaded.client, "Patient/a/Observation?_count=2")
    assert first["link"][0]["url"] == f"{loaded.base}/Patient/a/Observation?_count=2"
    assert first["link"][1]["url"].startswith(f"{loaded.base}/Patient/a/Observation?_cursor=")
    elsewhere = first["link"][1]["url"].replace("Patient/a", "Patient/b")
    assert loaded.client.get(elsewhere).status_code == 400
    assert loaded.client.get(elsewhere.replace("Patient/b/", "")).status_code == 400


@pytest.mark.feature("Search", "the self link shows what was applied")
def test_a_parameter_without_a_value_is_not_applied(loaded: Gateway) -> None:
    body = get(loaded.client, "Patient?gender=&_id=a")
    assert of(body) == ["a"]
    assert body["link"][0]["url"] == f"{loaded.base}/Patient?_id=a"

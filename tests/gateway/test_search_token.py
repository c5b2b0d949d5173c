"""Search parameters of type token, with every modifier. https://hl7.org/fhir/R4/search.html#token"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import coding, ids, observation, patient, refused, store

pytestmark = pytest.mark.feature("Search", "token, all modifiers")

CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
GENDER = "http://hl7.org/fhir/administrative-gender"
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def encounter(own: str, code: str, **more: object) -> dict[str, object]:
    return {
        "resourceType": "Encounter",
        "id": own,
        "status": "finished",
        "class": {"system": CLASS, "code": code},
        **more,
    }


def typed(code: str, value: str, system: str = "urn:s") -> dict[str, object]:
    return {"type": coding(TYPES, code), "system": system, "value": value}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    two = {"coding": [{"system": "urn:a", "code": "x"}, {"system": "urn:b", "code": "y"}], "text": "头痛 Headache"}
    store(
        gateway,
        patient("p1", gender="male", active=True, identifier=[typed("MR", "1"), typed("DL", "2", "urn:t")]),
        patient("p2", gender="female", active=False, identifier=[typed("MR", "2")]),
        patient("p3", identifier=[{"value": "1"}, {"system": "urn:only"}]),
        patient(
            "p4",
            gender="unknown",
            telecom=[{"system": "phone", "value": "000-4"}, {"system": "email", "value": "a@b.example"}],
        ),
        observation("o1", code=two),
        observation("o2", code=coding("urn:a", "y", display="Ｆever 發燒")),
        observation("o3", code={"coding": [{"code": "x"}]}),
        observation(
            "o4", code={"text": "只有文字"}, category=[coding(CATEGORY, "laboratory"), coding(CATEGORY, "exam")]
        ),
        observation("o5", code=coding("urn:a", "X"), category=[coding(CATEGORY, "vital-signs")]),
        observation("o6", code=coding("urn:a", "a|b,c$d\\e")),
        encounter("e1", "IMP"),
        encounter("e2", "ACUTE"),
        encounter("e3", "AMB"),
    )
    store(gateway, patient("gone", gender="male"))
    gateway.client.delete("/Patient/gone").raise_for_status()
    return gateway


EVERY_O = {f"o{number}" for number in range(1, 7)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?code=x", {"o1", "o3"}),
        ("Observation?code=X", {"o5"}),
        ("Observation?code=urn:a|x", {"o1"}),
        ("Observation?code=urn:a|y", {"o2"}),
        ("Observation?code=|x", {"o3"}),
        ("Observation?code=urn:b|", {"o1"}),
        ("Observation?code=urn:a|", {"o1", "o2", "o5", "o6"}),
        ("Observation?code=urn:a|x,urn:b|y,|x", {"o1", "o3"}),
        ("Observation?code=urn:a|x&code=urn:b|y", {"o1"}),
        ("Observation?code=urn:a|a\\|b\\,c\\$d\\\\e", {"o6"}),
        ("Observation?code=a\\|b\\,c\\$d\\\\e", {"o6"}),
        ("Observation?code:not=urn:a|x", EVERY_O - {"o1"}),
        ("Observation?code:not=x", EVERY_O - {"o1", "o3"}),
        ("Observation?code:not=x,y", EVERY_O - {"o1", "o2", "o3"}),
        ("Observation?category:not=laboratory", EVERY_O - {"o4"}),
        ("Observation?category:not=laboratory,vital-signs", EVERY_O - {"o4", "o5"}),
        ("Observation?category:missing=false&category:not=exam", {"o5"}),
        ("Observation?category:missing=true", EVERY_O - {"o4", "o5"}),
        ("Observation?category:missing=false", {"o4", "o5"}),
        ("Observation?code:missing=true", set()),
        ("Observation?code:text=head", set()),
        ("Observation?code:text=头痛", {"o1"}),
        ("Observation?code:text=fever", {"o2"}),
        ("Observation?code:text=fever%20发烧", {"o2"}),
        ("Observation?code:text=只有", {"o4"}),
        ("Patient?gender=male", {"p1"}),
        (f"Patient?gender={GENDER}|male", {"p1"}),
        ("Patient?gender=urn:wrong|male", set()),
        ("Patient?gender:not=male", {"p2", "p3", "p4"}),
        ("Patient?gender:missing=true", {"p3"}),
        ("Patient?gender:missing=false", {"p1", "p2", "p4"}),
        ("Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender", {"p1", "p2", "p4"}),
        ("Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender", {"p3"}),
        ("Patient?active=true", {"p1"}),
        ("Patient?active=false", {"p2"}),
        ("Patient?active:missing=true", {"p3", "p4"}),
        ("Patient?identifier=1", {"p1", "p3"}),
        ("Patient?identifier=urn:s|", {"p1", "p2"}),
        ("Patient?identifier=|1", {"p3"}),
        ("Patient?identifier=urn:s|2", {"p2"}),
        (f"Patient?identifier:of-type={TYPES}|MR|1", {"p1"}),
        (f"Patient?identifier:of-type={TYPES}|MR|2", {"p2"}),
        (f"Patient?identifier:of-type={TYPES}|DL|2", {"p1"}),
        (f"Patient?identifier:of-type={TYPES}|MR|9,{TYPES}|DL|2", {"p1"}),
        ("Patient?identifier:missing=true", {"p4"}),
        ("Patient?telecom=000-4", {"p4"}),
        ("Patient?email=a@b.example", {"p4"}),
        ("Patient?phone=a@b.example", set()),
        ("Patient?phone=000-4", {"p4"}),
        ("Encounter?class=IMP", {"e1"}),
        (f"Encounter?class:below={CLASS}|IMP", {"e1", "e2"}),
        (f"Encounter?class:above={CLASS}|ACUTE", {"e1", "e2"}),
        (f"Encounter?class:below={CLASS}|ACUTE", {"e2"}),
        (f"Encounter?class:below={CLASS}|AMB,{CLASS}|ACUTE", {"e2", "e3"}),
        ("Encounter?class:in=http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", {"e1", "e2", "e3"}),
        ("Encounter?class:not-in=http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", set()),
        ("Patient?deceased=false", {"p1", "p2", "p3", "p4"}),
    ],
)
def test_what_a_token_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query)) == expected


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Patient?gender:bogus=male", "FD-SEARCH-MODIFIER"),
        ("Patient?gender:exact=male", "FD-SEARCH-MODIFIER"),
        ("Patient?gender:missing=yes", "FD-SEARCH-MISSING"),
        ("Patient?gender:missing=true,false", "FD-SEARCH-MISSING"),
        ("Patient?identifier:of-type=MR|1", "FD-SEARCH-OF-TYPE"),
        ("Observation?code:in=urn:no-such-set", "FD-SEARCH-VALUE-SET"),
        ("Encounter?class:below=IMP", "FD-SEARCH-SYSTEM"),
        ("Encounter?class:below=urn:none|IMP", "FD-SEARCH-CODE-SYSTEM"),
        ("Patient?name:not=x", "FD-SEARCH-MODIFIER"),
        ("Patient?birthdate:not=2020", "FD-SEARCH-MODIFIER"),
        ("Patient?organization:not=x", "FD-SEARCH-MODIFIER"),
    ],
)
def test_a_modifier_that_means_nothing_there_is_refused(loaded: Gateway, query: str, key: str) -> None:
    assert refused(loaded.client, query) == key


def test_what_is_missing_or_not_in_a_set_is_so_of_each_type(loaded: Gateway) -> None:
    both = "?_type=Patient,Observation&_count=100"
    assert set(ids(loaded, f"{both}&identifier:missing=true")) == {"p4", *EVERY_O}
    assert set(ids(loaded, f"{both}&identifier:missing=false")) == {"p1", "p2", "p3"}
    kinds = "?_type=Encounter,Observation&_count=100"
    assert set(ids(loaded, f"{kinds}&status:not-in=http://hl7.org/fhir/ValueSet/observation-status")) == {
        "e1",
        "e2",
        "e3",
    }
    assert set(ids(loaded, f"{kinds}&status:not=final")) == {"e1", "e2", "e3"}

"""$match of patients. https://hl7.org/fhir/R4/patient-operation-match.html"""

from typing import Any

import httpx
import pytest

from gateway.rest.operations import matching
from profiles.canonical import RESIDENT_ID
from tests.conftest import Gateway
from tests.gateway.district import resident_id
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$match")

Resource = dict[str, Any]
CARD = "https://example.org/NamingSystem/card"


def resident(number: str) -> Resource:
    return {"system": RESIDENT_ID, "value": number}


def old_number(serial: int) -> tuple[str, str]:
    """A number of 15 digits of a real province, and what it became."""
    [new] = matching.residents({"identifier": [resident(f"110101490101{serial:03d}")]})
    return f"110101490101{serial:03d}", new


ZHANG = {
    "resourceType": "Patient",
    "id": "zhang",
    "identifier": [resident(resident_id(1)), {"system": CARD, "value": "A|1"}],
    "name": [{"text": "张三丰", "family": "张", "given": ["三丰"]}],
    "telecom": [{"system": "phone", "value": "138 0000 0001"}],
    "gender": "male",
    "birthDate": "1949-01-01",
}
OTHER = ZHANG | {
    "id": "namesake",
    "identifier": [resident(resident_id(3))],
    "telecom": [{"system": "phone", "value": "13900000009"}],
}
WOMAN = {
    "resourceType": "Patient",
    "id": "shan",
    "identifier": [resident(old_number(2)[1])],
    "name": [{"text": "单淑芬"}],
    "gender": "female",
    "birthDate": "1949-01-01",
}


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    for one in (ZHANG, OTHER, WOMAN):
        assert gateway.client.put(f"/Patient/{one['id']}", json=one).status_code == 201
    return gateway


def asked(resource: Resource, **more: Any) -> Resource:
    kinds = {"onlyCertainMatches": "valueBoolean", "count": "valueInteger"}
    said = [{"name": name, kinds[name]: value} for name, value in more.items()]
    return parameters({"name": "resource", "resource": {"resourceType": "Patient", **resource}}, *said)


def found(answer: httpx.Response) -> dict[str, str]:
    """Id → grade, in the order of the answer, whose scores fall."""
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    entries = bundle.get("entry", [])
    assert (bundle["type"], bundle["total"]) == ("searchset", len(entries))
    scores = [one["search"]["score"] for one in entries]
    assert scores == sorted(scores, reverse=True)
    grades = {}
    for one in entries:
        [extension] = one["search"]["extension"]
        assert extension["url"] == "http://hl7.org/fhir/StructureDefinition/match-grade"
        grades[one["resource"]["id"]] = extension["valueCode"]
    return grades


def match(gateway: Gateway, resource: Resource, **more: Any) -> dict[str, str]:
    return found(gateway.client.post("/Patient/$match", json=asked(resource, **more)))


NAMED = {"name": [{"text": "张三丰"}], "birthDate": "1949-01-01"}


def test_an_identity_number_and_a_name_are_certain(stored: Gateway):
    assert match(stored, NAMED | {"identifier": [resident(resident_id(1))]}) == {
        "zhang": "certain",
        "namesake": "certainly-not",
    }


def test_a_name_and_a_birth_date_are_probable(stored: Gateway):
    assert match(stored, NAMED) == {"namesake": "probable", "zhang": "probable"}
    assert match(stored, NAMED | {"gender": "female"}) == {"namesake": "possible", "zhang": "possible"}


def test_a_telephone_tells_namesakes_apart(stored: Gateway):
    for number in ("13800000001", "+8613800000001", "138-0000-0001"):
        told = match(stored, NAMED | {"telecom": [{"system": "phone", "value": number}]})
        assert told == {"zhang": "certain", "namesake": "probable"}


def test_a_name_and_a_telephone_find_whoever_has_another_birth_date(stored: Gateway):
    person = {"name": [{"text": "张三丰"}], "telecom": [{"system": "phone", "value": "13800000001"}]}
    assert match(stored, person) == {"zhang": "probable"}
    assert match(stored, person | {"birthDate": "1949-10-01"}) == {"zhang": "probable"}


@pytest.mark.parametrize(
    "name",
    [
        {"text": "張三豐"},
        {"text": "张 三丰"},
        {"family": "张", "given": ["三", "丰"]},
        {"text": "Zhang Sanfeng"},
        {"family": "Zhang", "given": ["Sanfeng"]},
        {"text": "zhangsanfeng"},
    ],
)
def test_a_chinese_name_is_the_same_in_all_its_forms(stored: Gateway, name: Resource):
    assert set(match(stored, {"name": [name], "birthDate": "1949-01-01"})) == {"zhang", "namesake"}


@pytest.mark.parametrize("number", old_number(2))
def test_an_identity_number_is_the_same_in_both_its_lengths(stored: Gateway, number: str):
    assert match(stored, {"identifier": [resident(number)], "name": [{"text": "Shan Shufen"}]}) == {"shan": "certain"}


def test_another_identifier_is_searched_for_as_it_is(stored: Gateway):
    card = {"identifier": [{"system": CARD, "value": "A|1"}]}
    assert match(stored, card) == {"zhang": "probable"}
    assert match(stored, card | NAMED)["zhang"] == "certain"


def test_only_certain_matches_are_one_or_none(stored: Gateway):
    person = NAMED | {"identifier": [resident(resident_id(1))]}
    assert match(stored, person, onlyCertainMatches=True) == {"zhang": "certain"}
    assert match(stored, NAMED, onlyCertainMatches=True) == {}


def test_no_more_than_asked_for(stored: Gateway):
    assert len(match(stored, NAMED, count=1)) == 1
    assert match(stored, {"name": [{"text": "无此人"}], "birthDate": "1950-02-03"}) == {}


def test_a_patient_alone_will_do_and_is_not_matched_with_itself(stored: Gateway):
    answer = stored.client.post("/Patient/$match", json={"resourceType": "Patient", **NAMED})
    assert set(found(answer)) == {"zhang", "namesake"}
    assert found(stored.client.post("/Patient/$match", json=ZHANG)) == {"namesake": "certainly-not"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (parameters({"name": "count", "valueInteger": 1}), 400),
        (asked(NAMED, count=0), 400),
        (parameters({"name": "resource", "resource": {"resourceType": "Flag"}}), 422),
        (parameters({"name": "resource", "resource": {"resourceType": "Basic", "code": {"text": "x"}}}), 400),
        (parameters({"name": "resource", "valueString": "x"}), 400),
        (asked(NAMED)["parameter"][0]["resource"] | {"gender": "bogus"}, 422),
        (asked({"gender": "male"}), 422),
        (asked({"name": [{"text": "张三丰"}]}), 422),
        (asked({"identifier": [{"system": CARD}]}), 422),
        (parameters({"name": "resuorce", "valueString": "x"}), 400),
    ],
)
def test_match_says_what_is_wrong(stored: Gateway, body: Resource, status: int):
    answer = stored.client.post("/Patient/$match", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_match_is_asked_by_post_by_whoever_may_search(stored: Gateway):
    assert stored.client.get("/Patient/$match").status_code == 405
    with stored.client_for("adapter") as client:
        refused(client.post("/Patient/$match", json=asked(NAMED)), 403, "forbidden")

"""Each way of leaving something out. https://hl7.org/fhir/R4/search.html#summary"""

from decimal import Decimal
from typing import Any

import pytest

from gateway.rest import subsets

pytestmark = pytest.mark.feature("Interactions", "_summary, _elements, _pretty")

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"versionId": "3", "tag": [{"system": "urn:x", "code": "kept"}]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "contained": [
        {"resourceType": "Organization", "id": "o1", "name": "示例", "partOf": {"reference": "#o2"}},
        {"resourceType": "Organization", "id": "o2", "name": "乙"},
        {"resourceType": "Organization", "id": "o3", "name": "丙"},
    ],
    "extension": [{"url": "urn:x", "valueString": "x"}],
    "modifierExtension": [{"url": "urn:m", "valueString": "m"}],
    "active": True,
    "name": [{"text": "示例甲", "extension": [{"url": "urn:e", "valueDecimal": Decimal("1.50")}]}],
    "_birthDate": {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]},
    "maritalStatus": {"text": "x"},
    "photo": [{"contentType": "image/png", "data": "AAAA"}],
    "managingOrganization": {"reference": "#o1"},
}


def test_a_summary_goes_all_the_way_down():
    found = subsets.summary(PATIENT)
    assert list(found) == [
        *("resourceType", "id", "meta", "contained", "modifierExtension"),
        *("active", "name", "_birthDate", "managingOrganization"),
    ]
    assert found["name"] == [{"text": "示例甲"}]
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf", "title": "x", "data": "AAAA"}}],
    }
    assert subsets.summary(document)["content"] == [{"attachment": {"contentType": "application/pdf", "title": "x"}}]


def test_a_summary_leaves_nothing_empty():
    absent = {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]}
    observation = {"resourceType": "Observation", "status": "final", "code": absent, "note": [{"text": "x"}]}
    found = subsets.summary(observation)
    assert (list(found), found["code"]) == (["resourceType", "status", "code", "meta"], absent)


def test_a_summary_of_a_bundle_is_one_of_what_it_holds():
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]}
    assert subsets.summary(bundle)["entry"] == [{"resource": subsets.summary(PATIENT)}]


def test_contained_resources_stay_where_they_are_referred_to():
    assert [one["id"] for one in subsets.summary(PATIENT)["contained"]] == ["o1", "o2"]
    assert "contained" not in subsets.elements(PATIENT, frozenset({"name"}))


def test_text_is_alone_or_away():
    assert list(subsets.narrative(PATIENT)) == ["resourceType", "id", "meta", "text"]
    assert set(subsets.data(PATIENT)) == set(PATIENT) - {"text"}


def test_elements_come_with_those_that_change_their_meaning():
    assert set(subsets.elements(PATIENT, frozenset({"birthDate"}))) == {
        *("resourceType", "id", "meta", "modifierExtension", "active", "_birthDate"),
    }
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueString": "x"}
    for name in ("value", "value[x]", "valueString"):
        found = subsets.elements({**observation, "note": [{"text": "x"}]}, frozenset({name}))
        assert set(found) == {*observation, "meta"}


def test_the_tag_stands_once_and_beside_the_others():
    [first, second] = subsets.data(PATIENT)["meta"]["tag"]
    assert (first, second) == (PATIENT["meta"]["tag"][0], subsets.SUBSETTED)

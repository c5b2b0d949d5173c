"""$expand and $validate-code over HTTP. https://hl7.org/fhir/R4/valueset-operations.html"""

from typing import Any

import httpx
import pytest

from tests.conftest import Gateway
from tests.gateway.wards import (
    GENDER,
    GENDERS,
    SNOMED,
    SURGERY,
    SURGICAL,
    TIMERS,
    WARDS,
    codes,
    parameters,
    refused,
    told,
)

pytestmark = pytest.mark.feature("Operations", "$expand, $validate-code")


# $expand


def test_expand_by_url(gateway: Gateway):
    answer = gateway.client.get("/ValueSet/$expand", params={"url": GENDERS})
    assert codes(answer) == ["male", "female", "other", "unknown"]
    assert answer.json()["expansion"]["timestamp"].endswith("+08:00")


def test_expand_with_what_the_operation_takes(gateway: Gateway):
    asked = {"url": GENDERS, "filter": "m", "offset": 1, "count": "1", "displayLanguage": "en", "_format": "json"}
    answer = gateway.client.get("/ValueSet/$expand", params=asked)
    assert codes(answer) == ["female"]
    assert answer.json()["expansion"]["total"] == 2


def test_expand_what_an_element_is_bound_to(gateway: Gateway):
    context = "http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender"
    assert len(codes(gateway.client.get("/ValueSet/$expand", params={"context": context}))) == 4
    unbound = gateway.client.get("/ValueSet/$expand", params={"context": "Patient.name"})
    refused(unbound, 400, "not-supported")
    refused(gateway.client.get("/ValueSet/$expand"), 400, "invalid")


def test_expand_a_value_set_that_is_sent(gateway: Gateway):
    listing = SURGICAL | {"url": "urn:x", "compose": {"include": [{"system": TIMERS}]}}
    alone = gateway.client.post("/ValueSet/$expand", json=listing)
    wrapped = parameters(
        {"name": "valueSet", "resource": listing}, {"name": "includeDesignations", "valueBoolean": True}
    )
    both = gateway.client.post("/ValueSet/$expand", json=wrapped)
    assert codes(alone) == codes(both) != []
    assert both.json()["expansion"]["contains"][0]["designation"][0]["language"] == "en"


def test_expand_what_is_stored_with_the_code_system_that_is_stored(wards: Gateway):
    for answer in (
        wards.client.get("/ValueSet/$expand", params={"url": SURGERY, "excludeNested": "true"}),
        wards.client.get("/ValueSet/surgery/$expand", params={"excludeNested": "true"}),
        wards.client.post(
            "/ValueSet/surgery/$expand", json=parameters({"name": "excludeNested", "valueBoolean": True})
        ),
    ):
        assert codes(answer) == ["S", "S1"]
    nested = wards.client.get("/ValueSet/surgery/$expand").json()["expansion"]["contains"]
    assert nested[0]["contains"][0]["code"] == "S1"


def test_expand_a_system_that_is_not_here(gateway: Gateway):
    asked = {"url": "http://hl7.org/fhir/ValueSet/condition-code"}
    issue = refused(gateway.client.get("/ValueSet/$expand", params=asked), 422, "too-costly")
    assert SNOMED in issue["diagnostics"]
    assert SNOMED in issue["details"]["text"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"url": "https://example.org/not-here"}, 404, "not-found"),
        ({"url": GENDERS, "valueSetVersion": "9"}, 404, "not-found"),
        ({"url": GENDERS, "count": "-1"}, 422, "invalid"),
        ({"url": GENDERS, "count": "many"}, 400, "invalid"),
        ({"url": GENDERS, "activeOnly": "yes"}, 400, "invalid"),
        ({"url": GENDERS, "fliter": "x"}, 400, "invalid"),
        ({"url": [GENDERS, GENDERS]}, 400, "invalid"),
        ({"valueSet": "{}"}, 400, "invalid"),
        ({"url": GENDERS, "system-version": "urn:x|1"}, 400, "not-supported"),
    ],
)
def test_expand_says_what_is_wrong(gateway: Gateway, asked: dict[str, Any], status: int, code: str):
    refused(gateway.client.get("/ValueSet/$expand", params=asked), status, code)


def test_a_pattern_that_could_take_very_long_is_refused(gateway: Gateway):
    said = {"property": "code", "op": "regex", "value": "(a+)+b"}
    slow = SURGICAL | {"compose": {"include": [{"system": GENDER, "filter": [said]}]}}
    refused(gateway.client.post("/ValueSet/$expand", json=slow), 422, "invalid")


# $validate-code


def test_validate_a_code_of_a_value_set(gateway: Gateway):
    asked = {"url": GENDERS, "system": GENDER, "code": "male"}
    assert told(gateway.client.get("/ValueSet/$validate-code", params=asked)) == {"result": True, "display": "Male"}
    wrong = told(gateway.client.get("/ValueSet/$validate-code", params=asked | {"code": "m"}))
    assert wrong["result"] is False
    assert wrong["issues"]["issue"][0]["severity"] == "error"
    misnamed = told(gateway.client.get("/ValueSet/$validate-code", params=asked | {"display": "Man"}))
    assert (misnamed["result"], misnamed["display"]) == (False, "Male")


def test_validate_a_concept_one_of_whose_codings_is_enough(gateway: Gateway):
    concept = {"coding": [{"system": "urn:x", "code": "1"}, {"system": GENDER, "code": "male"}]}
    body = parameters(
        {"name": "url", "valueUri": GENDERS}, {"name": "codeableConcept", "valueCodeableConcept": concept}
    )
    assert told(gateway.client.post("/ValueSet/$validate-code", json=body))["result"] is True
    body["parameter"][1]["valueCodeableConcept"] = {"text": "male"}
    assert told(gateway.client.post("/ValueSet/$validate-code", json=body))["result"] is False


def test_validate_a_code_of_what_is_stored(wards: Gateway):
    coding = {"name": "coding", "valueCoding": {"system": WARDS, "code": "S1", "display": "普外科"}}
    assert told(wards.client.post("/ValueSet/surgery/$validate-code", json=parameters(coding)))["result"] is True
    asked = {"url": SURGERY, "system": WARDS, "code": "M"}
    assert told(wards.client.get("/ValueSet/$validate-code", params=asked))["result"] is False
    asked = {"url": WARDS, "code": "M", "displayLanguage": "en"}
    assert told(wards.client.get("/CodeSystem/$validate-code", params=asked))["display"] == "内科"
    assert told(wards.client.get("/CodeSystem/wards/$validate-code", params={"code": "X"}))["result"] is False


def test_a_system_that_is_not_here_is_a_warning_that_names_it(gateway: Gateway):
    asked = {"url": "http://hl7.org/fhir/ValueSet/condition-code", "system": SNOMED, "code": "38341003"}
    for answer in (
        gateway.client.get("/ValueSet/$validate-code", params=asked),
        gateway.client.get("/CodeSystem/$validate-code", params={"url": SNOMED, "code": "38341003"}),
    ):
        said = told(answer)
        assert said["result"] is False
        assert said["x-caused-by-unknown-system"] == SNOMED
        assert said["issues"]["issue"][0]["severity"] == "warning"
        assert SNOMED in said["message"]


def test_validate_says_what_is_wrong(gateway: Gateway):
    refused(gateway.client.get("/ValueSet/$validate-code", params={"url": GENDERS}), 400, "invalid")
    missing = {"url": "https://example.org/not-here", "code": "x"}
    refused(gateway.client.get("/ValueSet/$validate-code", params=missing), 404, "not-found")
    other = parameters(
        {"name": "url", "valueUri": GENDER}, {"name": "coding", "valueCoding": {"system": "urn:x", "code": "male"}}
    )
    refused(gateway.client.post("/CodeSystem/$validate-code", json=other), 400, "invalid")
    twice = {"url": GENDERS, "code": "male"}
    refused(gateway.client.get("/ValueSet/surgery/$validate-code", params=twice), 400, "invalid")


def test_whoever_may_not_read_is_refused(gateway: Gateway):
    asked = {"url": GENDERS}
    with gateway.client_for("adapter") as client:
        refused(client.get("/ValueSet/$expand", params=asked), 403, "forbidden")
    with httpx.Client(base_url=gateway.base) as anonymous:
        refused(anonymous.get("/ValueSet/$expand", params=asked), 401, "login")

"""$lookup, $subsumes and $translate over HTTP. https://hl7.org/fhir/R4/codesystem-operations.html"""

import pytest

from tests.conftest import Gateway
from tests.gateway.wards import (
    GENDER,
    SNOMED,
    TIMERS,
    WARD_MAP,
    WARDS,
    parameters,
    refused,
    told,
)

pytestmark = pytest.mark.feature("Operations", "$lookup, $subsumes, $translate")


# $lookup and $subsumes


def test_lookup(wards: Gateway):
    answer = wards.client.get("/CodeSystem/$lookup", params={"system": WARDS, "code": "S"})
    assert answer.json()["parameter"] == [
        {"name": "name", "valueString": "Wards"},
        {"name": "version", "valueString": "1"},
        {"name": "display", "valueString": "外科"},
        {
            "name": "designation",
            "part": [{"name": "language", "valueCode": "en"}, {"name": "value", "valueString": "Surgery"}],
        },
        {
            "name": "property",
            "part": [{"name": "code", "valueCode": "definition"}, {"name": "value", "valueString": "所有外科"}],
        },
        {"name": "property", "part": [{"name": "code", "valueCode": "child"}, {"name": "value", "valueCode": "S1"}]},
    ]


def test_lookup_in_english_and_of_one_property(gateway: Gateway):
    coding = {"name": "coding", "valueCoding": {"system": TIMERS, "code": "admission-push"}}
    body = parameters(coding, {"name": "displayLanguage", "valueCode": "en"}, {"name": "property", "valueCode": "none"})
    said = told(gateway.client.post("/CodeSystem/$lookup", json=body))
    assert said.keys() == {"name", "version", "display"}
    assert said["display"].isascii()


def test_lookup_of_what_is_not_here(gateway: Gateway):
    issue = refused(gateway.client.get("/CodeSystem/$lookup", params={"system": SNOMED, "code": "1"}), 404, "not-found")
    assert SNOMED in issue["diagnostics"]
    refused(gateway.client.get("/CodeSystem/$lookup", params={"system": GENDER, "code": "x"}), 404, "not-found")
    refused(gateway.client.get("/CodeSystem/$lookup", params={"code": "x"}), 400, "invalid")


def test_subsumes(wards: Gateway):
    asked = {"codeA": "S", "codeB": "S1"}
    assert told(wards.client.get("/CodeSystem/wards/$subsumes", params=asked)) == {"outcome": "subsumes"}
    asked |= {"system": WARDS}
    assert told(wards.client.get("/CodeSystem/$subsumes", params=asked)) == {"outcome": "subsumes"}
    sides = (("A", "M"), ("B", "S"))
    codings = [{"name": f"coding{side}", "valueCoding": {"system": WARDS, "code": code}} for side, code in sides]
    answer = wards.client.post("/CodeSystem/$subsumes", json=parameters(*codings))
    assert told(answer) == {"outcome": "not-subsumed"}
    refused(wards.client.get("/CodeSystem/$subsumes", params={"codeA": "S", "system": WARDS}), 400, "invalid")


# $translate


def test_translate(wards: Gateway):
    url = "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2"
    asked = {"url": url, "system": GENDER, "code": "male"}
    answer = wards.client.get("/ConceptMap/$translate", params=asked)
    assert told(answer)["result"] is True
    assert {"name": "equivalence", "valueCode": "equal"} in told(answer)["match"]
    for stored_map in (
        wards.client.get("/ConceptMap/wards/$translate", params={"system": WARDS, "code": "S"}),
        wards.client.get("/ConceptMap/$translate", params={"url": WARD_MAP["url"], "system": WARDS, "code": "S"}),
        wards.client.get("/ConceptMap/$translate", params={"system": WARDS, "code": "S", "targetsystem": "urn:other"}),
    ):
        assert told(stored_map)["match"][1]["valueCoding"] == {"system": "urn:other", "code": "01"}
    back = {"system": "urn:other", "code": "01", "reverse": "true"}
    assert told(wards.client.get("/ConceptMap/$translate", params=back))["match"][1]["valueCoding"]["code"] == "S"


def test_translate_what_has_no_translation(wards: Gateway):
    said = told(wards.client.get("/ConceptMap/wards/$translate", params={"system": WARDS, "code": "M"}))
    assert said["result"] is False
    assert said["message"]
    asked = {"url": "https://example.org/not-here", "system": WARDS, "code": "M"}
    refused(wards.client.get("/ConceptMap/$translate", params=asked), 404, "not-found")

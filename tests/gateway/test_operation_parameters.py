"""What operations take, and what they refuse. https://hl7.org/fhir/R4/operations.html#request"""

from typing import Any

import pytest

from tests.conftest import Gateway
from tests.gateway.wards import GENDERS, WARD_SYSTEM, WARDS, codes, parameters, refused, told

pytestmark = pytest.mark.feature("Operations", "parameters by GET and POST")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (parameters({"name": "url", "valueBoolean": True}), 400),
        (parameters({"name": "url", "valueString": GENDERS}, {"name": "count", "valueString": "1"}), 400),
        (parameters({"name": "valueSet", "valueString": "x"}), 400),
        (parameters({"name": "valueSet", "resource": WARD_SYSTEM}), 400),
        (parameters({"name": "nothing", "valueString": "x"}), 400),
        (parameters({"valueString": "x"}), 422),
        (WARD_SYSTEM, 400),
        ({"resourceType": "ValueSet", "compose": 1}, 422),
        ([], 400),
    ],
)
def test_a_body_that_is_wrong(gateway: Gateway, body: Any, status: int):
    answer = gateway.client.post("/ValueSet/$expand", json=body)
    assert answer.status_code == status
    assert answer.json()["issue"][0]["details"]["text"]


def test_a_text_is_taken_for_a_uri(gateway: Gateway):
    body = parameters({"name": "url", "valueString": GENDERS})
    assert len(codes(gateway.client.post("/ValueSet/$expand", json=body))) == 4


def test_a_part_of_a_parameter_is_checked_as_well(wards: Gateway):
    part = {"name": "element", "valueUri": "urn:p"}
    coding = {"name": "coding", "valueCoding": {"system": WARDS, "code": "S"}}
    good = parameters(coding, {"name": "dependency", "part": [part]})
    assert told(wards.client.post("/ConceptMap/wards/$translate", json=good))["result"] is True
    for wrong in ({"name": "other", "valueUri": "urn:p"}, {"name": "element", "valueBoolean": True}):
        bad = parameters(coding, {"name": "dependency", "part": [wrong]})
        issue = refused(wards.client.post("/ConceptMap/wards/$translate", json=bad), 400, "invalid")
        assert issue["expression"][0].startswith("Parameters.parameter[1].part[0]")

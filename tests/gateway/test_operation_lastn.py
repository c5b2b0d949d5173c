"""$lastn of Observations. https://hl7.org/fhir/R4/observation-operation-lastn.html"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Gateway
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$lastn")

LOINC = "http://loinc.org"
LOCAL = "https://example.org/CodeSystem/laboratory"
VITAL = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}


def code(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": own} for system, own in codings]}


PULSE, WEIGHT = code((LOINC, "8867-4")), code((LOINC, "29463-7"))


def observations() -> Iterator[dict[str, Any]]:
    def one(own: str, what: dict[str, Any], when: str | None, patient: str = "p", **more: Any) -> dict[str, Any]:
        dated = {"effectiveDateTime": when} if when else {}
        subject = {"reference": f"Patient/{patient}"}
        return (
            {"resourceType": "Observation", "id": own, "status": "final", "code": what, "subject": subject}
            | dated
            | more
        )

    for day in range(1, 6):
        yield one(f"pulse{day}", PULSE, f"2026-01-0{day}", category=[VITAL])
    yield one("weight1", WEIGHT, "2026-02-01", category=[VITAL])
    yield one("weight-undated", WEIGHT, None)
    yield one("local", code((LOCAL, "K")), "2026-01-01")
    yield one("both", code((LOCAL, "K"), (LOINC, "2823-3")), "2026-01-02")
    yield one("loinc", code((LOINC, "2823-3")), "2026-01-03")
    yield one("text1", {"text": "ＡＢＣ"}, "2026-01-01")
    yield one("text2", {"text": "abc"}, "2026-01-02")
    yield one("others", PULSE, "2026-03-01", "q")


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    for own in ("p", "q"):
        assert gateway.client.put(f"/Patient/{own}", json={"resourceType": "Patient", "id": own}).status_code == 201
    for resource in observations():
        assert gateway.client.put(f"/Observation/{resource['id']}", json=resource).status_code == 201
    return gateway


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["type"], found["total"]) == (
        "searchset",
        len([one for one in found.get("entry", ()) if one["search"]["mode"] == "match"]),
    )
    return [one["resource"]["id"] for one in found.get("entry", ())]


def test_the_last_of_every_code(stored: Gateway):
    expected = ["weight1", "pulse5", "loinc", "text2"]
    assert ids(stored.client.get("/Observation/$lastn?patient=p")) == expected
    assert ids(stored.client.get("/Observation/$lastn?subject=Patient/p")) == expected


def test_the_last_few_of_every_code_newest_first(stored: Gateway):
    found = ids(stored.client.get("/Observation/$lastn?patient=p&max=2"))
    assert found == ["weight1", "weight-undated", "pulse5", "pulse4", "loinc", "both", "text2", "text1"]
    assert len(ids(stored.client.get("/Observation/$lastn?patient=p&max=100"))) == 12


def test_what_is_searched_for_limits_it(stored: Gateway):
    asked = "patient=p&max=2&category=vital-signs"
    assert ids(stored.client.get(f"/Observation/$lastn?{asked}")) == ["weight1", "pulse5", "pulse4"]
    assert ids(stored.client.get(f"/Observation/$lastn?{asked}&date=lt2026-01-03")) == ["pulse2", "pulse1"]
    assert ids(stored.client.get(f"/Observation/$lastn?patient=p&code={LOINC}|8867-4")) == ["pulse5"]
    assert ids(stored.client.get("/Observation/$lastn?patient=nobody")) == []


def test_each_patient_has_his_own(stored: Gateway):
    assert ids(stored.client.get(f"/Observation/$lastn?patient=p,q&code={LOINC}|8867-4")) == ["others", "pulse5"]


def test_by_post_as_a_form_or_as_parameters(stored: Gateway):
    form = {
        "content": "patient=p&max=1&category=vital-signs",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    said = parameters(
        {"name": "patient", "valueString": "p"},
        {"name": "max", "valuePositiveInt": 1},
        {"name": "category", "valueCode": "vital-signs"},
    )
    assert ids(stored.client.post("/Observation/$lastn", **form)) == ["weight1", "pulse5"]
    assert ids(stored.client.post("/Observation/$lastn", json=said)) == ["weight1", "pulse5"]


def test_what_they_refer_to_comes_along(stored: Gateway):
    answer = stored.client.get("/Observation/$lastn?patient=p&category=vital-signs&_include=Observation:subject")
    assert ids(answer) == ["weight1", "pulse5", "p"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("", "invalid"),
        ("category=vital-signs", "invalid"),
        ("patient=p&max=0", "invalid"),
        ("patient=p&max=x", "invalid"),
        ("patient=p&max=1&max=2", "invalid"),
        ("patient=p&ctaegory=x", "invalid"),
        ("patient=p&date=never", "invalid"),
        ("patient=p&_count=1", "not-supported"),
        ("patient=p&_sort=date", "not-supported"),
    ],
)
def test_lastn_says_what_is_wrong(stored: Gateway, asked: str, code: str):
    refused(stored.client.get(f"/Observation/$lastn?{asked}"), 400, code)


def test_lastn_says_what_is_wrong_with_a_body(stored: Gateway):
    url = "/Observation/$lastn"
    refused(
        stored.client.post(url, json=parameters({"name": "patient", "resource": {"resourceType": "Patient"}})),
        400,
        "invalid",
    )
    refused(stored.client.post(url, json={"resourceType": "Patient"}), 400, "invalid")
    assert stored.client.post(url, content=b"{").status_code == 400
    with stored.client_for("adapter") as client:
        refused(client.get(f"{url}?patient=p"), 403, "forbidden")

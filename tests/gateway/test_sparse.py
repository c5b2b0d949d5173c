"""Valid resources that say little, or say it strangely, are no errors of ours."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from profiles.canonical import VISIT_NO, coding, concept
from profiles.primitives import PRIMITIVES
from tests.conftest import Gateway
from tests.gateway.district import Resource, agreement, contract, resident, settle, staff, write

pytestmark = pytest.mark.feature("Robustness", "sparse and strange resources")

ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
PATIENT = {"reference": "Patient/sparse"}
STAY = {"reference": "Encounter/sparse"}
TOLD = {"start": "2026-05-05T08:00:00+08:00", "end": "2026-05-09T08:00:00+08:00"}
EPISODE = contract("sparse", "sparse")
CENTRE, *STAFF, TEAM = staff()


def rich(kind: str, status: str | None = None) -> Resource:
    """A resource of that type that says all that a rule reads, of one stay of one contracted resident."""
    resource = {"resourceType": kind, "id": "sparse", **RICH[kind]}
    return {**resource, "status": status} if status else resource


RICH: dict[str, Resource] = {
    "Organization": CENTRE | {"id": "sparse"},
    "CareTeam": TEAM | {"id": "sparse"},
    "Patient": resident("sparse", 601),
    "EpisodeOfCare": {
        **EPISODE,
        "status": "finished",
        "managingOrganization": {"reference": "Organization/sparse"},
        "team": [{"reference": "CareTeam/sparse"}],
    },
    "Consent": agreement(EPISODE) | {"id": "sparse"},
    "Encounter": {
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "identifier": [
            {"system": VISIT_NO, "value": "sparse", "assigner": {"identifier": {"system": "urn:x", "value": "1"}}}
        ],
        "subject": PATIENT,
        "episodeOfCare": [{"reference": "EpisodeOfCare/sparse"}],
        "statusHistory": [{"status": "planned", "period": TOLD}],
        "period": TOLD,
        "location": [{"location": {"display": "1"}, "status": "active", "period": TOLD}],
        "serviceProvider": {"display": "示例医院"},
    },
    "Communication": {
        "status": "completed",
        "statusReason": concept("notification-reason", "admission-cancelled"),
        "category": [concept("communication-category", "admission-notice")],
        "about": [STAY],
        "subject": PATIENT,
        "medium": [concept("medium", "APP")],
        "recipient": [PATIENT],
        "payload": [{"contentString": "示例"}],
        "sent": "2026-05-06T08:00:00+08:00",
    },
    "Task": {
        "status": "requested",
        "intent": "plan",
        "code": {"coding": [coding("timer", "admission-push")]},
        "businessStatus": concept("timer-status", "on-time"),
        "focus": STAY,
        "for": PATIENT,
        "authoredOn": TOLD["start"],
        "restriction": {"period": TOLD},
    },
    "Flag": {
        "status": "active",
        "category": [concept("flag-category", "key-population")],
        "code": concept("key-population", "maternal"),
        "subject": PATIENT,
        "period": TOLD,
    },
    "Composition": {
        "status": "preliminary",
        "type": concept("document-type", "inpatient-service-record"),
        "encounter": STAY,
        "date": "2026-05-05",
        "author": [{"display": "示例"}],
        "title": "档案",
    },
}


@st.composite
def thinned(draw: st.DrawFn, value: Any) -> Any:
    """The same with parts left out, or said by extension to be unknown."""
    if isinstance(value, list):
        return [draw(thinned(one)) for one in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for name, inner in value.items():
        fate = "keep" if name in {"resourceType", "id"} else draw(st.sampled_from(("keep",) * 9 + ("drop", "unknown")))
        if fate == "keep":
            made[name] = draw(thinned(inner))
        elif fate == "unknown" and isinstance(inner, str):
            made[f"_{name}"] = ABSENT
    return {name: inner for name, inner in made.items() if inner not in ({}, [])}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_sparse_resource_is_taken_or_refused_and_never_our_error(gateway: Gateway, data: st.DataObject) -> None:
    def sent(method: str, path: str, body: Resource | None = None) -> None:
        answer = gateway.client.request(method, path, json=body)
        assert answer.status_code in {200, 201, 204, 404, 409, 410, 422}, answer.text

    for kind in RICH:
        whole = rich(kind)
        sent("PUT", f"/{kind}/sparse", whole)
        sent("PUT", f"/{kind}/sparse", data.draw(thinned(whole)))
    for status in ("in-progress", "finished", "in-progress", "cancelled"):
        sent("PUT", "/Encounter/sparse", data.draw(thinned(rich("Encounter", status))))
        sent("PUT", "/Encounter/sparse", rich("Encounter", status))
        sent("PUT", "/Communication/sparse", data.draw(thinned(rich("Communication"))))
        sent("PUT", "/Communication/sparse", rich("Communication", "in-progress"))
    sent("DELETE", "/Encounter/sparse")


days = st.one_of(
    st.dates(), st.sampled_from([date(1, 1, 1), date(9999, 12, 31), date(2016, 12, 31)]), st.dates(date(1980, 1, 1))
)


@st.composite
def date_times(draw: st.DrawFn) -> str:
    """Every form of a FHIR dateTime."""
    day = draw(days).isoformat()
    if draw(st.booleans()):
        return draw(st.sampled_from([day, day[:7], day[:4]]))
    hour, minute, second = draw(st.integers(0, 23)), draw(st.integers(0, 59)), draw(st.integers(0, 60))
    fraction = draw(st.sampled_from(["", ".5", ".123456", ".123456789", ".0000000000001"]))
    zone = draw(st.sampled_from(["Z", "+08:00", "-12:00", "+14:00"]))
    return f"{day}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(date_times())
def test_what_is_dated_is_found_by_its_date(gateway: Gateway, told: str) -> None:
    assume(PRIMITIVES["dateTime"].accepts(told))
    notice = {"resourceType": "Communication", "status": "completed", "id": "dated", "sent": told}
    assert gateway.client.put("/Communication/dated", json=notice).status_code in {200, 201}
    found = gateway.client.get("/Communication", params={"sent": told, "_id": "dated"}).json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == ["dated"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=date_times(), end=date_times())
def test_a_stay_of_any_time_is_taken(gateway: Gateway, start: str, end: str) -> None:
    assume(all(map(PRIMITIVES["dateTime"].accepts, (start, end))))
    settle(gateway, ("timeless", 602, "1970-01-01"))
    episode = {**contract("contract-timeless", "timeless"), "period": {"start": "0001", "end": "9999-12-31"}}
    write(gateway, episode)
    told = {"subject": {"reference": "Patient/timeless"}, "period": {"start": start, "end": end}}
    stay = {**rich("Encounter"), "id": "timeless", **told}
    del stay["episodeOfCare"]
    for status in ("in-progress", "finished", "in-progress", "cancelled"):
        answer = gateway.client.put("/Encounter/timeless", json={**stay, "status": status})
        refused = [one["details"]["coding"][0]["code"] for one in answer.json().get("issue", ())]
        assert refused == ["per-1"] or answer.status_code in {200, 201}, answer.text
    assert gateway.client.delete("/Encounter/timeless").status_code in {204, 404, 409, 410}

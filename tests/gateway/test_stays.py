"""A stay of a contracted resident, from admission to what is due after discharge, through $process-message."""

from datetime import timedelta

import pytest

from gateway.clock import SITE_ZONE
from profiles.canonical import concept
from tests.conftest import Gateway
from tests.gateway.district import Chart, Hospital, resident, settle, today


def status_of(task: dict[str, object]) -> tuple[object, object]:
    business = task["businessStatus"]
    assert isinstance(business, dict)
    return task["status"], business["coding"][0]["code"]


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.req("JS-2.2.2(1)b")
def test_an_admission_tells_resident_and_team_opens_the_record_and_starts_the_timers(gateway: Gateway) -> None:
    settle(gateway, ("admitted", 101, "1970-05-05"))
    start = today(0) - timedelta(hours=2)
    Hospital(gateway).tell(
        "encounter-admitted",
        "HIS/QJZX/S1",
        resident("x", 101, "1970-05-05"),
        Hospital(gateway).stay("ZY1", start),
        start,
    )
    chart = Chart(gateway, "admitted")
    [encounter] = chart.encounters()
    assert encounter["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-admitted"}]
    recipients = {notice["recipient"][0]["reference"] for notice in chart.notices()}
    assert recipients == {"Patient/admitted", "CareTeam/team"}
    assert {notice["status"] for notice in chart.notices()} == {"preparation"}
    [record] = chart.records()
    assert (record["status"], record["encounter"]["reference"]) == ("preliminary", f"Encounter/{encounter['id']}")
    timers = chart.timers()
    assert set(timers) == {"admission-push", "inpatient-contact"}
    push_due = (start + timedelta(hours=24)).isoformat(timespec="seconds")
    assert timers["admission-push"]["restriction"]["period"]["end"] == push_due
    contact_day = (start + timedelta(days=3)).date().isoformat()
    assert timers["inpatient-contact"]["restriction"]["period"]["end"] == f"{contact_day}T23:59:59+08:00"


@pytest.mark.req("JS-2.2.2(1)a")
def test_everything_a_message_made_is_traced_to_its_bytes(gateway: Gateway) -> None:
    settle(gateway, ("traced", 102, "1970-05-05"))
    start = today(0)
    hospital = Hospital(gateway)
    hospital.tell(
        "encounter-admitted", "HIS/QJZX/T1", resident("x", 102, "1970-05-05"), hospital.stay("ZY2", start), start
    )
    found = gateway.client.get(
        "/Provenance?entity:identifier=https://fdgw.example.org/fhir/NamingSystem/message-id|HIS/QJZX/T1"
    )
    [entry] = found.json()["entry"]
    provenance = entry["resource"]
    types = sorted(target["reference"].partition("/")[0] for target in provenance["target"])
    assert types == ["Communication", "Communication", "Composition", "Encounter", "Task", "Task"]
    source = provenance["entity"][0]["what"]["reference"]
    assert gateway.client.get(f"/{source}").json()["data"] == "TVNIfA=="


@pytest.mark.req("JS-2.2.2(1)a")
def test_the_same_message_again_changes_nothing(gateway: Gateway) -> None:
    settle(gateway, ("twice", 103, "1970-05-05"))
    start, hospital = today(0), Hospital(gateway)
    told = ("encounter-admitted", "HIS/QJZX/D1", resident("x", 103, "1970-05-05"), hospital.stay("ZY3", start), start)
    hospital.tell(*told)
    chart = Chart(gateway, "twice")
    before = (chart.encounters(), chart.notices(), chart.records(), chart.timers())
    issue = hospital.tell(*told)
    assert issue["details"]["coding"][0]["code"] == "FD-MESSAGE-KNOWN"
    assert (chart.encounters(), chart.notices(), chart.records(), chart.timers()) == before


@pytest.mark.req("JS-2.2.2(1)a")
def test_another_message_of_the_same_visit_makes_no_second_stay(gateway: Gateway) -> None:
    settle(gateway, ("again", 104, "1970-05-05"))
    start, hospital = today(0), Hospital(gateway)
    person = resident("x", 104, "1970-05-05")
    hospital.tell("encounter-admitted", "HIS/QJZX/E1", person, hospital.stay("ZY4", start), start)
    hospital.tell("encounter-admitted", "HIS/QJZX/E2", person, hospital.stay("ZY4", start), start)
    chart = Chart(gateway, "again")
    assert len(chart.encounters()) == 1
    assert len(chart.notices()) == 2


@pytest.mark.req("JS-2.2.2(1)a")
def test_a_resident_without_a_contract_gets_an_encounter_only(gateway: Gateway) -> None:
    settle(gateway, ("free", 105, "1970-05-05"), contracted=False)
    start, hospital = today(0), Hospital(gateway)
    hospital.tell(
        "encounter-admitted", "HIS/QJZX/N1", resident("x", 105, "1970-05-05"), hospital.stay("ZY5", start), start
    )
    chart = Chart(gateway, "free")
    assert len(chart.encounters()) == 1
    assert (chart.notices(), chart.records(), chart.timers()) == ([], [], {})
    assert "episodeOfCare" not in chart.encounters()[0]


@pytest.mark.req("JS-2.3.2(1)a")
@pytest.mark.req("JS-2.3.2(2)")
@pytest.mark.parametrize(("serial", "born", "visited"), [(106, "1940-01-01", True), (107, "1990-01-01", False)])
def test_a_discharge_starts_its_timers_and_supersedes_the_contact_in_hospital(
    gateway: Gateway, serial: int, born: str, *, visited: bool
) -> None:
    name = f"left-{serial}"
    settle(gateway, (name, serial, born))
    hospital, person, start = Hospital(gateway), resident("x", serial, born), today(0, days=-2)
    hospital.tell("encounter-admitted", f"HIS/QJZX/L{serial}", person, hospital.stay(f"ZY{serial}", start), start)
    end = today(0) - timedelta(hours=1)
    told = hospital.stay(f"ZY{serial}", start, "finished")
    told["period"]["end"] = end.isoformat(timespec="seconds")
    hospital.tell("encounter-discharged", f"HIS/QJZX/M{serial}", person, told, end)
    chart = Chart(gateway, name)
    [encounter] = chart.encounters()
    assert encounter["status"] == "finished"
    assert encounter["statusHistory"][0]["status"] == "in-progress"
    timers = chart.timers()
    assert ("post-discharge-home-visit" in timers) is visited
    due = (end + timedelta(days=3)).date().isoformat()
    assert timers["post-discharge-contact"]["restriction"]["period"]["end"] == f"{due}T23:59:59+08:00"
    assert status_of(timers["inpatient-contact"]) == ("cancelled", "superseded")


@pytest.mark.req("JS-2.2.2(1)a")
def test_a_cancelled_admission_takes_back_what_it_did(gateway: Gateway) -> None:
    settle(gateway, ("undone", 108, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 108, "1970-05-05"), today(0)
    hospital.tell("encounter-admitted", "HIS/QJZX/C1", person, hospital.stay("ZY8", start), start)
    hospital.tell("admission-cancelled", "HIS/QJZX/C2", person, hospital.stay("ZY8", start), start)
    chart = Chart(gateway, "undone")
    assert chart.encounters()[0]["status"] == "cancelled"
    assert {notice["status"] for notice in chart.notices()} == {"not-done"}
    assert {record["status"] for record in chart.records()} == {"entered-in-error"}
    assert {status_of(task) for task in chart.timers().values()} == {("cancelled", "not-applicable")}


@pytest.mark.req("JS-2.2.2(1)a")
def test_a_cancellation_after_delivery_is_followed_by_a_correction(gateway: Gateway) -> None:
    settle(gateway, ("corrected", 109, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 109, "1970-05-05"), today(0)
    hospital.tell("encounter-admitted", "HIS/QJZX/K1", person, hospital.stay("ZY9", start), start)
    chart = Chart(gateway, "corrected")
    deliver(gateway, chart.notices()[0])
    hospital.tell("admission-cancelled", "HIS/QJZX/K2", person, hospital.stay("ZY9", start), start)
    assert sorted(notice["status"] for notice in chart.notices()) == ["completed", "not-done", "preparation"]


def test_a_transfer_keeps_the_bed_before_with_its_time(gateway: Gateway) -> None:
    settle(gateway, ("moved", 110, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 110, "1970-05-05"), today(0)
    hospital.tell("encounter-admitted", "HIS/QJZX/B1", person, hospital.stay("ZY10", start), start)
    before = {"location": {"display": "301-12"}, "status": "completed"}
    there = hospital.stay("ZY10", start, location=[before, {"location": {"display": "302-01"}, "status": "active"}])
    hospital.tell("encounter-transferred", "HIS/QJZX/B2", person, there, start + timedelta(hours=1))
    beds = Chart(gateway, "moved").encounters()[0]["location"]
    assert [(bed["location"]["display"], bed["status"]) for bed in beds] == [
        ("301-12", "completed"),
        ("302-01", "active"),
    ]
    assert beds[0]["period"]["start"] == start.isoformat(timespec="seconds")
    assert beds[0]["period"]["end"] == beds[1]["period"]["start"]


def test_a_message_of_somebody_unknown_is_kept_and_applied_when_the_person_exists(gateway: Gateway) -> None:
    hospital, person, start = Hospital(gateway), resident("x", 111, "1970-05-05"), today(0)
    told = ("encounter-admitted", "HIS/QJZX/U1", person, hospital.stay("ZY11", start), start)
    assert hospital.tell(*told)["details"]["coding"][0]["code"] == "FD-PERSON-UNKNOWN"
    hospital.tell(*told)
    chart = Chart(gateway, "stranger")
    waiting = chart.search("Task?focus:identifier=https://fdgw.example.org/fhir/NamingSystem/message-id|HIS/QJZX/U1")
    assert [task["status"] for task in waiting] == ["on-hold"]
    settle(gateway, ("stranger", 111, "1970-05-05"))
    assert hospital.tell(*told)["details"]["coding"][0]["code"] == "FD-MESSAGE-APPLIED"
    assert len(chart.encounters()) == 1
    assert gateway.client.get(f"/Task/{waiting[0]['id']}").json()["status"] == "completed"


def test_a_visit_that_belongs_to_somebody_else_is_kept_for_review(gateway: Gateway) -> None:
    settle(gateway, ("owner", 112, "1970-05-05"), ("other", 113, "1970-05-05"))
    hospital, start = Hospital(gateway), today(0)
    first, second = resident("x", 112, "1970-05-05"), resident("x", 113, "1970-05-05")
    hospital.tell("encounter-admitted", "HIS/QJZX/V1", first, hospital.stay("ZY12", start), start)
    issue = hospital.tell("encounter-admitted", "HIS/QJZX/V2", second, hospital.stay("ZY12", start), start)
    assert issue["details"]["coding"][0]["code"] == "FD-PERSON-MISMATCH"
    assert Chart(gateway, "other").encounters() == []


def test_a_hospital_that_writes_plain_rest_fires_the_same_rules(gateway: Gateway) -> None:
    settle(gateway, ("rest", 114, "1970-05-05"))
    stay = Hospital(gateway).stay("ZY13", today(0), subject={"reference": "Patient/rest"})
    assert gateway.client.post("/Encounter", json=stay).status_code == 201
    assert set(Chart(gateway, "rest").timers()) == {"admission-push", "inpatient-contact"}
    second = gateway.client.post("/Encounter", json=stay)
    assert second.status_code == 409


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.req("JS-2.2.2(1)b")
def test_timers_are_met_by_what_is_done_and_breached_when_it_is_not(gateway: Gateway) -> None:
    settle(gateway, ("timed", 115, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 115, "1970-05-05"), today(0)
    hospital.tell("encounter-admitted", "HIS/QJZX/W1", person, hospital.stay("ZY14", start), start)
    chart = Chart(gateway, "timed")
    for notice in chart.notices():
        deliver(gateway, notice)
    assert status_of(chart.timers()["admission-push"]) == ("completed", "on-time")
    gateway.clock.offset = timedelta(days=5)
    wait_for(lambda: status_of(chart.timers()["inpatient-contact"]) == ("requested", "breached"))
    contact(gateway, chart.encounters()[0], "timed")
    assert status_of(chart.timers()["inpatient-contact"]) == ("completed", "late")
    gateway.clock.offset = timedelta()


@pytest.mark.req("JS-2.2.2(1)a")
def test_an_admission_that_is_told_late_starts_its_timer_breached(gateway: Gateway) -> None:
    settle(gateway, ("late", 116, "1970-05-05"))
    hospital, start = Hospital(gateway), today(0) - timedelta(hours=30)
    hospital.tell(
        "encounter-admitted", "HIS/QJZX/X1", resident("x", 116, "1970-05-05"), hospital.stay("ZY15", start), start
    )
    chart = Chart(gateway, "late")
    assert len(chart.notices()) == 2
    assert status_of(chart.timers()["admission-push"]) == ("requested", "breached")


@pytest.mark.parametrize(
    ("damage", "expression"),
    [
        (lambda bundle: bundle.pop("identifier"), "Bundle.identifier"),
        (lambda bundle: bundle["entry"].pop(0), "Bundle.entry[0].resource"),
        (lambda bundle: bundle["entry"].pop(2), "Bundle.entry"),
        (
            lambda bundle: bundle["entry"][0]["resource"]["eventCoding"].update(code="moon-landing"),
            "MessageHeader.event",
        ),
        (lambda bundle: bundle["entry"][2]["resource"].update(ward="x"), "Bundle.entry[2].resource.ward"),
    ],
)
def test_a_message_that_cannot_be_applied_names_the_place(gateway: Gateway, damage: object, expression: str) -> None:
    hospital, start = Hospital(gateway), today(0)
    bundle = hospital.event(
        "encounter-admitted", "HIS/QJZX/Y1", resident("x", 117), hospital.stay("ZY16", start), start
    )
    assert callable(damage)
    damage(bundle)
    answer = gateway.client.post("/$process-message", json=bundle)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == [expression]


def deliver(gateway: Gateway, notice: dict[str, object]) -> None:
    sent = gateway.clock().astimezone(SITE_ZONE).isoformat(timespec="seconds")
    answer = gateway.client.put(f"/Communication/{notice['id']}", json={**notice, "status": "completed", "sent": sent})
    assert answer.status_code == 200, answer.text


def contact(gateway: Gateway, encounter: dict[str, object], patient: str) -> None:
    answer = gateway.client.post(
        "/Communication",
        json={
            "resourceType": "Communication",
            "status": "completed",
            "category": [concept("communication-category", "proactive-contact")],
            "subject": {"reference": f"Patient/{patient}"},
            "about": [{"reference": f"Encounter/{encounter['id']}"}],
            "sent": gateway.clock().isoformat(timespec="seconds"),
        },
    )
    assert answer.status_code == 201, answer.text


def wait_for(condition: object, seconds: float = 10) -> None:
    import time

    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)

"""A stay of a contracted resident, from admission to what is due after discharge, through $process-message."""

from datetime import timedelta

import pytest

from tests.conftest import Gateway
from tests.gateway.district import Chart, Hospital, deliver, resident, settle, status_of, today

pytestmark = pytest.mark.feature("Domain", "stays, notices and timers")


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


def test_a_hospital_that_writes_plain_rest_fires_the_same_rules(gateway: Gateway) -> None:
    settle(gateway, ("rest", 114, "1970-05-05"))
    stay = Hospital(gateway).stay("ZY13", today(0), subject={"reference": "Patient/rest"})
    assert gateway.client.post("/Encounter", json=stay).status_code == 201
    assert set(Chart(gateway, "rest").timers()) == {"admission-push", "inpatient-contact"}
    second = gateway.client.post("/Encounter", json=stay)
    assert second.status_code == 409

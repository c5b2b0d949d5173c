"""Timers: met by what is done, breached when it is not, closed by what undid them, and never gone."""

from datetime import timedelta

import pytest

from tests.conftest import Gateway
from tests.gateway.district import (
    Chart,
    Hospital,
    Visit,
    contact,
    deliver,
    resident,
    settle,
    status_of,
    today,
    wait_for,
    write,
)

pytestmark = pytest.mark.feature("Domain", "stays, notices and timers")


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


@pytest.mark.req("JS-2.2.2(1)b")
def test_a_breach_stays_a_breach_when_the_admission_is_taken_back(gateway: Gateway) -> None:
    settle(gateway, ("breached", 301, "1970-05-05"))
    visit = Visit(gateway, "breached", 301, today(0) - timedelta(hours=30))
    visit.admitted()
    visit.cancelled(today(0))
    chart = Chart(gateway, "breached")
    assert chart.states() == [
        ("admission-push", "cancelled", "breached"),
        ("inpatient-contact", "cancelled", "not-applicable"),
    ]
    reasons = {task["statusReason"]["coding"][0]["code"] for task in chart.tasks()}
    assert reasons == {"not-applicable"}


@pytest.mark.req("JS-2.2.2(1)b")
@pytest.mark.parametrize(("days", "serial"), [(-1, 302), (-9, 303)])
def test_a_discharge_supersedes_the_contact_in_hospital_unless_that_was_breached(
    gateway: Gateway, days: int, serial: int
) -> None:
    name = f"superseded{serial}"
    settle(gateway, (name, serial, "1970-05-05"))
    visit = Visit(gateway, name, serial, today(0, days=days))
    visit.admitted()
    visit.discharged(today(0))
    [found] = [
        task for task in Chart(gateway, name).tasks() if task["code"]["coding"][0]["code"] == "inpatient-contact"
    ]
    assert status_of(found) == (("cancelled", "superseded") if days == -1 else ("requested", "breached"))


@pytest.mark.req("JS-2.3.2(1)a")
def test_a_discharge_taken_back_closes_its_timers_and_the_next_one_makes_one_new_set(gateway: Gateway) -> None:
    settle(gateway, ("reopened", 304, "1940-05-05"))
    visit = Visit(gateway, "reopened", 304, today(0, days=-1), "1940-05-05")
    visit.admitted()
    visit.discharged(today(0) - timedelta(hours=2))
    chart = Chart(gateway, "reopened")
    [encounter] = chart.encounters()
    period = {"start": encounter["period"]["start"]}
    stay = {**encounter, "status": "in-progress", "period": period}
    assert gateway.client.put(f"/Encounter/{encounter['id']}", json=stay).status_code == 200
    undone = [
        ("post-discharge-contact", "cancelled", "not-applicable"),
        ("post-discharge-home-visit", "cancelled", "not-applicable"),
    ]
    assert [state for state in chart.states() if state[0].startswith("post")] == undone
    visit.discharged(today(0) - timedelta(hours=1))
    new = [(code, "requested", "on-time") for code, _, _ in undone]
    assert [state for state in chart.states() if state[0].startswith("post")] == sorted(undone + new)
    assert chart.encounters()[0]["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-reopened"}]


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.req("JS-2.3.2(1)a")
def test_several_discharges_in_one_transaction_each_close_their_own(gateway: Gateway) -> None:
    names = [("several1", 305), ("several2", 306)]
    settle(gateway, *((name, serial, "1970-05-05") for name, serial in names))
    encounters = []
    for name, serial in names:
        Visit(gateway, name, serial, today(0)).admitted()
        [encounter] = Chart(gateway, name).encounters()
        ended = {**encounter["period"], "end": today(0).isoformat(timespec="seconds")}
        encounters.append({**encounter, "status": "finished", "period": ended})
    write(gateway, *encounters)
    for name, _ in names:
        assert Chart(gateway, name).states() == [
            ("admission-push", "requested", "on-time"),
            ("inpatient-contact", "cancelled", "superseded"),
            ("post-discharge-contact", "requested", "on-time"),
        ]

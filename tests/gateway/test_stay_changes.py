"""What becomes of a stay after it began: taken back, admitted again, reclassified, corrected, told out of order."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.conftest import Gateway
from tests.gateway.district import Chart, Resource, Visit, contract, deliver, resident, settle, today, write

pytestmark = pytest.mark.feature("Domain", "stays, notices and timers")

TAKEN_BACK = [
    ("admission-push", "cancelled", "not-applicable"),
    ("inpatient-contact", "cancelled", "not-applicable"),
]
STARTED = [("admission-push", "requested", "on-time"), ("inpatient-contact", "requested", "on-time")]
AFTER_DISCHARGE = ("post-discharge-contact", "requested", "on-time")
HOUR = timedelta(hours=1)
BY_NAME = {"display": "示例"}


def shown(chart: Chart) -> tuple[list[str], list[str], list[tuple[str, str, str]]]:
    """Status of notices and records, and the timers."""
    notices = sorted(notice["status"] for notice in chart.notices())
    return notices, sorted(record["status"] for record in chart.records()), chart.states()


def of_rest(gateway: Gateway, name: str, status: str = "in-progress", **more: object) -> Resource:
    """A stay as a hospital writes it that speaks REST."""
    visit = Visit(gateway, f"rest-{name}", 1, today(0))
    stay = {**visit.stay(status, **more), "id": f"stay-{name}", "subject": {"reference": f"Patient/{name}"}}
    return ended(stay) if status == "finished" else stay


def ended(stay: Resource) -> Resource:
    end = (today(0) + HOUR).isoformat(timespec="seconds")
    return {**stay, "status": "finished", "period": {**stay["period"], "end": end}}


@pytest.mark.req("JS-2.2.2(1)a")
def test_a_discharge_does_not_revive_a_cancelled_admission(gateway: Gateway) -> None:
    settle(gateway, ("dead", 401, "1970-05-05"))
    visit, chart = Visit(gateway, "dead", 401, today(0)), Chart(gateway, "dead")
    visit.admitted()
    visit.cancelled(today(0) + HOUR)
    assert visit.discharged(today(0) + 2 * HOUR) == "FD-MESSAGE-APPLIED"
    assert [encounter["status"] for encounter in chart.encounters()] == ["cancelled"]
    assert shown(chart) == (["not-done"] * 2, ["entered-in-error"], TAKEN_BACK)


@pytest.mark.req("JS-2.2.2(1)a")
def test_an_admission_after_its_cancellation_has_all_its_consequences_again(gateway: Gateway) -> None:
    settle(gateway, ("again", 402, "1970-05-05"))
    visit, chart = Visit(gateway, "again", 402, today(0)), Chart(gateway, "again")
    visit.admitted()
    visit.cancelled(today(0) + HOUR)
    assert visit.admitted(today(0)) == "FD-MESSAGE-APPLIED"
    assert shown(chart) == (["not-done"] * 2, ["entered-in-error"], TAKEN_BACK)
    visit.admitted(today(0) + 2 * HOUR)
    [encounter] = chart.encounters()
    assert encounter["status"] == "in-progress"
    assert [past["status"] for past in encounter["statusHistory"]] == ["in-progress", "cancelled"]
    assert shown(chart) == (
        ["not-done"] * 2 + ["preparation"] * 2,
        ["entered-in-error", "preliminary"],
        sorted(TAKEN_BACK + STARTED),
    )
    visit.cancelled(today(0) + HOUR)
    assert chart.encounters()[0]["status"] == "in-progress"
    for notice in chart.notices():
        if notice["status"] == "preparation":
            deliver(gateway, notice)
    assert ("admission-push", "completed", "on-time") in chart.states()
    visit.cancelled(today(0) + 3 * HOUR)
    assert sorted(notice["status"] for notice in chart.notices()) == [
        *["completed"] * 2,
        *["not-done"] * 2,
        *["preparation"] * 2,
    ]


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.parametrize("way", ["entered-in-error", "reclassified", "cancelled"])
def test_whatever_makes_a_stay_no_stay_takes_everything_back(gateway: Gateway, way: str) -> None:
    settle(gateway, (way, 403 + len(way), "1970-05-05"))
    stay, chart = of_rest(gateway, way), Chart(gateway, way)
    write(gateway, stay)
    assert shown(chart) == (["preparation"] * 2, ["preliminary"], STARTED)
    url, outpatient = f"/Encounter/{stay['id']}", {**stay["class"], "code": "AMB"}
    match way:
        case "reclassified":
            assert gateway.client.put(url, json={**stay, "class": outpatient}).status_code == 200
        case _:
            assert gateway.client.put(url, json={**stay, "status": way}).status_code == 200
    assert shown(chart) == (["not-done"] * 2, ["entered-in-error"], TAKEN_BACK)


def test_a_stay_that_something_followed_from_is_cancelled_and_not_deleted(gateway: Gateway) -> None:
    settle(gateway, ("deleted", 409, "1970-05-05"))
    stay = of_rest(gateway, "deleted")
    write(gateway, stay)
    refused = gateway.client.delete(f"/Encounter/{stay['id']}")
    assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (409, "FD-REFERRED")
    assert shown(Chart(gateway, "deleted")) == (["preparation"] * 2, ["preliminary"], STARTED)


@pytest.mark.req("JS-2.2.2(1)a")
def test_an_outpatient_who_becomes_an_inpatient_is_admitted(gateway: Gateway) -> None:
    settle(gateway, ("emergency", 420, "1970-05-05"))
    stay, chart = of_rest(gateway, "emergency"), Chart(gateway, "emergency")
    write(gateway, {**stay, "class": {**stay["class"], "code": "AMB"}})
    assert shown(chart) == ([], [], [])
    write(gateway, stay)
    assert shown(chart) == (["preparation"] * 2, ["preliminary"], STARTED)


@pytest.mark.req("JS-2.2.2(1)a")
def test_a_stay_that_was_of_somebody_else_passes_with_all_that_follows(gateway: Gateway) -> None:
    settle(gateway, ("wrong", 421, "1970-05-05"), ("right", 422, "1970-05-05"))
    stay = of_rest(gateway, "wrong")
    write(gateway, stay)
    [stored] = Chart(gateway, "wrong").encounters()
    write(gateway, {**stored, "subject": {"reference": "Patient/right"}})
    assert shown(Chart(gateway, "wrong")) == (["not-done"] * 2, ["entered-in-error"], TAKEN_BACK)
    assert shown(Chart(gateway, "right")) == (["preparation"] * 2, ["preliminary"], STARTED)
    [passed] = Chart(gateway, "right").encounters()
    assert passed["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-right"}]


def test_a_version_in_the_reference_to_the_resident_changes_nothing(gateway: Gateway) -> None:
    settle(gateway, ("versioned", 423, "1970-05-05"))
    stay = of_rest(gateway, "versioned", subject={"reference": "Patient/versioned/_history/1"})
    write(gateway, {**stay, "subject": {"reference": "Patient/versioned/_history/1"}})
    assert shown(Chart(gateway, "versioned")) == (["preparation"] * 2, ["preliminary"], STARTED)


def test_a_writer_that_does_not_know_the_link_keeps_it(gateway: Gateway) -> None:
    settle(gateway, ("linked", 424, "1970-05-05"))
    stay, chart = of_rest(gateway, "linked"), Chart(gateway, "linked")
    write(gateway, stay)
    write(gateway, {**stay, "priority": {"text": "普通"}})
    write(gateway, ended(stay))
    [encounter] = chart.encounters()
    assert encounter["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-linked"}]
    assert AFTER_DISCHARGE in chart.states()


def test_other_episodes_of_a_stay_stay(gateway: Gateway) -> None:
    settle(gateway, ("bedded", 425, "1970-05-05"))
    home_bed = {"reference": "EpisodeOfCare/home-bed"}
    write(gateway, {**contract("home-bed", "bedded", "planned"), "type": [{"text": "家庭病床"}]})
    write(gateway, of_rest(gateway, "bedded", episodeOfCare=[home_bed]))
    [encounter] = Chart(gateway, "bedded").encounters()
    assert encounter["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-bedded"}, home_bed]


@pytest.mark.req("JS-2.3.2(1)a")
def test_a_contract_that_ends_during_the_stay_is_followed_at_discharge(gateway: Gateway) -> None:
    settle(gateway, ("expired", 426, "1970-05-05"))
    visit = Visit(gateway, "expired", 426, today(0, days=-2))
    visit.admitted()
    episode = contract("contract-expired", "expired", "finished")
    write(gateway, {**episode, "period": {**episode["period"], "end": today(0, days=-1).isoformat(timespec="seconds")}})
    visit.discharged(today(0))
    chart = Chart(gateway, "expired")
    assert chart.encounters()[0]["episodeOfCare"] == [{"reference": "EpisodeOfCare/contract-expired"}]
    assert AFTER_DISCHARGE in chart.states()


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.parametrize(
    ("name", "ended", "counts"),
    [
        ("in-term", {"end": (today(0) - 2 * HOUR).isoformat()}, True),
        ("term-over", {"end": (today(0, days=-9)).isoformat()}, False),
    ],
)
def test_an_admission_told_late_counts_under_the_contract_of_then(
    gateway: Gateway, name: str, ended: Resource, *, counts: bool
) -> None:
    settle(gateway, (name, 430 + len(name), "1970-05-05"))
    write(gateway, {**contract(f"contract-{name}", name, "finished"), "period": {"start": "2026-01-01", **ended}})
    Visit(gateway, name, 430 + len(name), today(0) - 5 * HOUR).admitted()
    chart = Chart(gateway, name)
    assert len(chart.encounters()) == 1
    assert len(chart.notices()) == (2 if counts else 0)


def test_a_contract_that_was_ended_early_covers_nothing_since(gateway: Gateway) -> None:
    settle(gateway, ("early", 450, "1970-05-05"))
    write(gateway, contract("contract-early", "early", "finished"))
    gateway.clock.offset = HOUR
    Visit(gateway, "early", 450, gateway.clock()).admitted()
    gateway.clock.offset = 0 * HOUR
    assert Chart(gateway, "early").notices() == []


@pytest.mark.req("JS-2.2.2(1)a")
def test_two_stays_of_one_resident_in_one_transaction_are_two(gateway: Gateway) -> None:
    settle(gateway, ("double", 451, "1970-05-05"))
    now = {**of_rest(gateway, "double"), "id": "double-now"}
    before = {**of_rest(gateway, "double", "finished"), "id": "double-before"}
    before["identifier"] = [{**before["identifier"][0], "value": "before"}]
    before["period"] = {"start": "2019-05-01T08:00:00+08:00", "end": "2019-05-03T08:00:00+08:00"}
    write(gateway, now, before)
    chart = Chart(gateway, "double")
    links = {encounter["id"]: "episodeOfCare" in encounter for encounter in chart.encounters()}
    assert links == {"double-now": True, "double-before": False}
    assert shown(chart) == (["preparation"] * 2, ["preliminary"], STARTED)


@pytest.mark.req("JS-2.2.2(1)a")
def test_an_admission_told_after_the_discharge_has_the_record_alone(gateway: Gateway) -> None:
    settle(gateway, ("reversed", 452, "1970-05-05"))
    visit, chart = Visit(gateway, "reversed", 452, today(0) - 5 * HOUR), Chart(gateway, "reversed")
    visit.discharged(today(0) - HOUR)
    visit.admitted()
    [encounter] = chart.encounters()
    assert encounter["status"] == "finished"
    assert shown(chart) == ([], ["preliminary"], [AFTER_DISCHARGE])


BROKEN: dict[str, Callable[[Resource], Resource]] = {
    "no-team": lambda episode: {**episode, "team": [BY_NAME]},
    "no-centre": lambda episode: {**episode, "managingOrganization": BY_NAME},
    "nobody": lambda episode: {**episode, "managingOrganization": BY_NAME, "team": [BY_NAME]},
    "eternal": lambda episode: {**episode, "period": {"start": "0001", "end": "9999-12-31"}},
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_contract_that_lacks_what_it_needs_does_not_stop_an_admission(gateway: Gateway, broken: str) -> None:
    serial = 460 + list(BROKEN).index(broken)
    settle(gateway, (broken, serial, "1970-05-05"))
    write(gateway, BROKEN[broken](contract(f"contract-{broken}", broken, "finished")))
    visit, chart = Visit(gateway, broken, serial, today(0) - HOUR), Chart(gateway, broken)
    assert visit.admitted() == "FD-MESSAGE-APPLIED"
    assert len(chart.records()) == 1
    assert [code for code, _, _ in chart.states()] == ["admission-push", "inpatient-contact"]
    recipients = {notice["recipient"][0]["reference"] for notice in chart.notices()} - {f"Patient/{broken}"}
    centre, team = {"Organization/centre"}, {"CareTeam/team"}
    told = {"no-team": centre, "no-centre": team, "nobody": set[str](), "eternal": team}
    assert recipients == told[broken]
    assert visit.discharged(today(0)) == "FD-MESSAGE-APPLIED"


def test_a_team_that_looks_after_somebody_cannot_be_deleted(gateway: Gateway) -> None:
    settle(gateway, ("teamless", 470, "1970-05-05"))
    short = {"resourceType": "CareTeam", "id": "short-lived", "status": "active"}
    write(
        gateway, short, {**contract("contract-teamless", "teamless"), "team": [{"reference": "CareTeam/short-lived"}]}
    )
    refused = gateway.client.delete("/CareTeam/short-lived")
    assert refused.status_code == 409
    assert "EpisodeOfCare/contract-teamless" in refused.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("policy", ["atlantis|2025.1", "jinshan|1066"])
def test_an_unknown_policy_sets_no_timers_and_one_task_to_look_into_it(gateway: Gateway, policy: str) -> None:
    name = policy.replace("|", "-")
    settle(gateway, (name, 480 + len(policy), "1970-05-05"))
    write(gateway, contract(f"contract-{name}", name, "finished", policy))
    visit, chart = Visit(gateway, name, 480 + len(policy), today(0) - HOUR), Chart(gateway, name)
    visit.admitted()
    visit.discharged(today(0))
    assert (len(chart.notices()), chart.tasks()) == (2, [])
    [task] = chart.search(f"Task?patient=Patient/{name}")
    assert (task["status"], task["code"]["coding"][0]["code"]) == ("on-hold", "policy-unknown")
    assert task["focus"] == {"reference": f"EpisodeOfCare/contract-{name}"}


def test_an_unregistered_second_resident_is_nobodys_stay(gateway: Gateway) -> None:
    """A stay whose patient is only named by an identifier has no consequences, and stands in nobody's way."""
    settle(gateway)
    for number in (1, 2):
        stay = {**of_rest(gateway, f"nobody{number}"), "subject": {"identifier": resident("x", 1)["identifier"][0]}}
        write(gateway, stay)

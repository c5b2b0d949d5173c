"""One active contract per resident, complete, whoever is first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from profiles.canonical import BASE, structure
from tests.conftest import Gateway
from tests.gateway.district import Resource, agreement, contract, put, resident, settle, staff, write

pytestmark = pytest.mark.feature("Domain", "contracts and agreements")


@pytest.mark.req("NA-2.3a")
@pytest.mark.req("QJ-2.3.1e")
def test_of_concurrent_activations_exactly_one_wins(gateway: Gateway) -> None:
    for round_number in range(5):
        name = f"wanted-{round_number}"
        settle(gateway, (name, 200 + round_number, "1970-01-01"), contracted=False)

        def sign(number: int, name: str = name) -> int:
            episode = contract(f"{name}-{number}", name)
            with gateway.client_for("developer") as client:
                return client.post("", json=put(episode, agreement(episode))).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = sorted(pool.map(sign, range(8)))
        assert answers == [200] + [409] * 7
        active = gateway.client.get(f"/EpisodeOfCare?patient=Patient/{name}&status=active&_total=accurate").json()
        assert active["total"] == 1


@pytest.mark.req("NA-2.3a")
def test_a_second_contract_is_refused_and_names_the_first(gateway: Gateway) -> None:
    settle(gateway, ("taken", 210, "1970-01-01"))
    episode = contract("second", "taken")
    answer = gateway.client.post("", json=put(episode, agreement(episode)))
    assert answer.status_code == 409
    issue = answer.json()["issue"][0]
    assert issue["code"] == "duplicate"
    assert issue["details"]["coding"][0]["code"] == "FD-CONTRACT-DUP"
    assert "EpisodeOfCare/contract-taken" in issue["diagnostics"]
    assert gateway.client.get("/EpisodeOfCare/second").status_code == 404


@pytest.mark.req("NA-2.3a")
def test_a_contract_that_ends_makes_room_in_the_same_transaction(gateway: Gateway) -> None:
    settle(gateway, ("moving", 211, "1970-01-01"))
    old = {**contract("contract-moving", "moving"), "status": "finished"}
    new = contract("moving-new", "moving")
    assert gateway.client.post("", json=put(old, new, agreement(new))).status_code == 200
    active = gateway.client.get("/EpisodeOfCare?patient=Patient/moving&status=active").json()
    assert [entry["resource"]["id"] for entry in active["entry"]] == ["moving-new"]


def test_a_resident_id_number_belongs_to_one_active_patient(gateway: Gateway) -> None:
    assert gateway.client.put("/Patient/one", json=resident("one", 213)).status_code == 201
    assert gateway.client.put("/Patient/two", json=resident("two", 213)).status_code == 409
    inactive = {**resident("two", 213), "active": False}
    assert gateway.client.put("/Patient/two", json=inactive).status_code == 201


def without(resource: Resource, name: str) -> Resource:
    return {key: value for key, value in resource.items() if key != name}


def governed(episode: Resource, **value: str) -> Resource:
    [channel, _] = episode["extension"]
    return {**episode, "extension": [channel, {"url": structure("governing-policy"), **value}]}


PACK = f"{BASE}/PlanDefinition/policy-pack-jinshan"
LACKING: dict[str, tuple[Callable[[Resource], Resource], set[str]]] = {
    "no period": (lambda one: without(one, "period"), {"period"}),
    "no end": (lambda one: {**one, "period": {"start": "2026-01-01"}}, {"period.end"}),
    "no team": (lambda one: without(one, "team"), {"team"}),
    "no institution": (lambda one: without(one, "managingOrganization"), {"managingOrganization"}),
    "no doctor": (lambda one: without(one, "careManager"), {"careManager"}),
    "no number": (lambda one: without(one, "identifier"), {"identifier"}),
    "no policy": (lambda one: without(one, "extension"), {"extension"}),
}
"""What the profile of a contract finds, whatever its status."""
UNFIT: dict[str, tuple[Callable[[Resource], Resource], str]] = {
    "a team by name": (lambda one: {**one, "team": [{"display": "第一团队"}]}, "team"),
    "unknown policy": (lambda one: governed(one, valueCanonical=f"{PACK}|1066"), "extension"),
    "a version of the resident": (lambda one: {**one, "patient": {"reference": "Patient/half/_history/1"}}, "patient"),
    "another server": (lambda one: {**one, "patient": {"reference": "https://elsewhere/fhir/Patient/half"}}, "patient"),
    "an identifier": (
        lambda one: {**one, "patient": {"identifier": {"system": "urn:x", "value": "half"}}},
        "patient",
    ),
}
"""What keeps a contract from coming into force, and is none of a planned one."""


@pytest.mark.req("NA-2.3a")
@pytest.mark.parametrize("lacking", LACKING)
@pytest.mark.parametrize("status", ["planned", "active"])
def test_an_incomplete_contract_is_refused(gateway: Gateway, lacking: str, status: str) -> None:
    write(gateway, *staff(), resident("half", 220))
    broken, elements = LACKING[lacking]
    episode = broken(contract("half-1", "half", status))
    answer = gateway.client.post("", json=put(episode, agreement(contract("half-1", "half"))))
    assert answer.status_code == 422
    assert {issue["expression"][0] for issue in answer.json()["issue"]} == {f"EpisodeOfCare.{one}" for one in elements}


@pytest.mark.parametrize("unfit", UNFIT)
@pytest.mark.parametrize("status", ["active", "onhold"])
def test_an_unfit_contract_does_not_come_into_force(gateway: Gateway, unfit: str, status: str) -> None:
    write(gateway, *staff(), resident("half", 220))
    broken, element = UNFIT[unfit]
    episode = broken(contract("half-2", "half", status))
    answer = gateway.client.post("", json=put(episode, agreement(episode)))
    assert answer.status_code == 422
    [issue] = answer.json()["issue"]
    assert issue["expression"] == [f"EpisodeOfCare.{element}"]
    assert (issue["code"], issue["details"]["coding"][0]["code"]) == ("business-rule", "FD-CONTRACT-INCOMPLETE")
    planned = {**episode, "status": "planned"}
    assert gateway.client.put("/EpisodeOfCare/half-2", json=planned).status_code in {200, 201}


def test_a_contract_in_force_stays_complete(gateway: Gateway) -> None:
    settle(gateway, ("whole", 221, "1970-01-01"))
    episode = contract("contract-whole", "whole")
    assert gateway.client.put("/EpisodeOfCare/contract-whole", json=without(episode, "team")).status_code == 422
    assert gateway.client.put("/EpisodeOfCare/contract-whole", json=episode).status_code == 200


def test_the_team_may_come_with_the_contract(gateway: Gateway) -> None:
    write(gateway, *staff(), resident("fresh", 222))
    episode = {**contract("fresh-1", "fresh"), "team": [{"reference": "CareTeam/fresh"}]}
    team = {"resourceType": "CareTeam", "id": "fresh", "status": "active"}
    write(gateway, episode, agreement(episode), team)


@pytest.mark.req("NA-2.3a")
def test_a_contract_that_passes_to_another_resident_is_a_new_one_for_them(gateway: Gateway) -> None:
    settle(gateway, ("giver", 223, "1970-01-01"), ("taker", 224, "1970-01-01"))
    passed = {**contract("contract-giver", "giver"), "patient": {"reference": "Patient/taker"}}
    answer = gateway.client.put("/EpisodeOfCare/contract-giver", json=passed)
    assert answer.status_code == 409
    assert "EpisodeOfCare/contract-taker" in answer.json()["issue"][0]["diagnostics"]

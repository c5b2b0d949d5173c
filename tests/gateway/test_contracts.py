"""One active contract per resident, on an agreement in force, whoever is first."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Gateway
from tests.gateway.district import agreement, contract, put, resident, settle, staff


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


def test_no_contract_becomes_active_without_an_agreement_in_force(gateway: Gateway) -> None:
    gateway.client.post("", json=put(*staff(), resident("unsigned", 212)))
    episode = contract("unsigned-1", "unsigned")
    answer = gateway.client.put("/EpisodeOfCare/unsigned-1", json=episode)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "FD-CONSENT"
    planned = gateway.client.put("/EpisodeOfCare/unsigned-1", json={**episode, "status": "planned"})
    assert planned.status_code == 201
    withdrawn = {**agreement(episode), "status": "inactive"}
    assert gateway.client.post("", json=put(episode, withdrawn)).status_code == 422
    assert gateway.client.post("", json=put(episode, agreement(episode))).status_code == 200


def test_a_resident_id_number_belongs_to_one_active_patient(gateway: Gateway) -> None:
    assert gateway.client.put("/Patient/one", json=resident("one", 213)).status_code == 201
    assert gateway.client.put("/Patient/two", json=resident("two", 213)).status_code == 409
    inactive = {**resident("two", 213), "active": False}
    assert gateway.client.put("/Patient/two", json=inactive).status_code == 201

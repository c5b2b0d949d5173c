"""A contract stands on an agreement: a Consent that is in force and is not withdrawn from under it."""

from collections.abc import Callable

import pytest

from profiles.canonical import concept
from tests.conftest import Gateway
from tests.gateway.district import Resource, agreement, contract, put, resident, settle, staff, write

pytestmark = pytest.mark.feature("Domain", "contracts and agreements")


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


def provided(consent: Resource, **provision: object) -> Resource:
    return {**consent, "provision": {**consent["provision"], **provision}}


NO_AGREEMENT: dict[str, Callable[[Resource], Resource]] = {
    "of somebody else": lambda one: {**one, "patient": {"reference": "Patient/other"}},
    "denied": lambda one: provided(one, type="deny"),
    "proposed": lambda one: {**one, "status": "proposed"},
    "of the year before": lambda one: provided(one, period={"start": "2025-01-01", "end": "2025-12-31"}),
    "to a referral": lambda one: {**one, "category": [concept("consent-category", "referral-informed-consent")]},
    "to another contract": lambda one: provided(one, data=[{"meaning": "instance", "reference": {"display": "?"}}]),
}
AGREEMENT: dict[str, Callable[[Resource], Resource]] = {
    "permitted": lambda one: provided(one, type="permit"),
    "from the hour of signing": lambda one: provided(one, period={"start": "2026-01-01T09:05:00+08:00", "end": "2027"}),
    "deemed": lambda one: {**one, "category": [concept("consent-category", "deemed")]},
}


@pytest.mark.parametrize("kind", [*NO_AGREEMENT, *AGREEMENT])
def test_an_agreement_is_of_the_resident_permits_and_covers_the_start(gateway: Gateway, kind: str) -> None:
    name = kind.replace(" ", "-")
    write(gateway, *staff(), resident(name, 500 + [*NO_AGREEMENT, *AGREEMENT].index(kind)), resident("other", 599))
    episode = contract(f"of-{name}", name)
    consent = (NO_AGREEMENT | AGREEMENT)[kind](agreement(episode))
    answer = gateway.client.post("", json=put(episode, consent))
    assert answer.status_code == (422 if kind in NO_AGREEMENT else 200), answer.text


def test_an_agreement_that_the_transaction_withdraws_is_none(gateway: Gateway) -> None:
    write(gateway, *staff(), resident("fickle", 520))
    episode = contract("fickle-1", "fickle", "planned")
    write(gateway, episode, agreement(episode))
    active = {**episode, "status": "active"}
    refused = gateway.client.post("", json=put(active, {**agreement(episode), "status": "inactive"}))
    assert refused.status_code == 422
    write(gateway, active)


WITHDRAWN: dict[str, Callable[[Resource], Resource]] = {
    "inactive": lambda one: {**one, "status": "inactive"},
    "to another": lambda one: provided(one, data=[{"meaning": "instance", "reference": {"display": "?"}}]),
}


@pytest.mark.parametrize("way", [*WITHDRAWN, "deleted"])
def test_the_only_agreement_of_a_contract_is_not_withdrawn_from_under_it(gateway: Gateway, way: str) -> None:
    name = way.replace(" ", "-")
    settle(gateway, (name, 530 + [*WITHDRAWN, "deleted"].index(way), "1970-01-01"))
    episode = contract(f"contract-{name}", name)
    url, consent = f"/Consent/agreement-contract-{name}", agreement(episode)
    client = gateway.client
    answer = client.delete(url) if way == "deleted" else client.put(url, json=WITHDRAWN[way](consent))
    assert answer.status_code == 409
    assert f"EpisodeOfCare/contract-{name}" in answer.json()["issue"][0]["diagnostics"]
    ended = {**episode, "status": "finished"}
    if way == "deleted":
        write(gateway, ended)
        assert client.delete(url).status_code == 204
    else:
        write(gateway, ended, WITHDRAWN[way](consent))


def test_an_agreement_may_be_replaced(gateway: Gateway) -> None:
    settle(gateway, ("renewed", 540, "1970-01-01"))
    consent = agreement(contract("contract-renewed", "renewed"))
    write(gateway, {**consent, "status": "inactive"}, {**consent, "id": "renewed"})

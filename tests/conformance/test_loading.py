"""Loading, against a real gateway: everything is there, and loading again changes nothing."""

import asyncio
from datetime import date, timedelta

from conformance import loading
from conformance.story import server
from conformance.synthetic.population import Population
from profiles import package
from profiles.http import client
from profiles.policy import ZONE
from tests.conftest import Gateway


def load(gateway: Gateway, today: date) -> tuple[Population, list[str]]:
    told: list[str] = []

    async def both() -> Population:
        async with client(gateway.base, gateway.tokens["developer"]) as http:
            await loading.definitions(http, told.append)
            return await loading.reference_data(http, today, told.append)

    return asyncio.run(both()), told


def total(gateway: Gateway, query: str) -> int:
    found = gateway.client.get(f"{query}&_count=0&_total=accurate").json()
    return int(found["total"])


def versions(gateway: Gateway) -> set[str]:
    paths = ("CodeSystem/timer", "Organization/qj-01", "Patient/resident-000", "EpisodeOfCare/contract-000")
    return {gateway.client.get(path).headers["ETag"] for path in paths}


def test_loading_twice_is_loading_once(gateway: Gateway) -> None:
    today = gateway.clock().astimezone(ZONE).date()
    people, told = load(gateway, today)
    assert total(gateway, "Patient?") == 200
    assert total(gateway, "EpisodeOfCare?status=active") == 150
    assert total(gateway, "EpisodeOfCare?status=finished") == 25
    wanted = sum(len(package.resources(kind)) for kind in package.KINDS)
    assert told[0] == f"定义 definitions: {wanted}, 更新 to load {wanted}"

    again, told = load(gateway, today + timedelta(days=40))
    assert again == people
    assert told[0].endswith("更新 to load 0")
    assert "已于" in told[1]
    assert versions(gateway) == {'W/"1"'}


def test_a_resident_is_found_by_identifier_with_the_contract(gateway: Gateway) -> None:
    people, _ = load(gateway, gateway.clock().astimezone(ZONE).date())
    contract = people.contracts[0]

    async def ask() -> list[str]:
        async with client(gateway.base, gateway.tokens["developer"]) as http:
            [patient] = await server.search(http, "Patient", {"identifier": contract.resident.identifier})
            found = await server.search(http, "EpisodeOfCare", {"patient": patient["id"], "status": "active"})
            return [one["id"] for one in found]

    assert asyncio.run(ask()) == [contract.id]

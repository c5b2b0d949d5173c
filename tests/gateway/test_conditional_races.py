"""Sixteen clients that write by criteria at the same moment: exactly one resource, whichever way they ask.

https://hl7.org/fhir/R4/http.html#ccreate and https://hl7.org/fhir/R4/http.html#cond-update
"""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.crowd import CLIENTS, Act, Crowd, gathered, statuses, versions

pytestmark = pytest.mark.feature("Interactions", "conditional create, atomic under concurrency")

SYSTEM = "urn:example:file"
ROUNDS = 6


@pytest.fixture(scope="module")
def crowd(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(gateway, tmp_path_factory.mktemp("second")) as found:
        yield found


def file(number: str, **more: object) -> Resource:
    return {"resourceType": "Organization", "identifier": [{"system": SYSTEM, "value": number}], "name": "示例", **more}


def create(number: str) -> Act:
    """Creates a file unless one of that number exists."""
    criteria = {"If-None-Exist": f"identifier={SYSTEM}|{number}"}
    return lambda client, own: client.post("/Organization", json=file(number, alias=[str(own)]), headers=criteria)


def having(gateway: Gateway, number: str) -> list[Resource]:
    answer = gateway.client.get("/Organization", params={"identifier": f"{SYSTEM}|{number}", "_count": "100"})
    return [entry["resource"] for entry in answer.json().get("entry", [])]


@pytest.mark.parametrize("number", [f"c{number}" for number in range(ROUNDS)])
def test_of_conditional_creates_one_creates_and_the_others_get_what_it_made(
    gateway: Gateway, crowd: Crowd, number: str
) -> None:
    answers = crowd(create(number))
    assert statuses(answers) == {201: 1, 200: CLIENTS - 1}
    [one] = having(gateway, number)
    assert {answer.json()["id"] for answer in answers} == {one["id"]}


@pytest.mark.parametrize("number", [f"d{number}" for number in range(ROUNDS)])
def test_criteria_that_matched_once_make_one_again_when_it_is_gone(gateway: Gateway, crowd: Crowd, number: str) -> None:
    crowd(create(number))
    [gone] = having(gateway, number)
    assert gateway.client.delete(f"/Organization/{gone['id']}").status_code == 204
    answers = crowd(create(number))
    assert statuses(answers) == {201: 1, 200: CLIENTS - 1}
    [one] = having(gateway, number)
    assert one["id"] != gone["id"]


def test_criteria_make_another_when_what_they_made_no_longer_matches(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        crowd(create(f"m{number}"))
        [one] = having(gateway, f"m{number}")
        gateway.client.put(f"/Organization/{one['id']}", json={**file(f"moved{number}"), "id": one["id"]})
        assert statuses(crowd(create(f"m{number}"))) == {201: 1, 200: CLIENTS - 1}
        assert len(having(gateway, f"m{number}")) == 1


def bundle(number: str, own: int) -> Resource:
    """A transaction: the file unless there is one, and a department of it."""
    made = {"method": "POST", "url": "Organization", "ifNoneExist": f"identifier={SYSTEM}|{number}"}
    whole = {"fullUrl": "urn:uuid:4a6cbd3e-7f4b-4c39-9d7e-000000000001", "resource": file(number), "request": made}
    part = file(f"{number}-part-{own}", partOf={"reference": whole["fullUrl"]})
    entries = [whole, {"resource": part, "request": {"method": "POST", "url": "Organization"}}]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_transactions_that_create_by_criteria_all_refer_to_the_one(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        answers = crowd(lambda client, own, at=f"t{number}": client.post("", json=bundle(at, own)))
        assert statuses(answers) == {200: CLIENTS}
        made = Counter(answer.json()["entry"][0]["response"]["status"][:3] for answer in answers)
        assert made == {"201": 1, "200": CLIENTS - 1}
        [one] = having(gateway, f"t{number}")
        parts = gateway.client.get("/Organization", params={"partof": one["id"], "_summary": "count"})
        assert parts.json()["total"] == CLIENTS


def test_conditional_updates_make_one_resource_and_lose_none_of_its_versions(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        criteria = {"identifier": f"{SYSTEM}|u{number}"}
        answers = crowd(
            lambda client, own, at=f"u{number}", asked=criteria: client.put(
                "/Organization", params=asked, json=file(at, alias=[str(own)])
            ),
        )
        assert statuses(answers) == {201: 1, 200: CLIENTS - 1}
        [one] = having(gateway, f"u{number}")
        told = versions(gateway, f"Organization/{one['id']}")
        assert sorted(int(version["alias"][0]) for version in told) == [*range(CLIENTS)]


def test_creates_and_updates_by_the_same_criteria_make_one_resource(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        criteria = {"identifier": f"{SYSTEM}|b{number}"}

        def act(
            client: httpx.Client, own: int, at: str = f"b{number}", asked: dict[str, str] = criteria
        ) -> httpx.Response:
            if own % 3:
                return create(at)(client, own)
            return client.put("/Organization", params=asked, json=file(at, alias=[str(own)]))

        assert statuses(crowd(act)) == {201: 1, 200: CLIENTS - 1}
        assert len(having(gateway, f"b{number}")) == 1


def test_what_no_longer_matches_is_never_written_by_criteria(gateway: Gateway, crowd: Crowd) -> None:
    """Moves from one number to the other, against updates and deletions of whatever has the first number."""
    for number in range(ROUNDS * 2):
        here, there = f"x{number}", f"y{number}"
        own_id = f"moving-{number}"
        gateway.client.put(f"/Organization/{own_id}", json={**file(here), "id": own_id})
        criteria = {"identifier": f"{SYSTEM}|{here}"}

        def act(
            client: httpx.Client, own: int, at: str = own_id, to: str = there, asked: dict[str, str] = criteria
        ) -> httpx.Response:
            if own == CLIENTS // 2:
                return client.put(f"/Organization/{at}", json={**file(to, active=True), "id": at})
            return client.delete("/Organization", params=asked)

        answers = crowd(act)
        assert {answer.status_code for answer in answers} <= {200, 201, 204}
        kept = gateway.client.get(f"/Organization/{own_id}")
        assert kept.status_code == 200, "the move was answered, and nobody deletes what has the other number"

"""Many writers at once: everybody gets through who may, and nobody pays for another's mistake."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.crowd import CLIENTS, Crowd, gathered, statuses, versions
from tests.gateway.district import put, resident

pytestmark = pytest.mark.feature("Interactions", "concurrent writers")


@pytest.fixture(scope="module")
def crowd(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(gateway, tmp_path_factory.mktemp("second")) as found:
        yield found


def patient(name: str, **more: object) -> Resource:
    return {"resourceType": "Patient", "id": name, **more}


def test_sixteen_writers_of_one_resource_all_get_through(gateway: Gateway) -> None:
    def change(number: int) -> int:
        with gateway.client_for("developer") as client:
            return client.put("/Patient/hot", json=patient("hot", birthDate=f"19{number + 10}-01-01")).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(change, range(48)))
    assert set(answers) <= {200, 201}
    assert {one["birthDate"][2:4] for one in versions(gateway, "Patient/hot")} == {str(n) for n in range(10, 58)}


def test_writers_at_two_gateways_leave_a_history_without_gaps(gateway: Gateway, crowd: Crowd) -> None:
    """Every version is what one writer sent and was answered, and every writer has one."""

    def change(client: httpx.Client, own: int) -> httpx.Response:
        return client.put("/Patient/two", json=patient("two", birthDate=f"19{own + 10}-01-01"))

    answers = crowd(change)
    assert statuses(answers) == {201: 1, 200: CLIENTS - 1}
    told = sorted((answer.json() for answer in answers), key=lambda one: int(one["meta"]["versionId"]))
    assert versions(gateway, "Patient/two") == told
    assert {one["birthDate"][2:4] for one in told} == {str(n) for n in range(10, 26)}


def test_of_those_who_expect_one_version_one_wins_and_the_others_hear_of_it(gateway: Gateway, crowd: Crowd) -> None:
    gateway.client.put("/Patient/match", json=patient("match"))

    def change(client: httpx.Client, own: int, version: int) -> httpx.Response:
        changed = patient("match", birthDate=f"19{own + 10}-{version:02}-01")
        return client.put("/Patient/match", json=changed, headers={"If-Match": f'W/"{version}"'})

    winners = []
    for version in range(1, 9):
        answers = crowd(lambda client, own, at=version: change(client, own, at))
        assert statuses(answers) == {200: 1, 412: CLIENTS - 1}
        winners += [answer.json() for answer in answers if answer.status_code == 200]
    assert versions(gateway, "Patient/match")[1:] == winners


def test_updates_and_deletions_follow_each_other_in_some_order(gateway: Gateway, crowd: Crowd) -> None:
    """Whoever writes after a deletion makes the resource anew, and no version is lost."""
    gateway.client.put("/Patient/phoenix", json=patient("phoenix"))

    def act(client: httpx.Client, own: int) -> httpx.Response:
        if own % 2:
            return client.delete("/Patient/phoenix")
        return client.put("/Patient/phoenix", json=patient("phoenix", birthDate=f"19{own + 10}-03-03"))

    answers = [answer for _ in range(4) for answer in crowd(act)]
    assert statuses(answers).keys() <= {200, 201, 204}
    whole = versions(gateway, "Patient/phoenix")
    sent = {answer.json()["meta"]["versionId"]: answer.json() for answer in answers if answer.status_code < 204}
    assert {one["meta"]["versionId"]: one for one in whole[1:] if one} == sent
    created = [str(at + 1) for at in range(1, len(whole)) if whole[at] and not whole[at - 1]]
    answered = [answer.json()["meta"]["versionId"] for answer in answers if answer.status_code == 201]
    assert sorted(answered, key=int) == created


def test_transactions_over_the_same_resources_in_any_order_neither_deadlock_nor_lose(gateway: Gateway) -> None:
    names = [f"shared-{number}" for number in range(12)]
    gateway.client.post("", json=put(*(patient(name) for name in names)))
    before = deadlocks(gateway)

    def change(number: int) -> int:
        chosen = random.Random(number).sample(names, 6)
        changed = [patient(name, birthDate=f"19{number + 10}-02-02") for name in chosen]
        with gateway.client_for("developer") as client:
            return client.post("", json=put(*changed)).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, range(40)))
    assert set(answers) == {200}
    assert deadlocks(gateway) == before
    assert sum(len(versions(gateway, f"Patient/{name}")) - 1 for name in names) == 40 * 6


def deadlocks(gateway: Gateway) -> int:
    with psycopg.connect(gateway.database_url) as connection:
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def test_a_request_that_the_database_refuses_fails_alone(gateway: Gateway) -> None:
    """A claim or a value beyond what an index row can hold must not take its neighbours along."""
    gateway.client.put("/Patient/good", json=patient("good"))
    noise = random.Random(7)
    long = "".join(chr(noise.randrange(0x4E00, 0x9FA5)) for _ in range(6000))

    def write(number: int) -> tuple[bool, int]:
        bad = number % 4 == 0
        one = resident(f"w{number}", 400 + number)
        if bad:
            one["identifier"][0]["value"] = long + str(number)
        with gateway.client_for("developer") as client:
            return bad, client.put(f"/Patient/w{number}", json=one).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(40)))
    assert {status for bad, status in answers if not bad} == {201}
    assert {status for bad, status in answers if bad} <= {201, 422}


def test_a_business_number_that_is_taken_is_refused_at_once_and_names_its_holder(gateway: Gateway) -> None:
    gateway.client.put("/Patient/holder", json=resident("holder", 390))
    answer = gateway.client.put("/Patient/second", json=resident("second", 390))
    assert answer.status_code == 409
    assert "Patient/holder" in answer.json()["issue"][0]["diagnostics"]

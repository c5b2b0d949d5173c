"""Many writers at once: everybody gets through who may, and nobody pays for another's mistake."""

import random
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests.conftest import Gateway
from tests.gateway.district import put, resident


def patient(name: str, **more: object) -> dict[str, object]:
    return {"resourceType": "Patient", "id": name, **more}


def test_sixteen_writers_of_one_resource_all_get_through(gateway: Gateway) -> None:
    def change(number: int) -> int:
        with gateway.client_for("developer") as client:
            return client.put("/Patient/hot", json=patient("hot", birthDate=f"19{number + 10}-01-01")).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(change, range(48)))
    assert set(answers) <= {200, 201}
    versions = gateway.client.get("/Patient/hot/_history").json()
    numbers = [int(entry["response"]["etag"][3:-1]) for entry in versions["entry"]]
    assert numbers == list(range(48, 0, -1))


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

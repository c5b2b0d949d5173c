"""A transaction costs the database the same number of statements, whatever number of resources it writes."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from gateway.clock import SITE_ZONE
from profiles.canonical import RESIDENT_ID
from tests.conftest import Gateway
from tests.gateway.district import Hospital, agreement, contract, put, resident, resident_id, settle, staff

Resource = dict[str, Any]
SIZES = (1, 10, 100)
IDLE_SECONDS = 4.0
"""In which an idle gateway has asked all that it asks by itself."""


def plain(size: int) -> Resource:
    """New resources, by POST and by PUT, of which each refers to one before it and to one that was there."""
    entries: list[Resource] = []
    before = {"reference": "Patient/known-0"}
    for number in range(size):
        name = f"urn:uuid:{uuid.uuid4()}"
        resource = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "示例"},
            "subject": {"reference": "Patient/known-1"},
            "performer": [{"reference": "Organization/centre"}],
            "focus": [before],
        }
        if number % 2:
            request = {"method": "POST", "url": "Observation"}
            before = {"reference": name}
        else:
            resource["id"] = uuid.uuid4().hex
            request = {"method": "PUT", "url": f"Observation/{resource['id']}"}
            before = {"reference": f"Observation/{resource['id']}"}
        entries.append({"fullUrl": name, "resource": resource, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def changed(size: int) -> Resource:
    """Resources that were there, each another version of itself."""
    born = f"19{uuid.uuid4().int % 50 + 40}-01-01"
    people = [resident(f"known-{number}", number) | {"birthDate": born} for number in range(size)]
    return put(*people)


def deleted(size: int) -> Resource:
    """Resources that were there and that nothing refers to."""
    entries = [{"request": {"method": "DELETE", "url": f"Flag/flag-{size}-{number}"}} for number in range(size)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def contracted(size: int) -> Resource:
    """New residents, each with a contract and what agrees to it: the rules look things up for all of them at once."""
    group = uuid.uuid4().hex
    people = [resident(f"{group}-{number}", number) for number in range(size)]
    for number, person in enumerate(people):
        person["identifier"] = [{"system": RESIDENT_ID, "value": resident_id(number, f"19{SIZES.index(size)}00101")}]
    contracts = [contract(f"contract-{person['id']}", person["id"]) for person in people]
    return put(*people, *contracts, *map(agreement, contracts))


def admitted(size: int) -> Resource:
    """Stays of residents under contract, with all that follows from them."""
    stays = [
        Hospital.__new__(Hospital).stay(f"ZY-{name}", datetime.now(SITE_ZONE), subject={"reference": f"Patient/{name}"})
        for name, _, _ in patients(size)
    ]
    entries = [{"resource": stay, "request": {"method": "POST", "url": "Encounter"}} for stay in stays]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def patients(size: int) -> list[tuple[str, int, str]]:
    return [(f"stay-{size}-{number}", number, f"19{5 + SIZES.index(size)}0-06-01") for number in range(size)]


@pytest.fixture(scope="module")
def prepared(gateway: Gateway) -> Gateway:
    for size in SIZES:
        settle(gateway, *patients(size))
    people = [resident(f"known-{number}", number) for number in range(max(SIZES))]
    flags = [
        {
            "resourceType": "Flag",
            "id": f"flag-{size}-{number}",
            "status": "active",
            "code": {"text": "示例"},
            "subject": {"reference": "Patient/known-0"},
        }
        for size in SIZES
        for number in range(size)
    ]
    gateway.client.post("", json=put(*staff(), *people, *flags)).raise_for_status()
    return gateway


@pytest.fixture(scope="module")
def statements(prepared: Gateway) -> Iterator[Callable[[], Counter[str]]]:
    """How often every statement has been carried out, but for those of a gateway that has nothing to do."""
    with psycopg.connect(prepared.database_url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

        def count() -> Counter[str]:
            rows = connection.execute(
                "SELECT query, sum(calls)::int FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid "
                "WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%' "
                "AND query NOT LIKE 'SELECT pg_snapshot_xmin%' GROUP BY query"  # the worker's, every few seconds
            )
            return Counter(dict(rows.fetchall()))

        before = count()
        time.sleep(IDLE_SECONDS)
        idle = (count() - before).keys()
        yield lambda: Counter({text: calls for text, calls in count().items() if text not in idle})


@pytest.mark.parametrize("bundle", [plain, changed, deleted, contracted, admitted])
def test_a_transaction_of_any_size_is_as_many_statements(
    prepared: Gateway, statements: Callable[[], Counter[str]], bundle: Callable[[int], Resource]
) -> None:
    counted = []
    for size in SIZES:
        transaction = bundle(size)
        before = statements()
        answer = prepared.client.post("", json=transaction)
        assert answer.status_code == 200, answer.text
        counted.append(statements() - before)
    assert counted[0].total() > 0
    assert len({one.total() for one in counted}) == 1, counted

"""What the index remembers for page links, and when it forgets."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from gateway import clock
from gateway.forgetting import Forgetting
from gateway.search.paging import LIFETIME_SECONDS
from gateway.search.parameters import Catalogue
from gateway.storage import store
from gateway.storage.tables import EVER, INDEX_TABLES
from gateway.validation import shipped
from gateway.work import Ground
from gateway.workflows import RULEBOOK
from tests.conftest import Clock, Gateway

pytestmark = pytest.mark.feature("Paging", "pages of one snapshot under concurrent writes")


def ended(gateway: Gateway) -> int:
    """Rows of the index that are no longer so."""
    with psycopg.connect(gateway.database_url) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table} WHERE until <> '{EVER}'::xid8").fetchone()  # noqa: S608
            for table in INDEX_TABLES
        ]
    return sum(count[0] for count in counts if count)


def person(gateway: Gateway, name: str, family: str) -> None:
    resource = {"resourceType": "Patient", "id": name, "name": [{"family": family}]}
    gateway.client.put(f"/Patient/{name}", json=resource).raise_for_status()


async def rounds(gateway: Gateway, moved: Clock, *later: timedelta) -> list[int]:
    """How many rows each round removed."""
    async with store.opened(gateway.database_url) as opened:
        forgetting = Forgetting(Ground(opened, RULEBOOK, Catalogue(), moved, clock.RowIds(), shipped), 1)
        removed = []
        for offset in later:
            moved.offset = offset
            removed.append(await forgetting.index())
        return removed


def test_what_a_page_link_may_see_is_kept_and_the_rest_forgotten(gateway: Gateway) -> None:
    for number in range(3):
        person(gateway, f"kept-{number}", "Before")
    first = gateway.client.get("/Patient?family=Before&_count=2&_sort=_id").json()
    for number in range(3):
        person(gateway, f"kept-{number}", "After")
    before = ended(gateway)
    assert before > 0
    good, past = timedelta(seconds=LIFETIME_SECONDS - 60), timedelta(seconds=LIFETIME_SECONDS + 60)
    assert asyncio.run(rounds(gateway, Clock(), timedelta(), good)) == [0, 0]
    following = gateway.client.get(first["link"][1]["url"]).json()
    assert [entry["resource"]["id"] for entry in following["entry"]] == ["kept-2"]
    assert asyncio.run(rounds(gateway, Clock(), timedelta(), past)) == [0, before]
    assert ended(gateway) == 0
    assert len(gateway.client.get("/Patient?family=After").json()["entry"]) == 3


def test_a_claim_that_two_conditional_creates_needed_goes_after_a_day(gateway: Gateway) -> None:
    made = gateway.client.post(
        "/Basic",
        json={"resourceType": "Basic", "code": {"text": "示例"}, "identifier": [{"system": "urn:x", "value": "1"}]},
        headers={"If-None-Exist": "identifier=urn:x|1"},
    )
    assert made.status_code == 201

    async def claims(offset: timedelta) -> None:
        moved = Clock()
        moved.offset = offset
        async with store.opened(gateway.database_url) as opened:
            await Forgetting(Ground(opened, RULEBOOK, Catalogue(), moved, clock.RowIds(), shipped), 1).claims()

    def held() -> int:
        with psycopg.connect(gateway.database_url) as connection:
            found = connection.execute("SELECT count(*) FROM claim WHERE name LIKE 'if-none-exist:%'").fetchone()
            return found[0] if found else 0

    asyncio.run(claims(timedelta()))
    assert held() == 1
    asyncio.run(claims(timedelta(hours=25)))
    assert held() == 0

"""Sixteen clients of two gateways on one database, who act at the same moment."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from profiles.json import Resource
from tests.conftest import Gateway, serving

CLIENTS = 16
Act = Callable[[httpx.Client, int], httpx.Response]
"""What one of them does, by its number."""


class Crowd:
    def __init__(self, clients: list[httpx.Client]) -> None:
        self._clients = clients
        self._pool = ThreadPoolExecutor(len(clients))

    def __call__(self, act: Act, count: int = CLIENTS) -> list[httpx.Response]:
        """What each of them gets, all acting at once."""
        return list(self._pool.map(act, self._clients[:count], range(count)))

    def close(self) -> None:
        self._pool.shutdown()


@contextmanager
def gathered(gateway: Gateway, data_dir: Path) -> Iterator[Crowd]:
    """Every second one is a client of another gateway on the same database."""
    with serving(gateway.database_url, data_dir) as second, ExitStack() as stack:
        gateways = (gateway, second)
        clients = [stack.enter_context(gateways[n % 2].client_for("developer")) for n in range(CLIENTS)]
        crowd = Crowd(clients)
        stack.callback(crowd.close)
        yield crowd


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def versions(gateway: Gateway, reference: str) -> list[Resource]:
    """Every version of a resource, oldest first; raises where one is missing or told twice."""
    entries = gateway.client.get(f"/{reference}/_history", params={"_count": "1000"}).json()["entry"]
    numbers = [int(entry["response"]["etag"][3:-1]) for entry in entries]
    assert numbers == [*range(len(entries), 0, -1)], f"versions of {reference}: {numbers}"
    return [entry.get("resource", {}) for entry in reversed(entries)]

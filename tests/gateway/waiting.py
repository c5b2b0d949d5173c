"""Waiting, in tests, for what the server does behind its answers."""

from collections.abc import Callable
from typing import TypeVar

import httpx

from tests import processes

T = TypeVar("T")


def until(found: Callable[[], T]) -> T:
    """What `found` gives as soon as that is something."""
    return processes.until(found, "what was waited for comes", 90)


def answered(client: httpx.Client, accepted: httpx.Response) -> httpx.Response:
    """What the status address of an accepted request answers with in the end."""
    assert accepted.status_code == 202, accepted.text

    def asked() -> httpx.Response | None:
        status = client.get(accepted.headers["content-location"])
        return status if status.status_code != 202 else None

    found = until(asked)
    assert found is not None
    return found

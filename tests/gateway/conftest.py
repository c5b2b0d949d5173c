"""What several modules of the gateway's tests start from."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Gateway
from tests.gateway.limits import Clients, limited
from tests.gateway.wards import SURGICAL, WARD_MAP, WARD_SYSTEM


@pytest.fixture(scope="module")
def wards(gateway: Gateway) -> Gateway:
    """A gateway that holds the terminology of the wards."""
    for resource in (WARD_SYSTEM, SURGICAL, WARD_MAP):
        answer = gateway.client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource)
        assert answer.status_code in {200, 201}, answer.text
    return gateway


@pytest.fixture(scope="module")
def limited_clients(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """Clients by what they are limited to."""
    with limited(database_url, tmp_path_factory.mktemp("gateway")) as opened:
        yield opened


@pytest.fixture(scope="module")
def resident(limited_clients: Clients) -> httpx.Client:
    """Limited to the compartment of one resident."""
    return limited_clients["resident"]

"""Nothing is deleted that something refers to, and nothing refers to what is gone, whoever is first.

https://hl7.org/fhir/R4/http.html#delete
"""

import time
from collections.abc import Iterator

import httpx
import pytest

from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.crowd import Crowd, gathered, statuses
from tests.gateway.district import put, write

pytestmark = pytest.mark.feature("Interactions", "referential integrity")

ROUNDS = 25
SYSTEM = "urn:example:file"


@pytest.fixture(scope="module")
def crowd(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(gateway, tmp_path_factory.mktemp("second")) as found:
        yield found


def organization(name: str, **more: object) -> Resource:
    return {"resourceType": "Organization", "id": name, "name": "示例", **more}


def part(name: str, whole: str, **more: object) -> Resource:
    return organization(name, partOf={"reference": f"Organization/{whole}"}, **more)


def require_whole(gateway: Gateway, whole: str) -> int:
    """How many refer to it; raises where it is gone and they are not."""
    parts = gateway.client.get("/Organization", params={"partof": whole, "_count": "100"}).json().get("entry", [])
    there = gateway.client.get(f"/Organization/{whole}").status_code
    assert there == 200 or not parts, f"{len(parts)} refer to a resource that answers {there}"
    return len(parts)


def test_a_deletion_and_sixteen_creations_that_refer_to_it(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        whole = f"a{number}"
        write(gateway, organization(whole))

        def act(client: httpx.Client, own: int, at: str = whole, deleter: int = number % 16) -> httpx.Response:
            if own == deleter:
                return client.delete(f"/Organization/{at}")
            return client.put(f"/Organization/{at}-{own}", json=part(f"{at}-{own}", at))

        seen = statuses(crowd(act))
        assert seen in ({204: 1, 422: 15}, {409: 1, 201: 15})
        assert require_whole(gateway, whole) == seen[201]


def test_a_deletion_and_updates_that_begin_and_end_to_refer_to_it(gateway: Gateway, crowd: Crowd) -> None:
    write(gateway, *(organization(f"b-{own}") for own in range(16)))
    for number in range(ROUNDS):
        whole = f"b{number}"
        write(gateway, organization(whole))

        def act(client: httpx.Client, own: int, at: str = whole) -> httpx.Response:
            if own % 8 == 0:
                return client.delete(f"/Organization/{at}")
            name = f"b-{own % 4}"
            return client.put(f"/Organization/{name}", json=part(name, at) if own % 8 < 4 else organization(name))

        seen = statuses(crowd(act))
        assert seen.keys() <= {200, 204, 409, 422}
        require_whole(gateway, whole)
        write(gateway, *(organization(f"b-{own}") for own in range(4)))


def test_a_deletion_and_transactions_that_write_it_unchanged_and_refer_to_it(gateway: Gateway, crowd: Crowd) -> None:
    """What a transaction writes as it was makes no version, and must be there all the same."""
    for number in range(ROUNDS):
        whole = f"c{number}"
        write(gateway, organization(whole))

        def act(client: httpx.Client, own: int, at: str = whole, late: float = number / 500) -> httpx.Response:
            if own == 0:
                time.sleep(late)
                return client.delete(f"/Organization/{at}")
            others = (organization(f"{at}-{own}-{other}") for other in range(60))  # so that planning takes a while
            return client.post("", json=put(organization(at), part(f"{at}-{own}", at), *others))

        assert statuses(crowd(act, 2)).keys() <= {200, 204, 409}
        require_whole(gateway, whole)


def test_a_deletion_and_transactions_that_find_it_by_a_conditional_reference(gateway: Gateway, crowd: Crowd) -> None:
    for number in range(ROUNDS):
        whole = f"d{number}"
        write(gateway, organization(whole, identifier=[{"system": SYSTEM, "value": whole}]))

        def act(client: httpx.Client, own: int, at: str = whole, deleter: int = number % 16) -> httpx.Response:
            if own == deleter:
                return client.delete(f"/Organization/{at}")
            found = {"reference": f"Organization?identifier={SYSTEM}|{at}"}
            return client.post("", json=put(organization(f"{at}-{own}", partOf=found)))

        seen = statuses(crowd(act))
        assert seen.keys() <= {200, 204, 409, 412, 422}
        assert require_whole(gateway, whole) == seen[200]


def test_transactions_that_update_by_criteria_what_they_refer_to(gateway: Gateway, crowd: Crowd) -> None:
    """A conditional update of one resource and a conditional reference to it, sixteen times at once."""
    write(gateway, organization("e", identifier=[{"system": SYSTEM, "value": "e"}]))
    for number in range(5):

        def act(client: httpx.Client, own: int, at: int = number) -> httpx.Response:
            found = f"Organization?identifier={SYSTEM}|e"
            changed = {**organization("e", identifier=[{"system": SYSTEM, "value": "e"}]), "alias": [f"{at}-{own}"]}
            bundle = put(organization(f"e-{at}-{own}", partOf={"reference": found}))
            bundle["entry"].append({"resource": changed, "request": {"method": "PUT", "url": found}})
            return client.post("", json=bundle)

        assert statuses(crowd(act)) == {200: 16}
    assert require_whole(gateway, "e") == 5 * 16
    assert gateway.client.get("/Organization/e").json()["meta"]["versionId"] == str(5 * 16 + 1)


def test_two_that_would_delete_what_the_other_begins_to_refer_to(gateway: Gateway, crowd: Crowd) -> None:
    """Each deletes one and lets a third refer to the other's: at most one of them may have its way."""
    for number in range(4):
        names = (f"f{number}", f"g{number}")
        write(gateway, *map(organization, names))

        def act(client: httpx.Client, own: int, pair: tuple[str, str] = names) -> httpx.Response:
            mine, others = pair[own % 2], pair[1 - own % 2]
            bundle = put(part(f"{mine}-{own}", others))
            bundle["entry"].append({"request": {"method": "DELETE", "url": f"Organization/{mine}"}})
            return client.post("", json=bundle)

        seen = statuses(crowd(act))
        assert seen.keys() <= {200, 409, 422}
        assert sum(require_whole(gateway, one) for one in names) == seen[200]

"""GET /openapi.json describes the FHIR API, and whatever is sent by that description is answered by it."""

from collections.abc import Callable
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from gateway.rest import routes
from gateway.rest.capability import declared
from profiles import definitions
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "OpenAPI 3.1 description")

Document = dict[str, Any]
TYPES = ("Patient", "ValueSet")
EXAMPLES = 2
"""Of every call, in either way: as described, and not so."""
OUTCOME = "OperationOutcome"


@pytest.fixture(scope="module")
def root(gateway: Gateway) -> str:
    return gateway.base.removesuffix("/fhir")


@pytest.fixture(scope="module")
def whole(root: str) -> Document:
    found: Document = httpx.get(f"{root}/openapi.json", timeout=30).json()
    return found


@pytest.fixture(scope="module")
def some(root: str) -> Document:
    found: Document = httpx.get(f"{root}/openapi.json", params={"type": ",".join(TYPES)}).json()
    return found


def test_it_has_every_type_and_every_call(whole: Document) -> None:
    assert whole["openapi"].startswith("3.1")
    tags = {tag["name"] for tag in whole["tags"]}
    assert tags == {"system", *definitions.resource_types()}
    ways = {one for path in whole["paths"].values() for one in path} - {"parameters"}
    assert ways == {"get", "post", "put", "patch", "delete"}
    for (*shape, last), method in (call for call in declared.calls(routes.ROUTES) if call[0]):
        ending = f"/{last}" if last[:1] in {"$", "_", "m"} else ""
        fitting = [path for path in whole["paths"] if path.count("/") == len(shape) + 1 and path.endswith(ending)]
        assert any(method.lower() in whole["paths"][path] for path in fitting), (shape, last, method)


def test_every_call_has_a_name_of_its_own(whole: Document) -> None:
    calls = [call for path in whole["paths"].values() for way, call in path.items() if way != "parameters"]
    assert len({call["operationId"] for call in calls}) == len(calls)


def test_a_part_of_it_can_be_asked_for(root: str, some: Document) -> None:
    assert {path.split("/")[1] for path in some["paths"]} >= set(TYPES)
    assert not any(path.startswith("/Encounter") for path in some["paths"])
    names = {one.get("name") for one in some["paths"]["/Patient"]["get"]["parameters"]}
    assert {"name", "birthdate", "general-practitioner"} <= names
    refused = httpx.get(f"{root}/openapi.json?type=Patinet")
    assert (refused.status_code, refused.json()["resourceType"]) == (400, OUTCOME)


def test_it_is_sent_once(root: str) -> None:
    first = httpx.get(f"{root}/openapi.json?type=Patient")
    again = httpx.get(f"{root}/openapi.json?type=Patient", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


# schemathesis draws from `random` inside its own strategies
@pytest.mark.filterwarnings("ignore:Do not use the:hypothesis.errors.HypothesisDeprecationWarning")
def test_whatever_is_sent_by_it_is_answered_by_it(gateway: Gateway, some: Document) -> None:
    """No answer says that the server failed, and every error is an OperationOutcome."""
    described = schemathesis.openapi.from_dict(some)
    statuses: set[int] = set()
    with requests.Session() as session:
        for found in described.get_all_operations():
            for way in GenerationMode:
                send(found.ok(), way, lambda case: called(case, gateway, session, statuses))
    assert statuses >= {200, 201, 400, 404, 422}


def send(operation: APIOperation, way: GenerationMode, call: Callable[[Case], None]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=way))
    def one(case: Case) -> None:
        call(case)

    one()


def called(case: Case, gateway: Gateway, session: requests.Session, statuses: set[int]) -> None:
    own = {"Authorization": gateway.client.headers["authorization"]}
    answer = case.call(gateway.base, session, own, timeout=30)
    statuses.add(answer.status_code)
    told = f"{case.as_curl_command()}\n{answer.status_code} {answer.content[:500]!r}"
    assert answer.status_code < 500, told
    if answer.status_code >= 400 and case.method != "HEAD":
        assert answer.json()["resourceType"] == OUTCOME, told
        assert answer.json()["issue"], told

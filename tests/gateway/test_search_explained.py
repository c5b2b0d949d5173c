"""`_explain`: how a search is carried out, for operators, without what was searched for."""

import json

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import encoded, observation, patient, refused, store, to

pytestmark = pytest.mark.feature("Search", "_explain: the plan, no data")

SECRETS = ("示例秘密", "secret-7", "1950-03-07", "42.125")
QUERIES = [
    "Patient?name=示例秘密&_explain=true",
    "Patient?name:contains=示例秘密&_sort=-birthdate&_explain=true",
    "Patient?identifier=urn:secret-7|secret-7&birthdate=1950-03-07&_explain=true",
    "Patient?_id=secret-7&_explain=true",
    "Patient?_content=示例秘密&_explain=true",
    "Patient?gender:missing=true&_explain=true",
    "Patient?_profile:below=urn:secret-7&_explain=true",
    "Observation?value-quantity=gt42.125&_explain=true",
    "Observation?patient.name=示例秘密&_has:Observation:has-member:patient.identifier=secret-7&_explain=true",
    "Observation?_filter=patient.name co 示例秘密&_explain=true",
    "Patient/secret-7/Observation?_explain=true",
    "?_type=Patient,Observation&_tag=secret-7&_explain=true",
]


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    identifier = [{"system": "urn:secret-7", "value": "secret-7"}]
    store(
        gateway,
        patient("secret-7", name=[{"text": "示例秘密"}], birthDate="1950-03-07", identifier=identifier),
        observation("o", subject=to("Patient/secret-7"), valueQuantity={"value": 42.125}),
    )
    return gateway


@pytest.mark.parametrize("query", QUERIES)
def test_the_statement_and_the_plan_are_told_and_no_value(loaded: Gateway, query: str) -> None:
    answer = loaded.client.get(f"/{query.replace(' ', '%20')}")
    assert answer.status_code == 200, answer.text
    said = {one["name"]: one["valueString"] for one in answer.json()["parameter"]}
    assert said["sql"].startswith("SELECT")
    assert json.loads(said["plan"])[0]["Node Type"]
    for secret in SECRETS:
        assert secret not in answer.text
        assert encoded(secret) not in answer.text
        assert json.dumps(secret)[1:-1] not in answer.text


def test_what_cannot_be_searched_cannot_be_explained(loaded: Gateway) -> None:
    assert refused(loaded.client, "Patient?nonsense=1&_explain=true") == "FD-SEARCH-UNKNOWN"

"""$meta, $meta-add and $meta-delete. https://hl7.org/fhir/R4/resource-operations.html"""

from typing import Any

import httpx
import pytest

from tests.conftest import Gateway
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$meta, $meta-add, $meta-delete")

TAGS = "https://example.org/CodeSystem/tags"
VIP = {"system": TAGS, "code": "vip", "display": "重点"}
NEW = {"system": TAGS, "code": "new"}
SECRET = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
PROFILE = "https://example.org/StructureDefinition/resident"


def of(**meta: Any) -> dict[str, Any]:
    return parameters({"name": "meta", "valueMeta": meta})


def told(answer: httpx.Response) -> dict[str, Any]:
    """The lists of the Meta that was answered."""
    assert answer.status_code == 200, answer.text
    said = answer.json().get("parameter", [])
    assert [one["name"] for one in said] in ([], ["return"])
    meta = said[0]["valueMeta"] if said else {}
    return {name: meta[name] for name in ("profile", "security", "tag") if name in meta}


@pytest.fixture
def stored(gateway: Gateway) -> Gateway:
    gateway.client.put("/Patient/p", json={"resourceType": "Patient", "id": "p", "meta": {"tag": [VIP]}})
    gateway.client.put("/Patient/plain", json={"resourceType": "Patient", "id": "plain"})
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "meta": {"security": [SECRET]}}
    gateway.client.put("/Group/g", json=group)
    return gateway


def test_the_meta_of_a_resource(stored: Gateway):
    for answer in (stored.client.get("/Patient/p/$meta"), stored.client.post("/Patient/p/$meta")):
        assert told(answer) == {"tag": [VIP]}
        assert answer.json()["parameter"][0]["valueMeta"]["versionId"]
        assert answer.headers["etag"].startswith('W/"')
    assert told(stored.client.get("/Patient/plain/$meta")) == {}


def test_what_is_in_use_is_told_of_a_type_and_of_all(stored: Gateway):
    assert told(stored.client.get("/Patient/$meta")) == {"tag": [VIP]}
    assert told(stored.client.get("/$meta")) == {"tag": [VIP], "security": [SECRET]}
    assert told(stored.client.get("/Basic/$meta")) == {}
    with stored.client_for("adapter") as client:
        refused(client.get("/Patient/$meta"), 403, "forbidden")


def test_what_is_added_is_a_new_version_and_added_once(stored: Gateway):
    body = of(tag=[NEW, VIP | {"display": "另一说法"}], profile=[PROFILE], security=[SECRET])
    added = stored.client.post("/Patient/p/$meta-add", json=body)
    assert told(added) == {"tag": [VIP, NEW], "profile": [PROFILE], "security": [SECRET]}
    again = stored.client.post("/Patient/p/$meta-add", json=body)
    assert again.headers["etag"] == added.headers["etag"]
    found = stored.client.get(f"/Patient?_tag={TAGS}|new&_profile={PROFILE}").json()
    assert [one["resource"]["id"] for one in found["entry"]] == ["p"]


def test_what_is_deleted_is_gone(stored: Gateway):
    stored.client.post("/Patient/p/$meta-add", json=of(tag=[NEW], profile=[PROFILE]))
    gone = stored.client.post("/Patient/p/$meta-delete", json=of(tag=[{"system": TAGS, "code": "vip"}]))
    assert told(gone) == {"tag": [NEW], "profile": [PROFILE]}
    assert told(stored.client.post("/Patient/p/$meta-delete", json=of(tag=[NEW], profile=[PROFILE]))) == {}
    assert "tag" not in stored.client.get("/Patient/p").json()["meta"]


def test_meta_is_changed_only_if_it_matches(stored: Gateway):
    answer = stored.client.post("/Patient/p/$meta-add", json=of(tag=[NEW]), headers={"If-Match": 'W/"99"'})
    refused(answer, 412, "conflict")


@pytest.mark.parametrize(
    ("url", "body", "status"),
    [
        ("/Patient/nobody/$meta-add", of(tag=[NEW]), 404),
        ("/Patient/p/$meta-add", {"resourceType": "Parameters"}, 400),
        ("/Patient/p/$meta-add", parameters({"name": "mtea", "valueMeta": {"tag": [NEW]}}), 400),
        ("/Patient/p/$meta-add", parameters({"name": "meta", "valueString": "x"}), 400),
        ("/Patient/p/$meta-add", of(tag=["x"]), 422),
        ("/Patient/p/$meta-delete", {"resourceType": "Patient"}, 400),
        ("/Patient/nobody/$meta", None, 404),
        ("/Patient/p/$meta", parameters({"name": "x", "valueString": "x"}), 400),
        ("/Patent/$meta", None, 404),
    ],
)
def test_meta_says_what_is_wrong(stored: Gateway, url: str, body: dict[str, Any] | None, status: int):
    answer = stored.client.post(url, json=body) if body else stored.client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"

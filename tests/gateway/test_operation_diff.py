"""$diff: FHIRPath Patches that make one resource of another. https://hl7.org/fhir/R4/fhirpatch.html"""

from typing import Any

import pytest

from gateway.rest import patching
from gateway.rest.operations.difference import difference
from profiles import validator
from tests.conftest import Gateway
from tests.gateway.wards import refused

pytestmark = pytest.mark.feature("Operations", "$diff")

Resource = dict[str, Any]


def operations(parameters: Resource) -> list[Resource]:
    """Each as a mapping of its parts."""
    assert validator.check(parameters) == []
    return [
        {part["name"]: next((value for name, value in part.items() if name != "name"), None) for part in one["part"]}
        for one in parameters.get("parameter", ())
    ]


def test_only_what_changed_is_said():
    before = {"resourceType": "Patient", "name": [{"text": "示例"}, {"text": "旧"}], "gender": "male"}
    after = {"resourceType": "Patient", "name": [{"text": "新"}, {"text": "示例"}], "active": True}
    assert operations(difference(before, after)) == [
        {"type": "add", "path": "Patient", "name": "active", "value": True},
        {"type": "insert", "path": "Patient.name", "index": 0, "value": {"text": "新"}},
        {"type": "delete", "path": "Patient.name[2]"},
        {"type": "delete", "path": "Patient.gender"},
    ]


def test_a_long_list_that_begins_differently_is_compared_place_by_place():
    before = {"resourceType": "Patient", "name": [{"text": str(number)} for number in range(240)]}
    after = {"resourceType": "Patient", "name": before["name"][1:]}
    said = difference(before, after)
    assert patching.apply_parameters(before, said) == after


# Over HTTP


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    put = gateway.client.put
    for text in ("一", "二", "三"):
        put("/Patient/p", json={"resourceType": "Patient", "id": "p", "name": [{"text": text}]})
    put("/Patient/q", json={"resourceType": "Patient", "id": "q", "gender": "male"})
    return gateway


def test_the_version_before_is_what_a_resource_is_compared_with(stored: Gateway):
    answer = stored.client.get("/Patient/p/$diff")
    assert operations(answer.json()) == [{"type": "replace", "path": "Patient.name[0].text", "value": "三"}]
    for one in ("?fromVersion=1", "?fromVersion=1&toVersion=2", "?toVersion=2"):
        [said] = operations(stored.client.get(f"/Patient/p/$diff{one}").json())
        assert said["value"] == ("三" if one == "?fromVersion=1" else "二")
    body = {"resourceType": "Parameters", "parameter": [{"name": "fromVersion", "valueInteger": 3}]}
    assert operations(stored.client.post("/Patient/p/$diff", json=body).json()) == []


def test_the_difference_of_two_versions_patches_the_one_into_the_other(stored: Gateway):
    said = stored.client.get("/Patient/p/$diff?fromVersion=3&toVersion=1").json()
    answer = stored.client.patch("/Patient/p", json=said)
    assert answer.json()["name"] == [{"text": "一"}]
    stored.client.put("/Patient/p", json={"resourceType": "Patient", "id": "p", "name": [{"text": "三"}]})


def test_two_resources_are_compared_without_what_tells_them_apart(stored: Gateway):
    expected = [
        {"type": "add", "path": "Patient", "name": "gender", "value": "male"},
        {"type": "delete", "path": "Patient.name[0]"},
    ]
    for left in ("p", "Patient/p", f"{stored.base}/Patient/p", "Patient/p/_history/1"):
        answer = stored.client.get("/Patient/$diff", params={"from": left, "to": "Patient/q"})
        assert operations(answer.json()) == expected


def test_meta_is_compared_where_that_is_asked_for(stored: Gateway):
    said = operations(stored.client.get("/Patient/p/$diff?includeMeta=true&fromVersion=1&toVersion=2").json())
    assert [one["path"] for one in said][:2] == ["Patient.meta.versionId", "Patient.meta.lastUpdated"]


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/Patient/q/$diff", 422, "processing"),
        ("/Patient/nobody/$diff", 404, "not-found"),
        ("/Patient/p/$diff?fromVersion=99", 404, "not-found"),
        ("/Patient/p/$diff?fromVersion=0", 400, "invalid"),
        ("/Patient/p/$diff?fromVersion=x", 400, "invalid"),
        ("/Patient/p/$diff?fromVresion=1", 400, "invalid"),
        ("/Patient/$diff?from=p", 400, "invalid"),
        ("/Patient/$diff?from=Flag/p&to=q", 400, "invalid"),
        ("/Patient/$diff?from=p&to=../q", 400, "invalid"),
        ("/Patient/$diff?from=p&to=nobody", 404, "not-found"),
        ("/Patent/$diff?from=p&to=q", 404, "not-found"),
    ],
)
def test_diff_says_what_is_wrong(stored: Gateway, url: str, status: int, code: str):
    refused(stored.client.get(url), status, code)


def test_whoever_may_not_read_is_refused(stored: Gateway):
    with stored.client_for("adapter") as client:
        refused(client.get("/Patient/p/$diff"), 403, "forbidden")

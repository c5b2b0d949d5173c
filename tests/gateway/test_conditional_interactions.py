"""Conditional create, update, patch and delete. https://hl7.org/fhir/R4/http.html#cond-update"""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import Gateway, serving
from tests.gateway.searchable import Json, ids, patient, replacing, store


def numbered(value: str, **more: object) -> Json:
    return {"resourceType": "Patient", "identifier": [{"system": "urn:c", "value": value}], **more}


def key(answer: object) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])  # type: ignore[attr-defined] # an httpx.Response


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(
        gateway, *(patient(f"twin{number}", identifier=[{"system": "urn:c", "value": "twin"}]) for number in range(2))
    )
    return gateway


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
@pytest.mark.parametrize(
    "form",
    [
        "identifier=urn:c|{}",
        "Patient?identifier=urn:c|{}",
        "{base}/Patient?identifier=urn:c%7C{}",
        "?identifier=urn:c|{}",
    ],
)
def test_a_create_happens_where_nothing_matches(loaded: Gateway, form: str) -> None:
    value = f"new{abs(hash(form))}"
    header = {"If-None-Exist": form.replace("{base}", loaded.base).replace("{}", value)}
    first = loaded.client.post("/Patient", json=numbered(value), headers=header)
    again = loaded.client.post("/Patient", json=numbered(value, active=True), headers=header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_a_value_may_hold_a_question_mark(loaded: Gateway) -> None:
    value = {"resourceType": "Patient", "identifier": [{"system": "urn:q?x=1", "value": "7"}]}
    header = {"If-None-Exist": "identifier=urn:q?x=1|7"}
    answers = [loaded.client.post("/Patient", json=value, headers=header).status_code for _ in range(2)]
    assert answers == [201, 200]


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
@pytest.mark.parametrize(
    "criteria",
    ["", "_count=1", "identifier=", "_sort=_id", "_include=Patient:organization", "_format=json", "_summary=true"],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_criteria_that_restrict_nothing_are_refused(loaded: Gateway, method: str, criteria: str) -> None:
    body = {"POST": numbered("none"), "PUT": numbered("none"), "PATCH": replacing("Patient.gender", "male")}.get(method)
    headers = {"If-None-Exist": criteria} if method == "POST" else {}
    url = "/Patient" if method == "POST" else f"/Patient?{criteria}"
    answer = loaded.client.request(method, url, json=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert key(answer) == "FD-CRITERIA"


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_criteria_that_are_unknown_are_refused_even_leniently(loaded: Gateway, method: str) -> None:
    body = {"POST": numbered("none"), "PUT": numbered("none"), "PATCH": replacing("Patient.gender", "male")}.get(method)
    headers = {"Prefer": "handling=lenient"} | ({"If-None-Exist": "nonsense=1"} if method == "POST" else {})
    url = "/Patient" if method == "POST" else "/Patient?nonsense=1"
    assert loaded.client.request(method, url, json=body, headers=headers).status_code == 400


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_several_that_match_are_412(loaded: Gateway, method: str) -> None:
    body = {"POST": numbered("twin"), "PUT": numbered("twin"), "PATCH": replacing("Patient.gender", "male")}.get(method)
    headers = {"If-None-Exist": "identifier=urn:c|twin"} if method == "POST" else {}
    url = "/Patient" if method == "POST" else "/Patient?identifier=urn:c|twin"
    answer = loaded.client.request(method, url, json=body, headers=headers)
    assert (answer.status_code, key(answer)) == (412, "FD-SEVERAL")
    assert sorted(ids(loaded, "Patient?identifier=twin")) == ["twin0", "twin1"]


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_an_update_creates_updates_and_keeps(loaded: Gateway) -> None:
    url = "/Patient?identifier=urn:c|u1"
    made = loaded.client.put(url, json=numbered("u1"))
    own = made.json()["id"]
    changed = loaded.client.put(url, json=numbered("u1", active=True))
    same = loaded.client.put(url, json=numbered("u1", active=True, id=own))
    assert [one.status_code for one in (made, changed, same)] == [201, 200, 200]
    assert {one.json()["id"] for one in (made, changed, same)} == {own}
    assert [one.json()["meta"]["versionId"] for one in (made, changed, same)] == ["1", "2", "2"]
    other = loaded.client.put(url, json=numbered("u1", id="another"))
    assert other.status_code == 400


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_an_update_that_matches_nothing_takes_the_id_of_the_client(loaded: Gateway) -> None:
    made = loaded.client.put("/Patient?identifier=urn:c|u2", json=numbered("u2", id="chosen"))
    assert (made.status_code, made.json()["id"]) == (201, "chosen")


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_a_conditional_update_minds_the_version(loaded: Gateway) -> None:
    url = "/Patient?identifier=urn:c|u3"
    loaded.client.put(url, json=numbered("u3"))
    stale = loaded.client.put(url, json=numbered("u3", active=True), headers={"If-Match": 'W/"7"'})
    assert stale.status_code == 412
    good = loaded.client.put(url, json=numbered("u3", active=True), headers={"If-Match": 'W/"1"'})
    assert good.status_code == 200


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_a_delete_takes_the_one_that_matches(loaded: Gateway) -> None:
    store(loaded, patient("d1", identifier=[{"system": "urn:c", "value": "d1"}]))
    assert loaded.client.delete("/Patient?identifier=urn:c|d1").status_code == 204
    assert loaded.client.get("/Patient/d1").status_code == 410
    assert loaded.client.delete("/Patient?identifier=urn:c|d1").status_code in {204, 404}


@pytest.fixture(scope="module")
def generous(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A second server on the same data, where a delete may delete several."""
    os.environ["FDGW_MULTIPLE_DELETE"] = "true"
    try:
        with serving(database_url, tmp_path_factory.mktemp("generous")) as running, running.client:
            yield running
    finally:
        del os.environ["FDGW_MULTIPLE_DELETE"]


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_several_are_deleted_where_the_site_allows_it(loaded: Gateway, generous: Gateway) -> None:
    store(loaded, *(patient(f"m{number}", identifier=[{"system": "urn:c", "value": "m"}]) for number in range(3)))
    assert generous.client.delete("/Patient?identifier=").status_code == 400
    assert generous.client.delete("/Patient?_count=2").status_code == 400
    assert generous.client.delete("/Patient?name=%20").status_code in {204, 400}
    assert len(ids(loaded, "Patient?identifier=m")) == 3
    assert generous.client.delete("/Patient?identifier=urn:c|m").status_code == 204
    assert ids(loaded, "Patient?identifier=m") == []
    assert generous.client.put("/Patient?identifier=twin", json=numbered("twin")).status_code == 412


@pytest.mark.feature("Interactions", "conditional create, update, patch, delete")
def test_several_are_deleted_in_a_transaction_too(loaded: Gateway, generous: Gateway) -> None:
    store(loaded, *(patient(f"t{number}", identifier=[{"system": "urn:c", "value": "t"}]) for number in range(3)))
    entry = {"request": {"method": "DELETE", "url": "Patient?identifier=urn:c|t"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert loaded.client.post("", json=bundle).status_code == 412
    assert generous.client.post("", json=bundle).status_code == 200
    assert ids(loaded, "Patient?identifier=t") == []

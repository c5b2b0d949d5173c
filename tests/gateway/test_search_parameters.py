"""Search parameters of one's own: refused where they cannot work, indexed behind the answers, then searched by."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from profiles.json import Resource
from tests.conftest import Gateway, serving
from tests.gateway.waiting import until

pytestmark = pytest.mark.feature("Search", "custom SearchParameters")

BASE = "https://example.org/SearchParameter"


def parameter(code: str, **changes: Any) -> Resource:
    """`Patient?<code>`: the marital status."""
    return {
        "resourceType": "SearchParameter",
        "url": f"{BASE}/{code}",
        "name": "Custom",
        "description": "as needed",
        "status": "active",
        "code": code,
        "base": ["Patient"],
        "type": "token",
        "expression": "Patient.maritalStatus",
        **changes,
    }


def patient(status: str = "M", **more: Any) -> Resource:
    return {"resourceType": "Patient", "maritalStatus": {"coding": [{"code": status}]}, **more}


def define(gateway: Gateway, code: str, **changes: Any) -> Resource:
    made = gateway.client.post("/SearchParameter", json=parameter(code, **changes))
    assert made.status_code == 201, made.text
    resource: Resource = made.json()
    return resource


def ids(gateway: Gateway, query: str) -> set[str]:
    found = gateway.client.get(query)
    assert found.status_code == 200, found.text
    return {entry["resource"]["id"] for entry in found.json().get("entry", ())}


def is_ready(gateway: Gateway, query: str) -> bool:
    return gateway.client.get(query).status_code == 200


def create(gateway: Gateway, resource: Resource) -> str:
    made = gateway.client.post(f"/{resource['resourceType']}", json=resource)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def said(response: Any) -> dict[str, Any]:
    issue: dict[str, Any] = response.json()["issue"][0]
    return issue


def test_what_was_stored_before_is_found_when_the_index_is_made(gateway: Gateway) -> None:
    before = create(gateway, patient("S"))
    define(gateway, "marital")
    refused = gateway.client.get("/Patient?marital=S")
    assert refused.status_code == 400
    assert said(refused)["details"]["coding"][0]["code"] == "FD-SEARCH-BACKFILL"
    assert "0 of 1 resources" in said(refused)["diagnostics"]
    during = create(gateway, patient("S"))
    until(lambda: is_ready(gateway, "/Patient?marital=S"))
    after = create(gateway, patient("S"))
    assert ids(gateway, "/Patient?marital=S") == {before, during, after}
    assert ids(gateway, "/Patient?marital=M") == set()


def test_it_follows_what_changes(gateway: Gateway) -> None:
    own = create(gateway, patient("W"))
    define(gateway, "widowed")
    gateway.client.put(f"/Patient/{own}", json={**patient("D"), "id": own})
    until(lambda: is_ready(gateway, "/Patient?widowed=D"))
    assert (ids(gateway, "/Patient?widowed=W"), ids(gateway, "/Patient?widowed=D")) == (set(), {own})
    gateway.client.put(f"/Patient/{own}", json={**patient("W"), "id": own})
    assert (ids(gateway, "/Patient?widowed=W"), ids(gateway, "/Patient?widowed=D")) == ({own}, set())


def test_a_retired_one_is_unknown_and_what_it_referred_to_can_be_deleted(gateway: Gateway) -> None:
    home = create(gateway, {"resourceType": "Organization", "name": "某某医院"})
    expression = "Patient.extension.where(url = 'urn:home').value.as(Reference)"
    made = define(gateway, "home", type="reference", expression=expression, target=["Organization"])
    until(lambda: is_ready(gateway, f"/Patient?home={home}"))
    extension = [{"url": "urn:home", "valueReference": {"reference": f"Organization/{home}"}}]
    own = create(gateway, patient(extension=extension))
    assert ids(gateway, f"/Patient?home=Organization/{home}") == {own}
    assert ids(gateway, f"/Patient?_id={own}&_include=Patient:home") == {own, home}
    assert gateway.client.delete(f"/Organization/{home}").status_code == 409
    retired = gateway.client.put(f"/SearchParameter/{made['id']}", json={**made, "status": "retired"})
    assert retired.status_code == 200
    assert said(gateway.client.get(f"/Patient?home={home}"))["details"]["coding"][0]["code"] == "FD-SEARCH-UNKNOWN"
    gateway.client.put(f"/Patient/{own}", json={**patient(), "id": own})
    until(lambda: gateway.client.delete(f"/Organization/{home}").status_code == 204)


def test_one_that_was_away_and_comes_back_is_indexed_anew(gateway: Gateway) -> None:
    own = create(gateway, patient("A"))
    made = define(gateway, "again")
    until(lambda: is_ready(gateway, "/Patient?again=A"))
    gateway.client.delete(f"/SearchParameter/{made['id']}")
    assert gateway.client.get("/Patient?again=A").status_code == 400
    gateway.client.put(f"/Patient/{own}", json={**patient("P"), "id": own})
    define(gateway, "again")
    until(lambda: is_ready(gateway, "/Patient?again=A"))
    assert (ids(gateway, "/Patient?again=A"), ids(gateway, "/Patient?again=P")) == (set(), {own})


def test_a_new_version_that_says_the_same_is_not_indexed_again(gateway: Gateway) -> None:
    made = define(gateway, "same")
    until(lambda: is_ready(gateway, "/Patient?same=M"))
    gateway.client.put(f"/SearchParameter/{made['id']}", json={**made, "description": "other words"})
    assert is_ready(gateway, "/Patient?same=M")
    gateway.client.put(f"/SearchParameter/{made['id']}", json={**made, "expression": "Patient.gender"})
    assert said(gateway.client.get("/Patient?same=M"))["details"]["coding"][0]["code"] == "FD-SEARCH-BACKFILL"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"expression": "Patient.nothing"}, "expression"),
        ({"expression": "Patient.name.iif(true)"}, "expression"),
        ({"expression": ""}, "expression"),
        ({"base": ["Patient", "Person", "Animal"]}, "base[2]"),
        ({"type": "special"}, "type"),
        ({"code": "a:b"}, "code"),
        ({"type": "composite", "expression": "Patient"}, "component"),
        (
            {
                "type": "composite",
                "expression": "Patient",
                "component": [{"definition": f"{BASE}/unknown", "expression": "gender"}] * 2,
            },
            "component[0].definition",
        ),
    ],
)
def test_what_cannot_be_indexed_is_refused_with_its_place(
    gateway: Gateway, changes: dict[str, Any], place: str
) -> None:
    body = {name: value for name, value in {**parameter("bad"), **changes}.items() if value != ""}
    refused = gateway.client.post("/SearchParameter", json=body)
    assert refused.status_code == 422, refused.text
    assert said(refused)["expression"] == [f"SearchParameter.{place}"]


def test_a_draft_of_one_that_cannot_be_indexed_is_only_kept(gateway: Gateway) -> None:
    define(gateway, "draft", status="draft", expression="Patient.name.iif(true)")
    assert gateway.client.get("/Patient?draft=1").status_code == 400


def test_what_r4_has_already_is_only_kept(gateway: Gateway) -> None:
    own = create(gateway, patient(gender="female"))
    define(gateway, "gender", expression="Patient.maritalStatus")
    assert own in ids(gateway, "/Patient?gender=female")


def test_a_code_of_a_type_is_defined_once(gateway: Gateway) -> None:
    define(gateway, "once")
    twice = gateway.client.post("/SearchParameter", json=parameter("once", url=f"{BASE}/other"))
    assert twice.status_code == 409
    assert said(twice)["code"] == "duplicate"


def test_one_for_every_type_is_found_on_each(gateway: Gateway) -> None:
    mark: dict[str, Any] = {"extension": [{"url": "urn:mark", "valueCode": "x"}]}
    made = {create(gateway, patient(**mark)), create(gateway, {"resourceType": "Organization", "name": "某", **mark})}
    define(gateway, "mark", base=["DomainResource"], expression="DomainResource.extension.where(url='urn:mark').value")
    until(lambda: is_ready(gateway, "/Patient?mark=x"))
    assert ids(gateway, "/Patient?mark=x") | ids(gateway, "/Organization?mark=x") == made


def test_values_of_another_kind_than_the_parameter_are_passed_over(gateway: Gateway) -> None:
    for kind in ("number", "quantity", "date", "string", "uri", "reference", "token"):
        define(gateway, f"odd-{kind}", type=kind, expression="Patient.name | Patient.birthDate | Patient.deceased")
    create(gateway, patient(name=[{"text": "测试"}], birthDate="1950-01-01", deceasedBoolean=False))
    until(lambda: is_ready(gateway, "/Patient?odd-token=x"))


def test_other_processes_learn_of_it(gateway: Gateway, database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as other:
        define(gateway, "shared")
        until(lambda: is_ready(other, "/Patient?shared=Q"))
        until(lambda: is_ready(gateway, "/Patient?shared=Q"))
        own = create(other, patient("Q"))
        assert ids(gateway, "/Patient?shared=Q") == {own}
        other.client.close()


def test_a_job_that_was_left_halfway_is_resumed_after_a_restart(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as first:
        own = [create(first, patient("L")) for _ in range(3)]
        define(first, "left")
        first.client.close()
    with psycopg.connect(database_url) as connection:
        left = "SELECT id FROM job WHERE about LIKE '%%/left%%' AND kind = %s AND state = %s"
        assert connection.execute(left, ["search-parameter", "running"]).fetchall()
    with serving(database_url, tmp_path) as second:
        assert second.client.get("/Patient?left=L").status_code == 400
        until(lambda: is_ready(second, "/Patient?left=L"))
        assert ids(second, "/Patient?left=L") == set(own)
        second.client.close()


def test_while_it_is_made_people_write_and_nothing_is_lost(gateway: Gateway) -> None:
    """Changes that meet the job at any moment leave the index as the resources are."""
    own = [create(gateway, patient("0")) for _ in range(20)]
    define(gateway, "busy")
    number = 0
    while not is_ready(gateway, "/Patient?busy=0"):
        number += 1
        for one in own:
            body = {**patient(str(number % 3)), "id": one, "birthDate": f"19{number % 90 + 10}-01-01"}
            assert gateway.client.put(f"/Patient/{one}", json=body).status_code == 200
    found = [ids(gateway, f"/Patient?busy={value}&_count=100") & set(own) for value in range(3)]
    assert found[number % 3] == set(own)
    assert not any(found[value] for value in range(3) if value != number % 3)

"""$everything of a patient and of an encounter. https://hl7.org/fhir/R4/patient-operation-everything.html"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.settings import development_tokens
from tests.conftest import Gateway, serving
from tests.gateway.clinic import clinic
from tests.gateway.wards import parameters, refused

pytestmark = pytest.mark.feature("Operations", "$everything")

Resource = dict[str, Any]


SCOPES = {
    "one": {"scope": "patient/*.rs", "patient": "Patient/one"},
    "observer": {"scope": "system/Patient.rs system/Observation.rs"},
}


@pytest.fixture(scope="module")
def gateway(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    tokens = development_tokens(folder) | {name: {"token": f"token-of-{name}", **said} for name, said in SCOPES.items()}
    (folder / "tokens.json").write_text(json.dumps(tokens))
    with serving(database_url, folder) as running, running.client:
        yield running


@pytest.fixture(scope="module")
def stored(gateway: Gateway) -> Gateway:
    for resource in clinic():
        answer = gateway.client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource)
        assert answer.status_code == 201, answer.text
    return gateway


def page(answer: httpx.Response) -> Resource:
    assert answer.status_code == 200, answer.text
    found: Resource = answer.json()
    assert (found["resourceType"], found["type"]) == ("Bundle", "searchset")
    return found


def names(bundle: Resource, mode: str | None = None) -> list[str]:
    entries = [one for one in bundle.get("entry", ()) if mode in {None, one["search"]["mode"]}]
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in entries]


def pages(gateway: Gateway, url: str) -> Iterator[Resource]:
    following: str | None = f"{gateway.base}{url}"
    while following:
        found = page(gateway.client.get(following))
        yield found
        following = next((link["url"] for link in found["link"] if link["relation"] == "next"), None)


OWN = {
    "Patient/one",
    "EpisodeOfCare/episode",
    "Encounter/stay",
    *(f"Observation/{own}" for own in ("january", "march", "undated", "child")),
}
WHO = {"Organization/city", "Organization/centre", "Practitioner/doctor", "PractitionerRole/role", "CareTeam/team"}


def test_the_record_is_the_compartment_and_who_it_names_and_nothing_of_others(stored: Gateway):
    for answer in (
        stored.client.get("/Patient/one/$everything"),
        stored.client.post("/Patient/one/$everything", json=parameters({"name": "_count", "valueInteger": 100})),
        stored.client.post("/Patient/one/$everything"),
    ):
        found = page(answer)
        assert set(names(found, "match")) == OWN
        assert set(names(found, "include")) == WHO


def test_the_record_is_in_the_order_of_its_dates(stored: Gateway):
    found = names(page(stored.client.get("/Patient/one/$everything?_type=Observation,Encounter")))
    assert found[1:] == ["Encounter/stay", "Observation/january", "Observation/march", "Observation/child"]


def test_the_pages_are_the_record(stored: Gateway):
    found = list(pages(stored, "/Patient/one/$everything?_count=2"))
    assert [len(names(one, "match")) for one in found] == [2, 2, 2, 1]
    assert sorted(one for each in found for one in names(each, "match")) == sorted(OWN)
    assert {one for each in found for one in names(each, "include")} == WHO
    assert all("/Patient/one/$everything?_cursor=" in one["link"][1]["url"] for one in found[:-1])


def test_a_page_link_is_good_for_its_own_record_only(stored: Gateway):
    first = page(stored.client.get("/Patient/one/$everything?_count=2"))
    moved = first["link"][1]["url"].replace("/Patient/one/", "/Patient/two/")
    refused(stored.client.get(moved), 400, "invalid")
    refused(stored.client.get(moved.replace("/$everything", "/Observation")), 400, "invalid")


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        ("start=2026-02-01", {"EpisodeOfCare/episode", "Observation/january"}),
        ("end=2026-01-30", {"Observation/january", "Observation/march", "Observation/child"}),
        ("start=2026-02-03&end=2026-02-28", OWN - {"Patient/one", "Observation/undated"}),
        ("start=2026-01", {"EpisodeOfCare/episode"}),
    ],
)
def test_dates_are_of_care_and_what_has_none_stays(stored: Gateway, asked: str, gone: set[str]):
    assert set(names(page(stored.client.get(f"/Patient/one/$everything?{asked}")), "match")) == OWN - gone


def test_types_are_of_all_that_is_shown(stored: Gateway):
    for asked, expected in (
        ("_type=Patient", {"Patient/one"}),
        ("_type=Patient,Encounter", {"Patient/one", "Encounter/stay"}),
        ("_type=Patient&_type=Encounter", {"Patient/one", "Encounter/stay"}),
        ("_type=Organization", {"Organization/centre", "Organization/city"}),
        ("_type=Patient,CareTeam", {"Patient/one", "CareTeam/team"}),
    ):
        assert set(names(page(stored.client.get(f"/Patient/one/$everything?{asked}")))) == expected


def test_since_is_when_it_was_stored(stored: Gateway):
    moment = stored.client.get("/Observation/child").json()["meta"]["lastUpdated"]
    for written in (moment, moment.replace("+", "%2B")):
        answer = stored.client.get(f"/Patient/one/$everything?_since={written}")
        assert names(page(answer)) == ["Observation/child"]


def test_elements_and_summary_shape_it(stored: Gateway):
    found = page(stored.client.get("/Patient/one/$everything?_elements=id&_count=3"))
    assert all("subject" not in one["resource"] for one in found["entry"] if one["search"]["mode"] == "match")
    following = page(stored.client.get(found["link"][1]["url"]))
    assert all("subject" not in one["resource"] for one in following["entry"] if one["search"]["mode"] == "match")


def test_an_encounter_has_its_patient_and_episode(stored: Gateway):
    found = page(stored.client.get("/Encounter/stay/$everything"))
    assert set(names(found, "match")) == {"Encounter/stay", "Observation/january"}
    assert set(names(found, "include")) == WHO | {"Patient/one", "EpisodeOfCare/episode"}


def test_operations_are_entries_of_a_batch(stored: Gateway):
    asked = [{"request": {"method": "GET", "url": f"Patient/{own}/$everything?_type=Patient"}} for own in ("one", "no")]
    body = {"resourceType": "Bundle", "type": "batch", "entry": asked}
    done, failed = stored.client.post("", json=body).json()["entry"]
    assert names(done["resource"]) == ["Patient/one"]
    assert failed["response"]["status"] == "404"


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/Patient/nobody/$everything", 404, "not-found"),
        ("/Patient/$everything", 400, "not-supported"),
        ("/Patient/one/$everything?_offset=1", 400, "not-supported"),
        ("/Patient/one/$everything?start=never", 400, "invalid"),
        ("/Patient/one/$everything?_since=2026", 400, "invalid"),
        ("/Patient/one/$everything?_type=Patent", 404, "not-found"),
        ("/Patient/one/$everything?_count=-1", 400, "invalid"),
        ("/Patient/one/$everything?_cuont=1", 400, "invalid"),
        ("/Patient/one/$everything?_cursor=x", 400, "invalid"),
        ("/Encounter/stay/$everything?start=2026", 400, "invalid"),
        ("/Group/one/$everything", 404, "not-found"),
    ],
)
def test_everything_says_what_is_wrong(stored: Gateway, url: str, status: int, code: str):
    refused(stored.client.get(url), status, code)


def test_whoever_may_see_one_patient_sees_that_one_only(stored: Gateway):
    with stored.client_for("one") as client:
        assert set(names(page(client.get("/Patient/one/$everything")))) == OWN
        refused(client.get("/Patient/two/$everything"), 404, "not-found")
    with stored.client_for("observer") as client:
        found = names(page(client.get("/Patient/one/$everything")))
        assert set(found) == {one for one in OWN if one.startswith(("Patient", "Observation"))}
        refused(client.get("/Patient/one/$everything?_type=Encounter"), 403, "forbidden")
    with stored.client_for("adapter") as client:
        refused(client.get("/Patient/one/$everything"), 403, "forbidden")

"""What resources are held to when written: our profiles by content, those that are claimed, those installed."""

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest

from profiles import invalid_examples, json
from profiles.canonical import concept, structure
from profiles.guide import contents
from tests.conftest import Gateway, serving
from tests.gateway.district import Resource, contract, resident, staff, wait_for, write

pytestmark = pytest.mark.feature("Operations", "profiles, enforced and installed")

HL7 = "http://hl7.org/fhir/StructureDefinition/"


def codes(answer: Any) -> list[str]:
    return [one["details"]["coding"][0]["code"] for one in answer.json().get("issue", ())]


def profile(url: str, **element: Any) -> Resource:
    """A profile on Basic that says one thing of its code."""
    return {
        "resourceType": "StructureDefinition",
        "id": url.rpartition("/")[2],
        "url": url,
        "name": "Profile",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": "Basic",
        "baseDefinition": f"{HL7}Basic",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Basic.code.text", "path": "Basic.code.text", **element}]},
    }


def basic(own: str, text: str | None = None, *claimed: str) -> Resource:
    said = {"text": text} if text else {"coding": [{"code": "x"}]}
    return {"resourceType": "Basic", "id": own, "code": said, **({"meta": {"profile": [*claimed]}} if claimed else {})}


def test_a_profile_holds_by_what_a_resource_says_whatever_it_claims(gateway: Gateway):
    write(gateway, *staff(), resident("held", 801))
    incomplete = {name: said for name, said in contract("held", "held").items() if name != "careManager"}
    for claim in ({}, {"profile": [structure("fd-contract")]}, {"profile": [HL7 + "EpisodeOfCare"]}):
        answer = gateway.client.put("/EpisodeOfCare/held", json={**incomplete, **({"meta": claim} if claim else {})})
        assert (answer.status_code, codes(answer)) == (422, ["FD-REQUIRED"])
    plain = {**incomplete, "type": [{"text": "something else"}]}
    assert gateway.client.put("/EpisodeOfCare/plain", json={**plain, "id": "plain"}).status_code == 201


@pytest.mark.parametrize("handling", ["lenient", "strict"])
def test_lenient_handling_weakens_no_rule(gateway: Gateway, handling: str):
    wrong = json.dumps({**resident("lenient", 802), "gender": "bogus", "birthDate": "1949-01-01"})
    answer = gateway.client.put("/Patient/lenient", content=wrong, headers={"Prefer": f"handling={handling}"})
    assert answer.status_code == 422
    nameless = {name: said for name, said in resident("lenient", 802).items() if name != "name"}
    answer = gateway.client.put("/Patient/lenient", json=nameless, headers={"Prefer": f"handling={handling}"})
    assert (answer.status_code, codes(answer)) == (422, ["FD-REQUIRED"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("990101194901010010", "check"),
        ("11010119491301001X", "date"),
        ("110101490101001", "15"),
        ("990101****0010", ""),
    ],
)
def test_a_wrong_identity_number_is_told_without_repeating_it(gateway: Gateway, number: str, words: str):
    person = resident("numbered", 803)
    person["identifier"][0]["value"] = number
    answer = gateway.client.put("/Patient/numbered", json=person)
    assert answer.status_code == 422
    assert "FD-IDENTIFIER-RESIDENT" in codes(answer)
    assert number not in answer.text
    assert words in answer.json()["issue"][0]["diagnostics"]


def test_errors_are_in_both_languages_with_their_place(gateway: Gateway):
    answer = gateway.client.put("/Organization/x", json={"resourceType": "Organization", "id": "x", "active": True})
    [issue] = answer.json()["issue"]
    assert issue["details"]["coding"][0]["code"] == "org-1"
    assert issue["expression"] == ["Organization"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in issue["details"]["text"])
    assert "name" in issue["diagnostics"]


def test_a_code_without_its_system_is_no_code_of_a_required_set(gateway: Gateway):
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "category": [concept("flag-category", "key-population")],
        "code": {"coding": [{"code": "elderly"}]},
        "subject": {"display": "示例"},
        "period": {"start": "2026-01-01"},
    }
    answer = gateway.client.post("/Flag", json=flag)
    assert (answer.status_code, codes(answer)) == (422, ["FD-BINDING"])


# What is stored


def test_a_stored_profile_holds_for_those_that_claim_it(gateway: Gateway):
    url = "https://example.org/StructureDefinition/short-text"
    wanted = basic("claims", "too long", url)
    assert gateway.client.put("/Basic/claims", json=wanted).status_code == 201, "nobody knows it yet"
    assert gateway.client.put("/StructureDefinition/short-text", json=profile(url, maxLength=4)).status_code == 201
    refused = gateway.client.put("/Basic/claims", json={**wanted, "created": "2026-01-01"})
    assert (refused.status_code, codes(refused)) == (422, ["FD-LENGTH"])
    assert gateway.client.put("/Basic/free", json=basic("free", "too long")).status_code == 201
    relaxed = profile(url, maxLength=40)
    assert gateway.client.put("/StructureDefinition/short-text", json=relaxed).status_code == 200
    assert gateway.client.put("/Basic/claims", json={**wanted, "created": "2026-01-01"}).status_code == 200
    gateway.client.delete("/StructureDefinition/short-text").raise_for_status()


def test_another_process_learns_of_it_within_a_round(gateway: Gateway, tmp_path: Path):
    url = "https://example.org/StructureDefinition/shared"
    with serving(gateway.database_url, tmp_path) as other:
        assert gateway.client.put("/StructureDefinition/shared", json=profile(url, maxLength=4)).status_code == 201
        numbers = itertools.count()

        def refuses() -> bool:
            own = f"told-{next(numbers)}"
            return other.client.put(f"/Basic/{own}", json=basic(own, "too long", url)).status_code == 422

        wait_for(refuses)
        other.client.close()


def test_what_the_package_defines_is_not_redefined_by_storing_it(gateway: Gateway):
    ours = next(one for one in contents.resources() if one["id"] == "fd-resident")
    hollow = copy.deepcopy(ours) | {"differential": {"element": [{"id": "Patient", "path": "Patient"}]}}
    del hollow["snapshot"]
    assert gateway.client.put("/StructureDefinition/fd-resident", json=hollow).status_code == 201
    nameless = {name: said for name, said in resident("hollow", 804).items() if name != "name"}
    assert gateway.client.put("/Patient/hollow", json=nameless).status_code == 422


def test_stored_terminology_counts_in_bindings_and_in_searches(gateway: Gateway):
    system = {
        "resourceType": "CodeSystem",
        "id": "fruit",
        "url": "https://example.org/CodeSystem/fruit",
        "status": "active",
        "content": "complete",
        "concept": [{"code": "pome", "concept": [{"code": "apple"}]}, {"code": "berry"}],
    }
    include = {"system": system["url"], "filter": [{"property": "concept", "op": "is-a", "value": "pome"}]}
    values = {
        "resourceType": "ValueSet",
        "id": "pomes",
        "url": "https://example.org/ValueSet/pomes",
        "status": "active",
        "compose": {"include": [include]},
    }
    url = "https://example.org/StructureDefinition/pome"
    bound = profile(url, binding={"strength": "required", "valueSet": values["url"]})
    bound["differential"]["element"][0] |= {"id": "Basic.code", "path": "Basic.code"}
    write(gateway, system, values, bound)

    def coded(own: str, code: str) -> Resource:
        concept = {"coding": [{"system": system["url"], "code": code}]}
        return basic(own, None, url) | {"code": concept}

    assert gateway.client.put("/Basic/apple", json=coded("apple", "apple")).status_code == 201
    berry = gateway.client.put("/Basic/berry", json=coded("berry", "berry"))
    assert (berry.status_code, codes(berry)) == (422, ["FD-BINDING"])
    for query in (f"code:in={values['url']}", f"code:below={system['url']}|pome", f"code:above={system['url']}|apple"):
        found = gateway.client.get(f"/Basic?{query}").json()
        assert [one["resource"]["id"] for one in found.get("entry", ())] == ["apple"], query


def test_the_capability_statement_says_which_profiles_hold(gateway: Gateway):
    statement = gateway.client.get("/metadata").json()
    said = {one["type"]: one.get("supportedProfile", []) for one in statement["rest"][0]["resource"]}
    assert structure("fd-contract") in said["EpisodeOfCare"]
    assert sum(map(len, said.values())) >= 46


@pytest.mark.parametrize("name", ["fd-contract", "fd-referral", "fd-health-assessment", "fd-careteam"])
def test_what_the_guide_shows_as_wrong_is_refused(gateway: Gateway, name: str):
    for case in invalid_examples.cases(name):
        if any(one.severity == "error" for one in case.expect):
            kind = case.resource["resourceType"]
            answer = gateway.client.post(f"/{kind}/$validate", json=case.resource)
            found = {(one["details"]["coding"][0]["code"], *one["expression"]) for one in answer.json()["issue"]}
            assert {(one.key, one.expression) for one in case.expect} <= found, case.name
            bare = {member: said for member, said in case.resource.items() if member != "meta"}
            assert gateway.client.post(f"/{kind}", json=bare).status_code in {400, 422}, case.name

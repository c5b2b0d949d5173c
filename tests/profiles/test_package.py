"""The canonical resources that we publish: complete, bilingual, valid, and no second copy of what R4 has."""

import pytest
from fhir.resources.R4B import get_fhir_model_class

from profiles import definitions, json, package, validator
from profiles.canonical import BASE, code_system

ALL = [resource for kind in package.KINDS for resource in package.resources(kind)]
CODE_SYSTEMS = package.resources("code-systems")


def identity(resource: json.Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize("resource", ALL, ids=identity)
def test_every_resource_is_valid(resource: json.Resource) -> None:
    assert validator.check(resource) == []
    get_fhir_model_class(resource["resourceType"]).model_validate_json(json.dumps(resource))


@pytest.mark.parametrize("resource", ALL, ids=identity)
def test_every_resource_is_known_by_its_canonical(resource: json.Resource) -> None:
    assert resource["url"] == f"{BASE}/{identity(resource)}"
    assert resource["version"]
    assert resource["status"] == "active"


@pytest.mark.parametrize("system", CODE_SYSTEMS, ids=identity)
def test_every_code_has_a_chinese_and_an_english_name(system: json.Resource) -> None:
    assert (system["content"], system["count"]) == ("complete", len(system["concept"]))
    assert len({concept["code"] for concept in system["concept"]}) == len(system["concept"])
    for concept in system["concept"]:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in concept["display"])
        assert [one["language"] for one in concept["designation"]] == ["en"]
        assert concept["designation"][0]["value"].isascii()


def test_every_event_has_a_message_definition() -> None:
    [events] = [system for system in CODE_SYSTEMS if system["id"] == "message-event"]
    defined = {one["eventCoding"]["code"]: one["eventCoding"] for one in package.resources("message-definitions")}
    assert set(defined) == {concept["code"] for concept in events["concept"]}
    assert {one["system"] for one in defined.values()} == {code_system("message-event")}


@pytest.mark.parametrize("parameter", package.resources("search-parameters"), ids=identity)
def test_no_search_parameter_repeats_one_of_r4(parameter: json.Resource) -> None:
    [base] = parameter["base"]
    assert parameter["code"] not in definitions.search_parameters(base)
    assert parameter["expression"].startswith(f"{base}.")


def test_what_a_caller_changes_stays_with_it() -> None:
    package.resources("code-systems")[0]["status"] = "retired"
    assert package.resources("code-systems")[0]["status"] == "active"


@pytest.mark.req("NA-2.1b")
def test_the_ten_national_key_populations() -> None:
    [system] = [one for one in CODE_SYSTEMS if one["id"] == "key-population"]
    national = [concept["code"] for concept in system["concept"] if concept["definition"] == "NA-2.1b"]
    assert len(national) == 10

"""Extensions, identifier systems, operations, messages, search parameters and capabilities that the guide defines."""

import pytest

from profiles import canonical, definitions, invalid_examples, json, package, validation
from profiles.canonical import BASE, code_system, naming_system, structure
from profiles.invalid_examples import Case
from profiles.structures import shipped as structures
from profiles.terminology import shipped
from tests.profiles.test_artefacts import english, identity, is_chinese, nodes

EXTENSIONS = [one for one in package.resources("structure-definitions") if one["type"] == "Extension"]
OF_THE_MODEL = {
    "contract-sign-channel",
    "contract-renewal-mode",
    "governing-policy",
    "cross-region",
    "supplements",
    "practitioner-introduction",
    "panel-capacity",
    "document-digest",
    "three-priorities",
    "lock-expiry",
    "member-change-type",
    "list-status",
}
"""fhir-model.md §6.3."""
INVALID = [case for one in EXTENSIONS for case in invalid_examples.cases(one["id"])]
NAMING_SYSTEMS = package.resources("naming-systems")
OPERATIONS = package.resources("operation-definitions")
SERVED = {"diff", "reindex"}
"""By the gateway as it is; the others are its plan."""
STATEMENTS = package.resources("capability-statements")
PARAMETERS = {one["url"]: one for one in package.resources("search-parameters")}
NATIONAL = [
    value for name, value in vars(canonical).items() if name.endswith(("_NO", "_ID", "_CODE")) and "urn:oid:" in value
]


# Extensions


def test_there_are_the_twelve_of_the_model_and_two_of_our_own() -> None:
    assert {one["id"] for one in EXTENSIONS} == OF_THE_MODEL | {"implied-by", "site-time-zone"}


@pytest.mark.parametrize("extension", EXTENSIONS, ids=identity)
def test_every_extension_says_where_it_may_stand_and_what_it_holds(extension: json.Resource) -> None:
    for context in extension["context"]:
        path = context["expression"]
        assert path.partition(".")[0] in definitions.resource_types() or path == "Attachment"
    snapshot = structures().snapshot(extension["url"])
    [url] = [one for one in snapshot if one["path"] == "Extension.url"]
    assert url["fixedUri"] == extension["url"]
    [value] = [one for one in snapshot if one["path"] == "Extension.value[x]"]
    [inner] = [one for one in snapshot if one["id"] == "Extension.extension"]
    assert (value["max"], inner["max"]) in {("1", "0"), ("0", "*")}
    assert value["max"] == "0" or (value["min"], len(value["type"])) == (1, 1)


@pytest.mark.parametrize("case", INVALID, ids=lambda case: f"{case.profile}-{case.name}")
def test_in_an_invalid_extension_is_found_what_its_file_says_and_no_other_error(case: Case) -> None:
    found = [(one.key, one.expression) for one in validation.shipped().check(case.resource) if one.severity == "error"]
    assert sorted(found) == sorted((one.key, one.expression) for one in case.expect)


def test_the_coded_and_the_complex_extensions_have_invalid_examples() -> None:
    bound = {one["id"] for one in EXTENSIONS if any("binding" in node for node in nodes(one))}
    assert bound <= {case.profile for case in INVALID}


# Identifier systems


@pytest.mark.parametrize("found", NAMING_SYSTEMS, ids=identity)
def test_every_identifier_system_says_whose_it_is_and_its_form(found: json.Resource) -> None:
    assert (found["kind"], bool(found["responsible"])) == ("identifier", True)
    assert is_chinese(found["usage"])
    assert english(found, "usage").isascii()
    [uri] = [one for one in found["uniqueId"] if one["type"] == "uri"]
    oids = [one["value"] for one in found["uniqueId"] if one["type"] == "oid" and one["preferred"]]
    assert uri["value"] == (f"urn:oid:{oids[0]}" if oids else naming_system(found["id"]))


def test_no_two_systems_share_an_identifier() -> None:
    values = [one["value"] for found in NAMING_SYSTEMS for one in found["uniqueId"]]
    assert len(set(values)) == len(values)


def test_every_national_identifier_of_the_programs_has_its_system() -> None:
    known = {one["value"] for found in NAMING_SYSTEMS for one in found["uniqueId"]}
    assert len(NATIONAL) >= 13
    assert set(NATIONAL) <= known
    assert {one.removeprefix("urn:oid:") for one in canonical.RESIDENT_ID_ALIASES} <= known


def test_every_identifier_system_of_ours_in_use_is_published() -> None:
    known = {one["id"] for one in NAMING_SYSTEMS}
    used = {
        str(one.get(name)).removeprefix(naming_system(""))
        for resource in package.resources("structure-definitions")
        for one in nodes(resource)
        for name in ("fixedUri", "patternUri", "system", "valueUri")
        if str(one.get(name)).startswith(naming_system(""))
    }
    assert used <= known


# Operations


@pytest.mark.parametrize("operation", OPERATIONS, ids=identity)
def test_every_operation_says_of_what_it_is_and_whether_it_is_to_come(operation: json.Resource) -> None:
    assert operation["experimental"] is (operation["code"] not in SERVED)
    of = [one.lower() for one in operation.get("resource", ())]
    levels = [operation[name] for name in ("system", "type", "instance")]
    assert any(levels)
    assert bool(of) == (operation["type"] or operation["instance"])
    assert operation["id"] in {operation["code"], *(f"{one}-{operation['code']}" for one in of)}


@pytest.mark.parametrize("operation", OPERATIONS, ids=identity)
def test_every_parameter_has_a_type_or_parts_and_known_targets(operation: json.Resource) -> None:
    for one in (node for node in nodes(operation["parameter"]) if "use" in node):
        assert ("type" in one) != ("part" in one)
        assert one["documentation"]
        assert ("searchType" not in one) or one["type"] == "string"
        for target in one.get("targetProfile", ()):
            assert one["type"] == "Reference"
            assert structures().definition(target) is not None, target
        if "binding" in one:
            assert shipped().value_set(one["binding"]["valueSet"]) is not None


def test_every_operation_that_changes_something_is_no_get() -> None:
    reading = {one["code"] for one in OPERATIONS if not one["affectsState"]}
    assert reading == {"contract-status", "find", "fd-panel-export", "bed-availability", "fd-policy", "diff"}


# Messages and search parameters


def test_every_event_has_a_message_definition() -> None:
    [events] = [one for one in package.resources("code-systems") if one["id"] == "message-event"]
    defined = {one["eventCoding"]["code"]: one["eventCoding"] for one in package.resources("message-definitions")}
    assert set(defined) == {concept["code"] for concept in events["concept"]}
    assert {one["system"] for one in defined.values()} == {code_system("message-event")}


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=identity)
def test_no_search_parameter_repeats_one_of_r4(parameter: json.Resource) -> None:
    [base] = parameter["base"]
    assert parameter["code"] not in definitions.search_parameters(base)
    assert parameter["expression"].startswith(f"{base}.")
    assert parameter["id"] == f"{base.lower()}-{parameter['code']}"


@pytest.mark.req("SH-1.0d")
def test_the_channel_is_searched_by_the_extension_that_holds_it() -> None:
    found = PARAMETERS[f"{BASE}/SearchParameter/episodeofcare-sign-channel"]
    assert structure("contract-sign-channel") in found["expression"]


# Capabilities


@pytest.mark.parametrize("statement", STATEMENTS, ids=identity)
def test_a_statement_asks_for_nothing_that_is_not_defined(statement: json.Resource) -> None:
    operations = {one["url"]: one["code"] for one in OPERATIONS}
    assert statement["kind"] == "requirements"
    for rest in statement["rest"]:
        assert len({one["type"] for one in rest["resource"]}) == len(rest["resource"])
        for operation in (one for holder in [rest, *rest["resource"]] for one in holder.get("operation", ())):
            assert operations[operation["definition"]] == operation["name"]
        for resource in rest["resource"]:
            for profile in resource.get("supportedProfile", ()):
                found = structures().definition(profile)
                assert found is not None, profile
                assert found["type"] == resource["type"]


@pytest.mark.parametrize("statement", STATEMENTS, ids=identity)
def test_a_statement_names_search_parameters_by_their_definitions(statement: json.Resource) -> None:
    for resource in (one for rest in statement["rest"] for one in rest["resource"]):
        for one in resource.get("searchParam", ()):
            ours = PARAMETERS.get(one["definition"])
            r4 = definitions.search_parameters(resource["type"]).get(one["name"])
            told = (ours["code"], ours["type"]) if ours else (r4 and r4.code, r4 and r4.type)
            assert told == (one["name"], one["type"])
            assert ours is not None or (r4 and r4.url) == one["definition"]


def test_the_gateway_supports_every_profile_and_every_operation() -> None:
    [gateway] = [one for one in STATEMENTS if one["id"] == "gateway-server"]
    told = json.dumps(gateway).decode()
    assert [one["code"] for one in OPERATIONS if one["url"] not in told] == []
    profiles = (one for one in package.resources("structure-definitions") if one["type"] != "Extension")
    assert [one["id"] for one in profiles if f'"{one["url"]}"' not in told] == []

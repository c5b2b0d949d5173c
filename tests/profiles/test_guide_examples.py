"""Every profile of the guide: bilingual, with valid examples in which nothing is wrong, and invalid ones in which what
their files say is found, and no other error.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from profiles import invalid_examples, json, package, validation, validator
from profiles.canonical import BASE
from profiles.invalid_examples import Case, Expected, example, spoilt
from profiles.structures import shipped

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
DEFINITIONS = package.resources("structure-definitions")
PROFILES = [one for one in DEFINITIONS if one["type"] != "Extension"]
EXAMPLES = {
    f"{one['resourceType']}/{one['id']}": one
    for path in sorted(files("profiles").joinpath("examples").iterdir(), key=lambda path: path.name)
    if path.name.endswith(".json")
    for one in [json.loads(path.read_bytes())]
}
IMPLIED_BY = f"{BASE}/StructureDefinition/implied-by"
BY_CONTENT = {
    profile["url"] for profile in PROFILES if any(one["url"] == IMPLIED_BY for one in profile.get("extension", ()))
}
"""The others hold only where they are claimed: content does not tell."""
CASES = [case for definition in DEFINITIONS for case in invalid_examples.cases(definition["id"])]
ASKED = {profile["id"]: [profile["url"]] for profile in PROFILES}
"""An extension is looked at wherever it stands: nobody asks for it."""
Found = set[tuple[str, str]]

each_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile["id"])
each_example = pytest.mark.parametrize("name", EXAMPLES)


def elements(profile: json.Resource) -> list[json.Resource]:
    found: list[json.Resource] = profile["differential"]["element"]
    return found


def constraints(profile: json.Resource) -> Iterator[json.Resource]:
    for element in elements(profile):
        yield from element.get("constraint", ())


def claimed(resource: json.Resource) -> set[str]:
    return {url for url in resource.get("meta", {}).get("profile", ()) if url.startswith(BASE)}


def of(profile: json.Resource) -> list[json.Resource]:
    """The valid examples that claim a profile."""
    return [one for one in EXAMPLES.values() if profile["url"] in claimed(one)]


def english(element: json.Resource, name: str) -> str:
    [translation] = [one for one in element[f"_{name}"]["extension"] if one["url"] == TRANSLATION]
    told: dict[str, Any] = {
        one["url"]: next(v for k, v in one.items() if k != "url") for one in translation["extension"]
    }
    assert told["lang"] == "en"
    return str(told["content"])


def assert_bilingual(element: json.Resource, name: str) -> None:
    assert re.search("[\u4e00-\u9fff]", element[name]), element[name]
    assert re.search("[A-Za-z]{2}", english(element, name)), element[name]


def keys(issues: list[validation.Issue], severity: str) -> Found:
    return {(issue.key, issue.expression) for issue in issues if issue.severity == severity}


def expected(case: Case, severity: str) -> Found:
    return {(one.key, one.expression) for one in case.expect if one.severity == severity}


@each_profile
def test_a_profile_is_a_valid_resource_that_has_a_snapshot(profile: json.Resource) -> None:
    assert validator.check(profile) == []
    assert profile["url"] == f"{BASE}/StructureDefinition/{profile['id']}"
    assert "snapshot" not in profile
    assert shipped().snapshot(profile["url"])[0]["path"] == profile["type"]


@each_profile
def test_a_profile_is_in_chinese_and_in_english(profile: json.Resource) -> None:
    assert_bilingual(profile, "title")
    assert_bilingual(profile, "description")
    for element in elements(profile):
        if "short" in element:
            assert_bilingual(element, "short")
    for constraint in constraints(profile):
        assert_bilingual(constraint, "human")


@each_profile
def test_a_profile_says_what_systems_must_support(profile: json.Resource) -> None:
    supported = [element for element in elements(profile) if element.get("mustSupport")]
    assert supported
    assert all("short" in element for element in supported if element["path"].count(".") == 1)


@each_profile
def test_a_profile_has_a_valid_example_and_three_invalid_ones(profile: json.Resource) -> None:
    assert of(profile)
    assert {one["resourceType"] for one in of(profile)} == {profile["type"]}
    assert len(invalid_examples.cases(profile["id"])) >= 3


@each_profile
def test_every_invariant_of_a_profile_is_broken_by_an_example(profile: json.Resource) -> None:
    broken = {one.key for case in invalid_examples.cases(profile["id"]) for one in case.expect}
    assert {constraint["key"] for constraint in constraints(profile)} <= broken


def test_every_file_of_invalid_examples_is_of_a_profile_or_an_extension() -> None:
    folder = files("profiles").joinpath("examples", "invalid")
    assert {path.name for path in folder.iterdir()} <= {f"{definition['id']}.toml" for definition in DEFINITIONS}


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition["id"])
def test_invalid_examples_are_told_apart_and_explained(definition: json.Resource) -> None:
    cases = invalid_examples.cases(definition["id"])
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", case.name)
        chinese, _, words = case.why.partition(" / ")
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert re.search("[A-Za-z]", words)
        assert case.expect


@each_example
def test_nothing_is_wrong_in_a_valid_example(name: str) -> None:
    issues = validation.shipped().check(EXAMPLES[name], resolve=EXAMPLES.get)
    assert keys(issues, "error") == set()


@each_example
def test_the_content_of_an_example_implies_the_profiles_it_claims(name: str) -> None:
    assert set(validation.shipped().implied(EXAMPLES[name])) == claimed(EXAMPLES[name]) & BY_CONTENT


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.profile}-{case.name}")
def test_in_an_invalid_example_is_found_what_its_file_says_and_no_other_error(case: Case) -> None:
    issues = validation.shipped().check(case.resource, ASKED.get(case.profile, ()), resolve=EXAMPLES.get)
    assert keys(issues, "error") == expected(case, "error")
    assert keys(issues, "warning") >= expected(case, "warning")


# How an example is spoilt


def test_what_a_removal_leaves_empty_goes_too() -> None:
    task = {"restriction": {"period": {"end": "2026"}}, "note": [{"text": "示例"}], "id": "a"}
    assert spoilt(task, ["restriction.period.end", "note[0]"], {}) == {"id": "a"}


def test_what_is_missing_on_the_way_is_made_and_a_list_grows_by_one() -> None:
    made = spoilt(
        {"name": [{"text": "示例"}]}, (), {"name[1].given[0]": "一", "period.end": "2026", "name[0].text": "样本"}
    )
    assert made == {"name": [{"text": "样本"}, {"given": ["一"]}], "period": {"end": "2026"}}


@pytest.mark.parametrize("path", ["nothing", "name[1]", "name.text", "name[0].text.more", "na me", "name[x]", ""])
def test_a_removal_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"path|remove"):
        spoilt({"name": [{"text": "示例"}]}, [path], {})


@pytest.mark.parametrize("path", ["name[2]", "name.text", "name[0].text.more", "name[0].text[0]", "na me"])
def test_a_change_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"path|set"):
        spoilt({"name": [{"text": "示例"}]}, (), {path: 1})


def test_a_profile_without_a_file_has_no_invalid_examples() -> None:
    assert invalid_examples.cases("nothing") == []


def test_a_case_is_a_changed_copy_of_a_valid_example() -> None:
    case = next(case for case in invalid_examples.cases("fd-contract") if case.name == "no-end")
    assert case.expect == (Expected("FD-REQUIRED", "EpisodeOfCare.period.end", "error"),)
    assert case.resource["period"] == {"start": example("EpisodeOfCare-contract1")["period"]["start"]}


@pytest.mark.parametrize("definition", package.resources("structure-definitions"), ids=lambda one: one["id"])
def test_a_differential_is_in_the_order_of_its_snapshot(definition: json.Resource) -> None:
    """Other snapshot generators drop what stands elsewhere."""
    order = [one["id"] for one in shipped().snapshot(definition["url"])]
    places = [order.index(one["id"]) for one in definition["differential"]["element"]]
    assert places == sorted(places)

"""Our code systems, value sets and concept maps: whole, in two languages, and enough for all that uses them."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from profiles import canonical, json, package, policy
from profiles.canonical import BASE, code_system, value_set
from profiles.terminology import Question, shipped
from tests.profiles.animals import NOW
from tests.profiles.test_artefacts import identity, is_chinese, nodes

CODE_SYSTEMS = package.resources("code-systems")
VALUE_SETS = package.resources("value-sets")
MAPS = package.resources("concept-maps")
OURS = (BASE, "urn:oid:2.16.156.10011.2.3.3.")
NOT_HERE = {canonical.DIAGNOSIS}
FRAGMENTS = {"gbt2260", "gbt2261-4", "gbt2659", "gbt4761", "nhsa-insutype", "professional-title"}
UCUM = "http://unitsofmeasure.org"  # known by its grammar


def concepts(system: json.Resource) -> list[dict[str, Any]]:
    return [one for one in nodes(system["concept"]) if "code" in one and "display" in one]


def system(name: str) -> json.Resource:
    [found] = [one for one in CODE_SYSTEMS if one["id"] == name]
    return found


def codes(name: str) -> set[str]:
    """What a value set of ours has."""
    found = shipped().expand(value_set(name), NOW)["expansion"]
    return {one["code"] for one in nodes(found.get("contains", [])) if not one.get("abstract")}


# Code systems


@pytest.mark.parametrize("system", CODE_SYSTEMS, ids=identity)
def test_every_code_has_a_chinese_and_an_english_name(system: json.Resource) -> None:
    found = concepts(system)
    assert system["count"] == len(found)
    assert len({concept["code"] for concept in found}) == len(found)
    for concept in found:
        assert is_chinese(concept["display"])
        assert [one["language"] for one in concept["designation"]] == ["en"]
        assert concept["designation"][0]["value"].isascii()


def test_a_code_system_is_whole_unless_it_is_said_to_be_a_part() -> None:
    assert {one["id"] for one in CODE_SYSTEMS if one["content"] == "fragment"} == FRAGMENTS
    assert {one["content"] for one in CODE_SYSTEMS} == {"complete", "fragment"}


@pytest.mark.req("NA-2.1b")
def test_the_ten_national_key_populations() -> None:
    national = [one["code"] for one in concepts(system("key-population")) if one["definition"] == "NA-2.1b"]
    assert len(national) == 10
    assert codes("key-population-national") == set(national)


@pytest.mark.req("GX-2.2.1a")
@pytest.mark.req("QJ-2.2.0b")
def test_the_key_populations_of_two_papers_are_eleven_and_twelve() -> None:
    assert (len(codes("key-population-guangxi")), len(codes("key-population-qianjiang"))) == (11, 12)


@pytest.mark.req("NA-2.3d")
def test_the_eleven_sections_of_an_agreement() -> None:
    assert len(codes("agreement-section-required")) == 11


@pytest.mark.req("JS-2.2.2a")
def test_six_beds_of_two_kinds_and_the_kinds_are_headings() -> None:
    assert codes("bed-type") == codes("bed-type-medical") | codes("bed-type-elderly-care")
    assert (len(codes("bed-type-medical")), len(codes("bed-type-elderly-care"))) == (3, 3)
    assert len(concepts(system("bed-type"))) == 8


@pytest.mark.req("NA-3.9c")
@pytest.mark.req("NA-6.2")
def test_four_safety_instructions_and_three_down_referrals() -> None:
    assert (len(codes("safety-instruction")), len(codes("down-referral-category"))) == (4, 3)


@pytest.mark.parametrize("pack", ["national", "qianjiang"])
def test_the_eligibility_of_a_pack_is_its_value_set(pack: str) -> None:
    assert codes(f"fd-eligibility-{pack}") == set(policy.load(pack).doctor.eligibility)


def test_the_timers_of_a_pack_are_codes() -> None:
    assert codes("timer-jinshan") == {timer.code for timer in policy.load("jinshan").timers}


# Value sets


@pytest.mark.parametrize("value_set", VALUE_SETS, ids=identity)
def test_every_value_set_expands(value_set: json.Resource) -> None:
    assert shipped().missing(resource=value_set) <= {("CodeSystem", UCUM)}
    assert shipped().expand(value_set["url"], NOW)["expansion"]["contains"]


@pytest.mark.parametrize("value_set", VALUE_SETS, ids=identity)
def test_every_code_that_a_value_set_lists_is_one_of_its_system(value_set: json.Resource) -> None:
    for part in value_set["compose"]["include"]:
        for concept in part.get("concept", ()):
            if part["system"] != UCUM:
                assert shipped().lookup(part["system"], concept["code"])


@pytest.mark.parametrize("system", CODE_SYSTEMS, ids=identity)
def test_every_code_system_has_the_value_set_of_all_its_codes(system: json.Resource) -> None:
    assert system["valueSet"] == value_set(system["id"])
    [found] = [one for one in VALUE_SETS if one["url"] == system["valueSet"]]
    assert {"system": system["url"]} in found["compose"]["include"]


# Maps


@pytest.mark.parametrize("concept_map", MAPS, ids=identity)
def test_the_codes_of_every_map_are_codes_of_both_systems(concept_map: json.Resource) -> None:
    for group in concept_map["group"]:
        sources = [element["code"] for element in group["element"]]
        assert len(set(sources)) == len(sources)
        for element in group["element"]:
            assert shipped().lookup(group["source"], element["code"]).display == element["display"]
            for target in element["target"]:
                assert shipped().lookup(group["target"], target["code"]).display == target["display"]


@pytest.mark.parametrize(
    ("system", "code", "target"),
    [
        (canonical.SEX, "1", "male"),
        (canonical.SEX, "2", "female"),
        (canonical.SEX, "0", "unknown"),
        (canonical.SEX, "9", "unknown"),
        (canonical.MARITAL_STATUS, "10", "S"),
        (canonical.MARITAL_STATUS, "22", "M"),
        (canonical.MARITAL_STATUS, "90", "UNK"),
        (canonical.ETHNICITY, "01", "HA"),
        (canonical.ETHNICITY, "56", "JN"),
        (canonical.FAMILY_RELATION, "12", "WIFE"),
        (canonical.FAMILY_RELATION, "63", "MGRFTH"),
        (canonical.FAMILY_RELATION, "02", None),
    ],
)
def test_chinese_codes_are_translated(system: str, code: str, target: str | None) -> None:
    found = [match.concept["code"] for match in shipped().translate(Question(system, code)) if match.concept]
    assert found == ([target] if target else [])


def test_numbers_and_letters_of_ethnic_groups_lead_to_one_another() -> None:
    letters = code_system("gb3304-letter")
    assert len(concepts(system("gb3304-letter"))) == 56
    for concept in concepts(system("gb3304-letter")):
        [match] = shipped().translate(Question(letters, concept["code"], reverse=True))
        assert match.concept is not None
        assert match.concept["display"] == concept["display"]
        [back] = shipped().translate(Question(canonical.ETHNICITY, match.concept["code"]))
        assert back.concept == {"system": letters, "code": concept["code"], "display": concept["display"]}


# What uses them


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in files("profiles").joinpath("examples").iterdir():
        if path.name.endswith(".json"):
            yield from ((path.name, one) for one in nodes(json.loads(path.read_bytes())))


def unknown(where: str, coding: dict[str, Any]) -> tuple[str, ...]:
    """Of a Coding of ours with a code that is not published: where, its system and its code."""
    name, code = str(coding.get("system")), coding.get("code")
    if not isinstance(code, str) or not name.startswith(OURS) or name in NOT_HERE:
        return ()
    known = shipped().system(name)
    return () if known and known.find(code) else (where, name, code)


def test_every_code_of_ours_in_the_examples_is_published() -> None:
    found = list(examples())
    assert len({name for name, _ in found}) >= 40
    assert [wrong for name, one in found if (wrong := unknown(name, one))] == []


def test_every_code_and_every_binding_of_our_structures_is_published() -> None:
    for structure in package.resources("structure-definitions"):
        for one in nodes(structure):
            assert unknown(structure["id"], one) == ()
            if {"strength", "valueSet"} <= one.keys():
                assert shipped().value_set(one["valueSet"]) is not None, (structure["id"], one["valueSet"])

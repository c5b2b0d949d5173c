"""Terminology offline: what is shipped, and whether a code is valid."""

import re
import subprocess
import sys
import time

import pytest

from profiles import definitions, package
from profiles.terminology import Claim, NotListed, Terminology, published, shipped
from tests.profiles.animals import (
    ANIMALS,
    GENDER,
    GENDERS,
    MINE,
    MY_TERMINOLOGY,
    NOW,
    SNOMED,
    animals,
    value_set,
)

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


# What is shipped


def test_what_is_listed_of_the_required_value_sets_is_what_the_validator_knows():
    for url in definitions._file("codes"):  # noqa: SLF001 - every value set that the validator has
        known = {(system, code) for system, codes in definitions.value_set(url).items() for code in codes}
        found = shipped().codes_in(url)
        assert found is not None
        assert {key for key in found if shipped().validate_code(Claim(key[1], key[0]), url).valid} == known, url


def test_every_shipped_value_set_expands_or_names_what_is_missing():
    expanded = 0
    for url in published.urls("ValueSet"):
        try:
            expansion = shipped().expand(url, NOW)["expansion"]
        except NotListed as fault:
            named = re.findall(r"(?:https?:|urn:)\S+", fault.en)
            assert (bool(named), shipped().codes_in(url)) == (True, None)
        else:
            expanded += 1
            assert expansion["total"] == len(set(shipped()._members(url).listed))  # noqa: SLF001
    assert expanded > 1200


def test_our_own_code_systems_are_there_in_both_languages():
    for resource in package.resources("code-systems"):
        for concept in resource["concept"]:
            found = shipped().lookup(resource["url"], concept["code"])
            assert found.display == concept["display"]
            english = shipped().lookup(resource["url"], concept["code"], language="en")
            assert english.display == concept["designation"][0]["value"]


def test_nothing_of_it_is_read_at_import():
    code = (
        "import profiles.terminology.engine, profiles.terminology.published as p;"
        "assert p._entries.cache_info().currsize == 0 and p._system.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Validation


@pytest.mark.parametrize(
    ("claim", "value_set", "valid"),
    [
        (Claim("male", GENDER), GENDERS, True),
        (Claim("male"), GENDERS, True),
        (Claim("Male", GENDER), GENDERS, False),
        (Claim("male", "http://example.org"), GENDERS, False),
        (Claim("male", GENDER, "male "), GENDERS, True),
        (Claim("male", GENDER, "Female"), GENDERS, False),
        (Claim("male", GENDER), None, True),
        (Claim("males", GENDER), None, False),
        (Claim("male", GENDER), f"{GENDERS}|4.0.1", True),
        (Claim("male", GENDER), f"{GENDERS}|9", None),
        (Claim("1", SNOMED), None, None),
        (Claim("1", SNOMED), "http://hl7.org/fhir/ValueSet/condition-code", None),
        (Claim("1", "http://loinc.org"), "http://hl7.org/fhir/ValueSet/condition-code", False),
        (Claim("1", SNOMED), "http://snomed.info/sct?fhir_vs=isa/2", None),
        (Claim("160245001", SNOMED), "http://hl7.org/fhir/ValueSet/condition-code", True),
        (Claim("_ActCoverageTypeCode", ACT), None, False),
        (Claim("_ActCoverageTypeCode", ACT, abstract=True), None, True),
        (Claim("IMP", ACT, "inpatient encounter"), "http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", True),
        (
            Claim("S", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"),
            "http://hl7.org/fhir/ValueSet/marital-status",
            True,
        ),
        (Claim("x", "urn:a"), "https://example.org/not-here", None),
    ],
)
def test_a_code_is_valid_or_not_or_it_cannot_be_told(claim: Claim, value_set: str | None, *, valid: bool | None):
    verdict = shipped().validate_code(claim, value_set)
    assert verdict.valid is valid
    assert bool(verdict.zh and verdict.en) is (valid is not True)


def test_a_large_system_that_is_not_here_is_a_warning_that_names_it():
    verdict = shipped().validate_code(Claim("38341003", SNOMED), "http://hl7.org/fhir/ValueSet/condition-code")
    assert verdict.warning
    assert SNOMED in verdict.zh
    assert SNOMED in verdict.en
    assert verdict.unknown is not None
    assert verdict.unknown.url == SNOMED


def test_a_display_is_known_in_every_language_and_a_wrong_one_is_mended():
    assert MY_TERMINOLOGY.validate_code(Claim("dog", MINE, "狗")).valid
    verdict = MY_TERMINOLOGY.validate_code(Claim("dog", MINE, "Cat", language="zh"))
    assert (verdict.valid, verdict.display) == (False, "狗")


def test_case_does_not_matter_where_the_system_says_so():
    assert MY_TERMINOLOGY.validate_code(Claim("DOG", MINE)).display == "Dog"
    assert MY_TERMINOLOGY.validate_code(Claim("DOG", MINE), value_set(animals())).valid


def test_a_retired_code_is_valid_with_a_hint():
    verdict = MY_TERMINOLOGY.validate_code(Claim("dodo", MINE))
    assert (verdict.valid, verdict.warning) == (True, True)


def test_a_fragment_does_not_say_what_is_not_in_the_system():
    known = Terminology([ANIMALS | {"content": "fragment"}])
    assert known.validate_code(Claim("dog", MINE)).valid is True
    assert known.validate_code(Claim("cat", MINE)).valid is None
    expansion = known.expand(value_set(animals()), NOW)["expansion"]
    assert expansion["extension"][0]["url"].endswith("valueset-unclosed")
    assert known.codes_in("https://example.org/all-animals") is None


def test_a_required_binding_is_checked_in_microseconds():
    shipped().validate_code(Claim("male", GENDER), GENDERS)
    best = min(_seconds(200) for _ in range(20))
    assert best / 200 < 50e-6


def _seconds(times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        shipped().validate_code(Claim("male", GENDER), GENDERS)
    return time.perf_counter() - started

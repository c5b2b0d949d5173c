"""What value sets are made of: filters, imports, exclusions, and what strangers may make of them."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.terminology import Claim, Invalid, NotListed, Terminology, shipped
from tests.profiles.animals import ANIMALS, MINE, MY_TERMINOLOGY, NOW, SNOMED, animals, listed, value_set


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ([("concept", "is-a", "dog")], ["dog", "poodle"]),
        ([("concept", "is-a", "pet")], ["dog", "poodle", "pet"]),
        ([("code", "descendent-of", "animal")], ["dog", "poodle", "emu", "dodo"]),
        ([("concept", "is-not-a", "animal")], ["pet"]),
        ([("concept", "generalizes", "poodle")], ["animal", "dog", "poodle", "pet"]),
        ([("legs", "=", "4")], ["dog"]),
        ([("pet", "=", "true")], ["dog"]),
        ([("legs", "exists", "true")], ["dog", "emu"]),
        ([("legs", "exists", "false")], ["animal", "poodle", "dodo", "pet"]),
        ([("code", "in", "dog, emu")], ["dog", "emu"]),
        ([("concept", "not-in", "dog,emu")], ["animal", "poodle", "dodo", "pet"]),
        ([("code", "regex", "[a-d]o.*")], ["dog", "dodo"]),
        ([("display", "regex", "P.+")], ["poodle", "pet"]),
        ([("parent", "=", "dog")], ["poodle"]),
        ([("child", "=", "dog")], ["animal", "pet"]),
        ([("concept", "is-a", "animal"), ("legs", "=", "2")], ["emu"]),
        ([("concept", "is-a", "unicorn")], []),
    ],
)
def test_filters(filters: list[tuple[str, str, str]], codes: list[str]):
    assert listed(value_set(animals(*filters))) == codes


@pytest.mark.parametrize("said", [("legs", "is-a", "4"), ("code", "near", "dog"), ("code", "regex", "(")])
def test_a_filter_that_is_none(said: tuple[str, str, str]):
    with pytest.raises(Invalid):
        listed(value_set(animals(said)))


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "a*a*a*b", "a?" * 40 + "a" * 40, "(a|b)" * 30, "(?=a)a", r"(a)\1", "a" * 201]
)
def test_a_pattern_that_could_take_very_long_is_refused(pattern: str):
    with pytest.raises(Invalid):
        listed(value_set(animals(("code", "regex", pattern))))


@given(st.text(alphabet="ab*+?()|{}[],.^\\12", max_size=30))
def test_any_pattern_that_is_let_through_is_quick(pattern: str):
    codes = [{"code": "a" * 100 + "!"}, {"code": "ab" * 50}]
    known = Terminology([{**ANIMALS, "concept": codes}])
    started = time.perf_counter()
    with suppress(Invalid):
        listed(value_set(animals(("code", "regex", pattern))), terminology=known)
    assert time.perf_counter() - started < 2


def test_parts_are_joined_and_what_is_excluded_is_out():
    listing = {"system": MINE, "concept": [{"code": "emu", "display": "The bird"}, {"code": "dog"}]}
    assert listed(value_set(listing, animals(("code", "=", "poodle")))) == ["emu", "dog", "poodle"]
    assert listed(value_set(animals(), exclude=[listing])) == ["animal", "poodle", "dodo", "pet"]
    assert listed(value_set(animals(), inactive=False)) == ["animal", "dog", "poodle", "emu", "pet"]


def test_what_a_value_set_calls_a_code_goes_before_what_the_system_calls_it():
    listing = value_set({"system": MINE, "concept": [{"code": "emu", "display": "The bird"}, {"code": "dog"}]})
    contains = MY_TERMINOLOGY.expand(listing, NOW)["expansion"]["contains"]
    assert [entry["display"] for entry in contains] == ["The bird", "Dog"]


def test_an_import_is_an_intersection():
    pets = value_set(animals(("concept", "is-a", "pet"))) | {"url": "https://example.org/pets"}
    birds = value_set(animals(("code", "in", "emu,dog"))) | {"url": "https://example.org/birds"}
    known = Terminology([ANIMALS, pets, birds])
    both = {"valueSet": ["https://example.org/pets", "https://example.org/birds"]}
    assert listed(value_set(both), terminology=known) == ["dog"]
    narrowed = animals(("code", "=", "poodle")) | {"valueSet": ["https://example.org/pets"]}
    assert listed(value_set(narrowed), terminology=known) == ["poodle"]
    assert known.codes_in("https://example.org/birds") == {(MINE, "dog"), (MINE, "emu")}


def test_what_cannot_be_listed_stays_open_in_joins_and_exclusions():
    snomed = {"system": SNOMED}
    some = {"system": SNOMED, "concept": [{"code": "1"}]}
    filtered = {"system": SNOMED, "filter": [{"property": "concept", "op": "is-a", "value": "9"}]}
    valid = lambda resource, code: MY_TERMINOLOGY.validate_code(Claim(code, SNOMED), resource).valid  # noqa: E731
    assert valid(value_set(snomed, some), "1") is True
    assert valid(value_set(snomed, some), "2") is None
    assert valid(value_set(some, exclude=[filtered]), "1") is None
    assert valid(value_set(animals(), exclude=[snomed]), "1") is False
    elsewhere = {"valueSet": ["https://example.org/not-here"]}
    assert valid(value_set(elsewhere), "1") is None
    assert valid(value_set({**some, **elsewhere}), "1") is None
    with pytest.raises(NotListed, match=r"https://example\.org/not-here"):
        MY_TERMINOLOGY.expand(value_set(elsewhere), NOW)


def test_contained_resources_are_known_inside():
    inner = {
        "resourceType": "ValueSet",
        "id": "dogs",
        "compose": {"include": [animals(("concept", "is-a", "dog"))]},
    }
    outer = value_set({"valueSet": ["#dogs"]}) | {"contained": [ANIMALS, inner]}
    assert listed(outer, terminology=shipped()) == ["dog", "poodle"]


def test_a_value_set_that_holds_itself_is_invalid():
    itself = value_set({"valueSet": ["https://example.org/vs"]})
    with pytest.raises(Invalid):
        Terminology([itself]).expand("https://example.org/vs", NOW)


def test_one_that_is_made_to_take_long_is_refused():
    again = animals(*[("code", "regex", "[a-z]+")] * 5)
    known = Terminology([ANIMALS | {"concept": [{"code": f"c{number}"} for number in range(2000)]}])
    with pytest.raises(NotListed):
        known.expand(value_set(*[again] * 100), NOW)


def test_a_value_set_that_is_only_an_expansion():
    contains = [{"system": MINE, "abstract": True, "code": "pet", "contains": [{"system": MINE, "code": "dog"}]}]
    resource = {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": contains}}
    assert listed(resource) == ["dog"]
    with pytest.raises(Invalid):
        listed({"resourceType": "ValueSet", "status": "active"})

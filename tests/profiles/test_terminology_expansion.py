"""Value sets written out: nested, in pages, in a language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.terminology import Invalid, NotKnown, NotListed, Terminology, Wish, shipped
from tests.profiles.animals import ANIMALS, MINE, MY_TERMINOLOGY, NOW, SNOMED, animals, listed, value_set


def test_a_hierarchy_is_nested_and_a_page_is_flat():
    [animal, pet] = MY_TERMINOLOGY.expand(value_set(animals()), NOW)["expansion"]["contains"]
    assert animal["abstract"] is True
    assert [entry["code"] for entry in animal["contains"]] == ["dog", "emu", "dodo"]
    assert animal["contains"][0]["contains"][0]["code"] == "poodle"
    assert animal["contains"][2]["inactive"] is True
    assert "contains" not in pet
    page = MY_TERMINOLOGY.expand(value_set(animals()), NOW, Wish(offset=1, count=2))["expansion"]
    assert (page["total"], page["offset"]) == (6, 1)
    assert [entry["code"] for entry in page["contains"]] == ["dog", "poodle"]


@given(st.integers(0, 8), st.integers(0, 8))
def test_pages_are_pieces_of_the_whole(offset: int, count: int):
    whole = listed(value_set(animals()))
    assert listed(value_set(animals()), Wish(offset=offset, count=count)) == whole[offset : offset + count]


def test_what_is_wanted_of_an_expansion():
    assert listed(value_set(animals()), Wish(filter="do")) == ["dog", "dodo"]
    assert listed(value_set(animals()), Wish(filter="狗")) == ["dog"]
    assert listed(value_set(animals()), Wish(active_only=True, exclude_nested=True)) == [
        "animal",
        "dog",
        "poodle",
        "emu",
        "pet",
    ]
    assert "animal" not in listed(value_set(animals()), Wish(exclude_not_for_ui=True, exclude_nested=True))
    chinese = MY_TERMINOLOGY.expand(value_set(animals()), NOW, Wish(display_language="zh", filter="dog"))["expansion"]
    assert chinese["contains"] == [{"system": MINE, "version": "2", "code": "dog", "display": "狗"}]
    assert {"name": "displayLanguage", "valueString": "zh"} in chinese["parameter"]
    assert {"name": "version", "valueUri": f"{MINE}|2"} in chinese["parameter"]
    wish = Wish(include_designations=True, include_definition=True, filter="dog")
    full = MY_TERMINOLOGY.expand(value_set(animals()), NOW, wish)
    assert full["compose"]["include"] == [animals()]
    assert full["expansion"]["contains"][0]["designation"] == [{"language": "zh-CN", "value": "狗"}]
    with pytest.raises(Invalid):
        MY_TERMINOLOGY.expand(value_set(animals()), NOW, Wish(count=-1))


def test_an_expansion_that_is_too_long_is_taken_in_pages():
    many = Terminology([ANIMALS | {"concept": [{"code": f"c{number}"} for number in range(10_001)]}])
    with pytest.raises(NotListed):
        many.expand(value_set(animals()), NOW)
    assert len(listed(value_set(animals()), Wish(count=10), many)) == 10


def test_a_system_that_is_not_here_cannot_be_expanded_but_left_out():
    both = value_set(animals(), {"system": SNOMED})
    with pytest.raises(NotListed, match="snomed"):
        MY_TERMINOLOGY.expand(both, NOW)
    assert len(listed(both, Wish(exclude_system=(SNOMED,), exclude_nested=True))) == 6
    with pytest.raises(NotListed):
        shipped().expand("http://snomed.info/sct?fhir_vs", NOW)
    with pytest.raises(NotKnown):
        shipped().expand("https://example.org/not-here", NOW)


def test_the_value_set_that_a_code_system_names():
    assert MY_TERMINOLOGY.codes_in("https://example.org/all-animals") == {
        (MINE, code) for code in ("animal", "dog", "poodle", "emu", "dodo", "pet")
    }

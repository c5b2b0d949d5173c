"""Check characters of Chinese identifiers, against the samples of their standards and by law."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import identifiers

SAMPLES = ["11010519491231002X", "440524188001010014"]  # GB 11643-1999
CREDIT_SAMPLES = ["91350100M000100Y43", "91110000600037341L"]  # GB 32100-2015


@pytest.mark.parametrize("number", SAMPLES)
def test_samples_of_the_standard_are_valid(number: str) -> None:
    assert identifiers.resident_id(number) == number


def test_a_lower_case_check_character_and_padding_are_normalised() -> None:
    assert identifiers.resident_id(" 11010519491231002x ") == "11010519491231002X"


def test_an_old_number_is_upgraded() -> None:
    assert identifiers.resident_id("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize("region", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_residents_count(region: str) -> None:
    number = next(n for n in candidates(f"{region}19900101001"))
    assert identifiers.resident_id(number) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        "无",
        "11010519491231002",
        "110105194912310021",
        "11010519490231002X",
        "1101051949123100２X",
        "111111111111111111",
        "000000000000000000",
        "111111111111111",
        "110105491331002",
        "990105491231002",
        "11010549123100X",
        "11010519491231002XX",
        "110105 19491231002X",
    ],
)
def test_anything_else_is_not(value: str) -> None:
    assert identifiers.resident_id(value) is None


def candidates(digits: str) -> list[str]:
    return [number for mark in "0123456789X" if (number := identifiers.resident_id(digits + mark))]


@given(st.integers(0, 899999), st.dates(date(1800, 1, 1), date(2099, 12, 31)), st.integers(0, 999))
def test_of_all_check_characters_one_is_right_and_birth_and_sex_are_inside(
    region: int, born: date, serial: int
) -> None:
    digits = f"{region + 100000}{born:%Y%m%d}{serial:03}"
    found = candidates(digits)
    if len(set(digits[:6] + digits[8:])) > 1:
        [number] = found
        assert identifiers.birth_date(number) == born
        assert identifiers.sex(number) == ("male" if serial % 2 else "female")


@given(st.sampled_from(SAMPLES), st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, digit: str) -> None:
    changed = number[:place] + digit + number[place + 1 :]
    assert (identifiers.resident_id(changed) is not None) == (changed == number)


@given(st.sampled_from(SAMPLES), st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(number: str, place: int) -> None:
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (identifiers.resident_id(changed) is not None) == (changed == number)


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    assert identifiers.resident_id(text) in (None, text.strip().upper())
    assert identifiers.social_credit_code(text) in (None, text.strip().upper())


@pytest.mark.parametrize(
    ("value", "shown"),
    [("11010519491231002X", "110105****002X"), ("12345678901234", "****"), ("", "****"), ("示例", "****")],
)
def test_masked_numbers_do_not_tell_who(value: str, shown: str) -> None:
    assert identifiers.masked(value) == shown


@pytest.mark.parametrize("code", CREDIT_SAMPLES)
def test_samples_of_credit_codes_are_valid(code: str) -> None:
    assert identifiers.social_credit_code(code.lower()) == code


@pytest.mark.parametrize(
    "value", ["", "91350100M000100Y44", "91350100I000100Y43", "9135010OM000100Y43", "91350100M000100Y4"]
)
def test_other_credit_codes_are_not(value: str) -> None:
    assert identifiers.social_credit_code(value) is None

"""Chinese identifiers: check characters against the samples of their standards and by law; the names of faults."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import identifiers

SAMPLES = ["11010519491231002X", "440524188001010014"]  # GB 11643-1999
CREDIT_SAMPLES = ["91350100M000100Y43", "91110000600037341L"]  # GB 32100-2015
RECORD = "31011600100100001"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROVINCES = [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)]


def candidates(digits: str) -> list[str]:
    return [number for mark in "0123456789X" if (number := identifiers.resident_id(digits + mark))]


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    """Valid numbers of any region, birth date and serial."""
    region = draw(st.sampled_from([*PROVINCES, 71, 81, 82, 83, *range(90, 100)])) * 10000 + draw(st.integers(0, 9999))
    born = draw(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
    digits = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return next(iter(candidates(digits)), SAMPLES[0])


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    mark = st.sampled_from(CREDIT_ALPHABET)
    head = draw(st.lists(mark, min_size=2, max_size=2))
    organisation = draw(st.lists(mark, min_size=9, max_size=9))
    body = "".join([*head, f"{draw(st.integers(0, 999999)):06}", *organisation])
    [code] = [found for end in CREDIT_ALPHABET if (found := identifiers.social_credit_code(body + end))] or [
        CREDIT_SAMPLES[0]
    ]
    return code


# Resident numbers


@pytest.mark.req("SH-1.0a")
@pytest.mark.parametrize("number", SAMPLES)
def test_samples_of_the_standard_are_valid(number: str) -> None:
    assert identifiers.resident_id(number) == number
    assert identifiers.resident_id_fault(number) is None


def test_a_lower_case_check_character_and_padding_are_normalised() -> None:
    assert identifiers.resident_id(" 11010519491231002x ") == "11010519491231002X"


def test_an_old_number_is_upgraded_and_said_to_be_old() -> None:
    assert identifiers.resident_id("110105491231002") == "11010519491231002X"
    assert identifiers.resident_id_fault("110105491231002") == "legacy"


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "911124", "710000"])
def test_residence_permits_count(region: str) -> None:
    [number] = candidates(f"{region}19900101001")
    assert identifiers.resident_id(number) == number


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "length"),
        ("无", "length"),
        ("11010519491231002", "length"),
        ("11010519491231002XX", "length"),
        ("11010549123100X", "characters"),
        ("1101051949123100２X", "characters"),
        ("110105 1949123102X", "characters"),
        ("X1010519491231002X", "characters"),
        ("110105194912310021", "check"),
        ("440524188001010015", "check"),
        ("11010519490231002X", "date"),
        ("11010517991231002X", "date"),
        ("11010521000101002X", "date"),
        ("110105491331002", "date"),
        ("19010519491231002X", "region"),
        ("01010519491231002X", "region"),
        ("990105491231002", "region"),
        ("110105********002X", "masked"),
        ("110105••••••••002X", "masked"),
        ("111111111111111111", "placeholder"),
        ("000000000000000000", "placeholder"),
        ("111111111111111", "placeholder"),
    ],
)
def test_anything_else_is_not_and_the_fault_is_named(value: str, fault: identifiers.Fault) -> None:
    assert identifiers.resident_id(value) is None
    assert identifiers.resident_id_fault(value) == fault


@given(resident_ids())
def test_of_all_check_characters_one_is_right_and_birth_and_sex_are_inside(number: str) -> None:
    assert candidates(number[:17]) == [number]
    assert f"{identifiers.birth_date(number):%Y%m%d}" == number[6:14]
    assert identifiers.sex(number) == ("male" if int(number[16]) % 2 else "female")


@given(resident_ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, digit: str) -> None:
    changed = number[:place] + digit + number[place + 1 :]
    assert (identifiers.resident_id(changed) is not None) == (changed == number)


@given(resident_ids(), st.integers(0, 16))
def test_two_swapped_digits_are_always_noticed(number: str, place: int) -> None:
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (identifiers.resident_id(changed) is not None) == (changed == number)


@given(resident_ids())
def test_a_number_of_the_twentieth_century_survives_its_old_form(number: str) -> None:
    old = number[:6] + number[8:17]
    if number[6:8] == "19" and int(number[:2]) in PROVINCES:
        assert identifiers.resident_id(old) == number


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    assert identifiers.resident_id(text) in (None, text.strip().upper())
    assert identifiers.social_credit_code(text) in (None, text.strip().upper())
    assert identifiers.health_record_no(text) in (None, text.strip().upper())


@given(st.from_regex(re.compile(r"[0-9X*]{14,19}"), fullmatch=True))
def test_a_number_is_stored_exactly_where_nothing_or_only_its_age_is_wrong(text: str) -> None:
    stored = identifiers.resident_id(text) is not None
    assert stored == (identifiers.resident_id_fault(text) in {None, "legacy"})


@pytest.mark.parametrize(
    ("value", "shown"),
    [("11010519491231002X", "110105****002X"), ("12345678901234", "****"), ("", "****"), ("示例", "****")],
)
def test_masked_numbers_do_not_tell_who(value: str, shown: str) -> None:
    assert identifiers.masked(value) == shown


@given(resident_ids())
def test_what_is_shown_is_told_to_be_masked(number: str) -> None:
    assert identifiers.resident_id_fault(identifiers.masked(number)) == "masked"


# Credit codes


@pytest.mark.parametrize("code", CREDIT_SAMPLES)
def test_samples_of_credit_codes_are_valid(code: str) -> None:
    assert identifiers.social_credit_code(code.lower()) == code
    assert identifiers.social_credit_code_fault(code) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "length"),
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y44", "check"),
        ("91350100I000100Y43", "characters"),
        ("9135010OM000100Y43", "characters"),
        ("913501AAM000100Y43", "characters"),
        ("９1350100M000100Y43", "characters"),
        ("913501********0Y43", "masked"),
        ("000000000000000000", "placeholder"),
    ],
)
def test_other_credit_codes_are_not_and_the_fault_is_named(value: str, fault: identifiers.Fault) -> None:
    assert identifiers.social_credit_code(value) is None
    assert identifiers.social_credit_code_fault(value) == fault


@given(credit_codes(), st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_always_noticed(code: str, place: int, mark: str) -> None:
    changed = code[:place] + mark + code[place + 1 :]
    assert (identifiers.social_credit_code(changed) is not None) == (changed == code)


@given(credit_codes(), st.integers(0, 16))
def test_two_swapped_characters_of_a_credit_code_are_always_noticed(code: str, place: int) -> None:
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (identifiers.social_credit_code(changed) is not None) == (changed == code)


# Health-record numbers


@pytest.mark.parametrize("number", [RECORD, f" {RECORD} ", "50011400110100007", "99010100190100001"])
def test_a_health_record_number_is_seventeen_digits_of_a_region(number: str) -> None:
    assert identifiers.health_record_no(number) == number.strip()
    assert identifiers.health_record_no_fault(number) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "length"),
        (f"{RECORD}1", "length"),
        ("310116001001000O1", "characters"),
        ("3101160010010000１", "characters"),
        ("17011600100100001", "region"),
        ("00011600100100001", "region"),
        ("310116*******0001", "masked"),
        ("11111111111111111", "placeholder"),
    ],
)
def test_other_health_record_numbers_are_not_and_the_fault_is_named(value: str, fault: identifiers.Fault) -> None:
    assert identifiers.health_record_no(value) is None
    assert identifiers.health_record_no_fault(value) == fault

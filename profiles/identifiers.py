"""Chinese identifiers: resident number (GB 11643), social credit code (GB 32100), health-record number.

Each has a function that gives the number as it is to be stored, or None, and one that says what is wrong with it.
"""

import re
from datetime import date
from typing import Literal

Fault = Literal["length", "characters", "region", "date", "check", "legacy", "masked", "placeholder"]
"""What is wrong: how long it is, its characters, the region, the birth date or the check character; a number of 15
digits that should be upgraded; digits hidden by `*`; digits that stand for no number at all."""

_MASKED = re.compile("[*＊•●]")
_RESIDENT = re.compile("[0-9]{17}[0-9X]")
_CENTURIES = ("18", "19", "20")
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]")
# Of a region only the province is checked (GB/T 2260): codes of counties that no longer exist stay with their people.
# 81, 82 and 83 are residence permits of Hong Kong, Macao and Taiwan residents, 9 begins permanent residence permits.
_RESIDENT_REGION = re.compile(f"{_PROVINCE.pattern}|71|8[1-3]|9")
_INVENTED = "99"
"""Belongs to no province: people who are made up live there, and are not to be mistaken for others."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def resident_id(value: str) -> str | None:
    """The 18-character identity number, upper-case, if `value` is a valid one; a 15-digit number is upgraded.

    Valid: real birth date and ISO 7064 MOD 11-2 check character (GB 11643-1999); one digit repeated is a
    placeholder. A 15-digit number carries no check: believe it only where it is said to be one.
    """
    number = _written(value)
    match resident_id_fault(number):
        case None:
            return number
        case "legacy":
            return _upgraded(number)
    return None


def resident_id_fault(value: str) -> Fault | None:
    """What is wrong with an identity number, None for a valid one of 18 characters (GB 11643-1999)."""
    number = _written(value)
    if _MASKED.search(number):
        return "masked"
    if len(number) not in {15, 18}:
        return "length"
    if not (number.isascii() and number.isdecimal()) and not _RESIDENT.fullmatch(number):
        return "characters"
    return _fault_of_legacy(number) if len(number) == 15 else _fault_of_resident(number)


def _fault_of_resident(number: str) -> Fault | None:
    if len(set(number[:6] + number[8:17])) == 1:
        return "placeholder"
    if not _RESIDENT_REGION.match(number):
        return "region"
    if not number[6:].startswith(_CENTURIES) or not _is_date(number[6:14]):
        return "date"
    return None if _check_character(number) == number[17] else "check"


def _fault_of_legacy(number: str) -> Fault:
    if len(set(number)) == 1:
        return "placeholder"
    # Without a check character, the province is all there is to check.
    if not _PROVINCE.match(number):
        return "region"
    return "legacy" if _is_date(f"19{number[6:12]}") else "date"


def birth_date(number: str) -> date:
    """The birth date inside a valid 18-character identity number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> Literal["male", "female"]:
    """The administrative gender inside a valid 18-character identity number: digit 17 is odd for men."""
    return "male" if int(number[16]) % 2 else "female"


def masked(value: str) -> str:
    """An identifier as it may be shown: first six and last four characters; nothing of a short one."""
    return f"{value[:6]}****{value[-4:]}" if len(value) > 14 else "****"


def social_credit_code(value: str) -> str | None:
    """The unified social credit code, upper-case, if `value` is a valid one (GB 32100-2015, MOD 31)."""
    code = _written(value)
    return None if social_credit_code_fault(code) else code


def social_credit_code_fault(value: str) -> Fault | None:
    """What is wrong with a unified social credit code, None for a valid one (GB 32100-2015)."""
    code = _written(value)
    if _MASKED.search(code):
        return "masked"
    if len(code) != 18:
        return "length"
    if not _CREDIT_CODE.fullmatch(code):
        return "characters"
    if len(set(code)) == 1:
        return "placeholder"
    total = sum(_CREDIT_ALPHABET.index(mark) * pow(3, i, 31) for i, mark in enumerate(code[:17]))
    return None if _CREDIT_ALPHABET[-total % 31] == code[17] else "check"


def health_record_no(value: str) -> str | None:
    """The number of a resident's health record (城乡居民健康档案编号), if `value` is a valid one.

    17 digits: county (6, GB/T 2260), township (3), committee (3), serial (5). It has no check character.
    """
    number = _written(value)
    return None if health_record_no_fault(number) else number


def health_record_no_fault(value: str) -> Fault | None:
    """What is wrong with a health-record number, None for a valid one."""
    number = _written(value)
    if _MASKED.search(number):
        return "masked"
    if len(number) != 17:
        return "length"
    if not (number.isascii() and number.isdecimal()):
        return "characters"
    if len(set(number)) == 1:
        return "placeholder"
    return None if _PROVINCE.match(number) or number.startswith(_INVENTED) else "region"


def _written(value: str) -> str:
    return value.strip().upper()


def _upgraded(legacy: str) -> str:
    # 15-digit cards were issued until 1999 and written two-digit years, all of them 19xx.
    number = f"{legacy[:6]}19{legacy[6:]}"
    return number + _check_character(number)


def _check_character(number: str) -> str:
    return _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True)) % 11]


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True

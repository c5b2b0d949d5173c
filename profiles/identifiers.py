"""Chinese identifiers and their check characters: GB 11643 resident number, GB 32100 social credit code."""

import re
from datetime import date
from typing import Literal

# Any region (GB/T 2260): 81, 82 and 83 are residence permits of Hong Kong, Macao and Taiwan residents, 9 begins
# permanent residence permits, and codes of regions that no longer exist stay with their people.
_RESIDENT = re.compile("[1-9][0-9]{5}(?:18|19|20)[0-9]{9}[0-9X]")
# Without a check character, the province is all there is to check.
_LEGACY = re.compile("(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])[0-9]{13}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def resident_id(value: str) -> str | None:
    """The 18-character identity number, upper-case, if `value` is a valid one; a 15-digit number is upgraded.

    Valid: real birth date and ISO 7064 MOD 11-2 check character (GB 11643-1999); one digit repeated is a
    placeholder. A 15-digit number carries no check: believe it only where it is said to be one.
    """
    number = value.strip().upper()
    if len(number) == 15 and _LEGACY.fullmatch(number):
        number = _upgraded(number)
    elif len(number) != 18 or not _RESIDENT.fullmatch(number) or _check_character(number) != number[17]:
        return None
    return number if _plausible(number) else None


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
    code = value.strip().upper()
    if not _CREDIT_CODE.fullmatch(code):
        return None
    total = sum(_CREDIT_ALPHABET.index(mark) * pow(3, i, 31) for i, mark in enumerate(code[:17]))
    return code if _CREDIT_ALPHABET[-total % 31] == code[17] else None


def _upgraded(legacy: str) -> str:
    # 15-digit cards were issued until 1999 and written two-digit years, all of them 19xx.
    number = f"{legacy[:6]}19{legacy[6:]}"
    return number + _check_character(number)


def _check_character(number: str) -> str:
    return _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True)) % 11]


def _plausible(number: str) -> bool:
    if len(set(number[:6] + number[8:17])) == 1:
        return False
    try:
        birth_date(number)
    except ValueError:
        return False
    return True

"""Identifiers of invented people and institutions: right in form and check character, issued to nobody.

GB 11643 (resident id), GB 32100 with GB 11714 (unified social credit code).
"""

from datetime import date

REGION = "500199"
"""Under Chongqing, and in GB/T 2260 assigned to no county: no real identifier starts with it."""

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(birth: date, gender: str, serial: int) -> str:
    """公民身份号码 of serial 0…499 among those born that day: 18 characters."""
    body = f"{REGION}{birth:%Y%m%d}{2 * serial + (gender == 'male'):03}"
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, body, strict=True))
    return body + _ID_CHECKS[total % 11]


def health_record_no(serial: int) -> str:
    """城乡居民健康档案编号: region, township, village, serial; 17 digits."""
    return f"{REGION}001001{serial:05}"


def credit_code(serial: int) -> str:
    """统一社会信用代码 of a public institution (12): 18 characters."""
    body = f"12{REGION}{_organisation_code(f'{serial:08}')}"
    total = sum(pow(3, place, 31) * _CREDIT_ALPHABET.index(sign) for place, sign in enumerate(body))
    return body + _CREDIT_ALPHABET[-total % 31]


def _organisation_code(body: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(_BODY_WEIGHTS, body, strict=True))
    return body + "0123456789X"[-total % 11]

"""The primitive types: which JSON values are one, and how to say what one looks like. https://hl7.org/fhir/R4/datatypes.html#primitive"""

import re
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from profiles.r4.xhtml import is_narrative

LONGEST_STRING = 1024 * 1024
LARGEST_NUMBER = 10**400
"""FHIR names none; but an exponent of a million is a number of a million digits to whoever computes with it."""


@dataclass(frozen=True, slots=True)
class Primitive:
    kinds: tuple[type, ...]
    """Python types of the decoded JSON value."""
    accepts: Callable[[Any], object]
    """Truthy for a good value of one of those types."""
    form: tuple[str, str]
    """What a good value looks like, in Chinese and in English."""


# Strings. Most are printable and short, which C tells quickest; the expressions are for the rest.

_TEXT = re.compile(r"(?=\s*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]+")
_CODE = re.compile(r"[^\s\x00-\x1f\ud800-\udfff]+(?: [^\s\x00-\x1f\ud800-\udfff]+)*")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _is_text(value: str) -> bool:
    if len(value) > LONGEST_STRING:
        return False
    return (value.isprintable() and not value.isspace() and value != "") or _TEXT.fullmatch(value) is not None


def _is_uri(value: str) -> bool:
    return value.isprintable() and " " not in value and value != ""


def _is_code(value: str) -> bool:
    return _is_uri(value) or _CODE.fullmatch(value) is not None


def _is_base64(value: str) -> bool:
    """White space is allowed between groups of four, nothing else outside the alphabet. RFC 4648 §4."""
    try:
        return len(a2b_base64("".join(value.split()), strict_mode=True)) > 0
    except ValueError:
        return False


# Dates. The calendar is in the expression: 31 of the long months, 29 February of leap years, no year 0000.

_YEAR = r"(?!0000)[0-9]{4}"
_MONTH = r"(?:0[1-9]|1[0-2])"
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    rf"(?:{_YEAR}-(?:{_MONTH}-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rf"|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PARTIAL = rf"{_YEAR}(?:-{_MONTH})?"


def _matches(expression: str) -> Callable[[str], object]:
    return re.compile(expression).fullmatch


def _is_decimal(value: int | Decimal) -> bool:
    return -LARGEST_NUMBER < value < LARGEST_NUMBER


PRIMITIVES = {
    "boolean": Primitive((bool,), lambda _: True, ("true 或 false，不加引号", "true or false without quotes")),
    "integer": Primitive(
        (int,), range(-(2**31), 2**31).__contains__, ("32 位整数", "a whole number that fits in 32 bits")
    ),
    "unsignedInt": Primitive((int,), range(2**31).__contains__, ("0 至 2147483647 的整数", "a whole number from 0")),
    "positiveInt": Primitive((int,), range(1, 2**31).__contains__, ("1 至 2147483647 的整数", "a whole number from 1")),
    "decimal": Primitive(
        (int, Decimal, float),
        _is_decimal,
        ("小于 1E400、不加引号的十进制数", "a decimal number below 1E400, no quotes"),
    ),
    "string": Primitive((str,), _is_text, ("文本", "text")),
    "markdown": Primitive((str,), _is_text, ("markdown 文本", "text in markdown")),
    "code": Primitive(
        (str,), _is_code, ("首尾无空格、中间只有单个空格的代码", "a code: no space at the ends, single spaces within")
    ),
    "id": Primitive(
        (str,), _matches(r"[A-Za-z0-9\-.]{1,64}"), ("1 至 64 个字母、数字、- 或 .", "1 to 64 letters, digits, - or .")
    ),
    "uri": Primitive((str,), _is_uri, ("不含空白的 URI", "a URI without white space")),
    "url": Primitive((str,), _is_uri, ("不含空白的 URL", "a URL without white space")),
    "canonical": Primitive((str,), _is_uri, ("不含空白的规范 URL", "a canonical URL without white space")),
    "oid": Primitive(
        (str,),
        _matches(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"),
        ("urn:oid:2.16.156… 形式的 OID", "an OID such as urn:oid:2.16.156…"),
    ),
    "uuid": Primitive(
        (str,),
        _matches(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("urn:uuid: 开头的小写 UUID", "a lower-case UUID after urn:uuid:"),
    ),
    "date": Primitive(
        (str,),
        _matches(f"(?:{_DAY}|{_PARTIAL})"),
        ("日历中存在的日期：YYYY、YYYY-MM 或 YYYY-MM-DD", "a date that exists: YYYY, YYYY-MM or YYYY-MM-DD"),
    ),
    "dateTime": Primitive(
        (str,),
        _matches(f"(?:{_DAY}(?:T{_TIME}{_ZONE})?|{_PARTIAL})"),
        (
            "日历中存在的日期，有时间时须到秒并带时区：YYYY-MM-DDThh:mm:ss+08:00",
            "a date that exists and, if there is a time, seconds and zone: YYYY-MM-DDThh:mm:ss+08:00",
        ),
    ),
    "instant": Primitive(
        (str,),
        _matches(f"{_DAY}T{_TIME}{_ZONE}"),
        ("完整的时刻，须带时区：YYYY-MM-DDThh:mm:ss+08:00", "a full moment with zone: YYYY-MM-DDThh:mm:ss+08:00"),
    ),
    "time": Primitive((str,), _matches(_TIME), ("hh:mm:ss，不带时区", "hh:mm:ss without zone")),
    "base64Binary": Primitive((str,), _is_base64, ("base64 编码", "base64")),
    "xhtml": Primitive(
        (str,),
        is_narrative,
        (
            "一个内容不为空、格式完好的 <div xmlns=http://www.w3.org/1999/xhtml>，只用 FHIR 允许的标签和属性",
            "one well-formed <div xmlns=http://www.w3.org/1999/xhtml> with content, only of what FHIR allows in it",
        ),
    ),
}
"""By the name of the type."""

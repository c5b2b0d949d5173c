"""Location?near=latitude|longitude|distance|unit: the one special parameter of R4.

https://hl7.org/fhir/R4/location.html#positional
"""

from collections.abc import Iterable
from decimal import Decimal

from gateway.errors import BadRequest
from gateway.search.expressions import Value
from gateway.search.terms import WORD, Asked, Clause, Condition, Found, Name, any_of, key, modifier_refused, split

_KILOMETRES = {"km": 1.0, "": 1.0, "m": 0.001, "[mi_i]": 1.609344, "[mi_us]": 1.609347}
_DEFAULT_DISTANCE = "5"
_DEGREE = 111.19492664455873
"""Kilometres of a degree of latitude, on a sphere of 6371 km."""
_SQL = (
    "x.low BETWEEN %(south_{n})s AND %(north_{n})s AND 12742 * asin(sqrt("
    "power(sin(radians(x.low::float8 - %(latitude_{n})s::float8) / 2), 2) + cos(radians(%(latitude_{n})s::float8)) "
    "* cos(radians(x.low::float8)) * power(sin(radians(x.high::float8 - %(longitude_{n})s::float8) / 2), 2))) "
    "<= %(distance_{n})s::float8"
)
"""A narrow band of latitudes from the index, then the distance on the sphere."""


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    """Latitude and longitude stand in the places of low and high."""
    for _, position in values:
        latitude, longitude = (position.get(part) for part in ("latitude", "longitude"))
        if latitude is not None and longitude is not None:
            into.amount.add((key(name), Decimal(latitude), Decimal(longitude)))


def clause(asked: Asked) -> Clause:
    if asked.modifier:
        raise modifier_refused(asked, ":missing")
    return any_of(_within(asked, value) for value in asked.values)


def _within(asked: Asked, value: str) -> Condition:
    latitude, longitude, distance, unit = [*split(value, "|"), "", "", "", ""][:4]
    try:
        at, along, reach = float(latitude), float(longitude), float(distance or _DEFAULT_DISTANCE)
        reach *= _KILOMETRES[unit]
    except (ValueError, KeyError):
        raise _malformed(asked) from None
    if not (-90 <= at <= 90 and -180 <= along <= 180 and 0 <= reach <= 20_038):
        raise _malformed(asked)
    margin = reach / _DEGREE
    bounds = {"south": Decimal(at - margin), "north": Decimal(at + margin)}
    position = {"latitude": at, "longitude": along, "distance": reach}
    return Condition("amount", _SQL, {**bounds, **position}, (key(asked.name),), WORD)


def _malformed(asked: Asked) -> BadRequest:
    return BadRequest(
        "FD-SEARCH-NEAR",
        f"检索参数 {asked.name.code} 的值应写作 纬度|经度|距离|单位,单位为 km、m 或 [mi_us]。",
        f"The value of search parameter {asked.name.code} is written latitude|longitude|distance|unit, "
        "in km, m or [mi_us].",
    )

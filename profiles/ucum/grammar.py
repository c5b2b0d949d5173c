"""The code of a unit, read by UCUM's grammar and its table. https://ucum.org/ucum#section-Grammar-of-Units-and-Unit-Terms"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree as ET

from profiles.ucum.units import ONE, NotUcum, Unit, power, product, scale

Tokens: TypeAlias = deque[re.Match[str]]

_DEEPEST = 8
_NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"
_TOKEN = re.compile(
    r"(?P<atom>10[*^]|(?:[A-Za-z%'_]|\[[!-Z\\^-z|~]+\])+)(?P<power>[+-]?[0-9]{1,2})?"
    r"|(?P<number>[0-9]{1,12})|(?P<mark>[./()])|(?P<annotation>\{[!-z|~]*\})",
    re.ASCII,
)
_KELVIN_AT_ZERO = {"Cel": Fraction("273.15"), "degF": Fraction("459.67") * 5 / 9, "degRe": Fraction("273.15")}
"""The functions of UCUM that are straight lines. The others (pH, bel, homeopathic potencies …) are left as they are."""
_AMOUNT = "mol"
"""To UCUM a number, 6.02214076e23; here a base unit as in SI, lest cells per litre be compared with moles per litre."""


def parse(code: str) -> Unit:
    """Raises `NotUcum`. The time is bounded by the length of the code."""
    tokens: Tokens = deque()
    at = 0
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            raise NotUcum(code)
        tokens.append(token)
        at = token.end()
    unit = _term(tokens, 0)
    if tokens:
        raise NotUcum(code)
    return unit


def _term(tokens: Tokens, depth: int) -> Unit:
    """Components between `.` and `/`, from left to right; the first may be a divisor."""
    sign = -1 if _taken(tokens, "/") else 1
    unit = power(_component(tokens, depth), sign)
    while tokens and tokens[0][0] in {".", "/"}:
        sign = -1 if tokens.popleft()[0] == "/" else 1
        unit = product(unit, power(_component(tokens, depth), sign))
    return unit


def _component(tokens: Tokens, depth: int) -> Unit:
    if not tokens or depth > _DEEPEST:
        raise NotUcum
    token = tokens.popleft()
    if token["annotation"]:
        return ONE
    unit = _group(tokens, depth) if token[0] == "(" else _factor(token)
    if tokens and tokens[0]["annotation"]:
        tokens.popleft()
    return unit


def _group(tokens: Tokens, depth: int) -> Unit:
    unit = _term(tokens, depth + 1)
    if not _taken(tokens, ")"):
        raise NotUcum
    return unit


def _factor(token: re.Match[str]) -> Unit:
    if token["number"]:
        return scale(int(token["number"]))
    return power(_simple(token["atom"] or ""), int(token["power"] or 1))


def _taken(tokens: Tokens, mark: str) -> bool:
    if tokens and tokens[0][0] == mark:
        tokens.popleft()
        return True
    return False


def _simple(atom: str) -> Unit:
    """A unit by its code, or one that is metric with a prefix."""
    table = _table()
    if atom in table.units:
        return _defined(atom)
    for length in (2, 1):
        prefix, rest = table.prefixes.get(atom[:length]), atom[length:]
        if prefix and rest in table.units and (unit := _defined(rest)).metric:
            return Unit(unit.factor * prefix, unit.bases, unit.offset)
    raise NotUcum(atom)


@dataclass(frozen=True, slots=True)
class _Table:
    prefixes: Mapping[str, Fraction]
    units: Mapping[str, ET.Element]


@cache
def _table() -> _Table:
    root = ET.parse(Path(__file__).with_name("ucum-essence.xml")).getroot()  # noqa: S314 - our own file
    prefixes = {
        found.attrib["Code"]: Fraction(value.attrib["value"])
        for found in root.iter(f"{_NAMESPACE}prefix")
        if (value := found.find(f"{_NAMESPACE}value")) is not None
    }
    kinds = (f"{_NAMESPACE}base-unit", f"{_NAMESPACE}unit")
    return _Table(prefixes, {unit.attrib["Code"]: unit for unit in root if unit.tag in kinds})


@cache
def _defined(code: str) -> Unit:
    """A unit of the table by what it is defined as; as a base of its own where that is no straight line from others."""
    element = _table().units[code]
    metric = element.attrib.get("isMetric") == "yes" or element.tag == f"{_NAMESPACE}base-unit"
    value, function = (element.find(f"{_NAMESPACE}{path}") for path in ("value", f"value/{_NAMESPACE}function"))
    told = value if function is None else function
    name = "" if function is None else function.attrib["name"]
    arbitrary = element.attrib.get("isArbitrary") == "yes" and told is not None and told.attrib["Unit"] == "1"
    if told is None or arbitrary or code == _AMOUNT or (name and name not in _KELVIN_AT_ZERO):
        return Unit(Fraction(1), {code: 1}, metric=metric)
    of = parse(told.attrib["Unit"])
    return Unit(Fraction(told.attrib["value"]) * of.factor, of.bases, _KELVIN_AT_ZERO.get(name, Fraction(0)), metric)

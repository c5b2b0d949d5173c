"""What a unit is in base units, and what comes of multiplying units. https://ucum.org/ucum#section-Semantics"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

_MOST_BITS = 1024


class NotUcum(ValueError):
    """Not the code of a unit, or one beyond every use."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A value in the unit is `value * factor + offset` in base units."""

    factor: Fraction
    bases: Mapping[str, int]
    """Base unit → exponent, never 0."""
    offset: Fraction = Fraction(0)
    metric: bool = False
    """It takes prefixes."""


ONE = Unit(Fraction(1), {})


def scale(number: int) -> Unit:
    return _bounded(Fraction(number), {})


def power(unit: Unit, exponent: int) -> Unit:
    if exponent == 1:
        return unit
    if unit.offset:
        raise NotUcum
    return _bounded(unit.factor**exponent, {base: own * exponent for base, own in unit.bases.items() if exponent})


def product(one: Unit, other: Unit) -> Unit:
    """A unit that is measured from a point of its own has no product but with 1."""
    if ONE in (one, other):
        return other if one == ONE else one
    if one.offset or other.offset:
        raise NotUcum
    bases = dict(one.bases)
    for base, exponent in other.bases.items():
        bases[base] = bases.get(base, 0) + exponent
    return _bounded(one.factor * other.factor, {base: exponent for base, exponent in bases.items() if exponent})


def _bounded(factor: Fraction, bases: dict[str, int]) -> Unit:
    if not factor or max(factor.numerator.bit_length(), factor.denominator.bit_length()) > _MOST_BITS:
        raise NotUcum
    return Unit(factor, bases)

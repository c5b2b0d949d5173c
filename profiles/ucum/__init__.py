"""Units of measure in their canonical form: 5.4 mg and 5400 ug are both 0.0054 g. https://ucum.org/ucum"""

from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from profiles.ucum.grammar import parse
from profiles.ucum.units import NotUcum

SYSTEM = "http://unitsofmeasure.org"
DIGITS = 40
"""Significant digits of a canonical value."""

_LONGEST = 128
# Wide enough for a value of 40 digits times a factor of 1024 bits; nothing traps, a result that is no number is seen.
_WIDE = Context(prec=400, Emin=-999_999, Emax=999_999, traps=[])
_NARROW = Context(prec=DIGITS, Emin=-999_999, Emax=999_999, traps=[])


@dataclass(frozen=True, slots=True)
class _Line:
    """`(value * factor + offset) / divisor` in whole numbers: rounded once, so the same from whatever unit."""

    factor: Decimal
    offset: Decimal
    divisor: Decimal
    unit: str


def canonical(value: Decimal, code: str) -> tuple[Decimal, str] | None:
    """The value in base units, and their UCUM code; None where `code` is no UCUM unit, or `value` no number.

    Exact up to 40 significant digits. Base units are UCUM's, and `mol` as in SI. Arbitrary units (`[iU]`) and those
    of a logarithmic scale (`[pH]`, `B`) are their own, comparable with nothing else. Special units (`Cel`) stand
    alone, as UCUM has it. `code` is case sensitive, its annotations do not count, and one of more than 128
    characters is none. Raises nothing.
    """
    line = _line(code) if len(code) <= _LONGEST else None
    if line is None:
        return None
    result = _NARROW.divide(_WIDE.fma(value, line.factor, line.offset), line.divisor)
    return (result, line.unit) if result.is_finite() else None


@lru_cache(maxsize=4096)
def _line(code: str) -> _Line | None:
    try:
        unit = parse(code)
    except NotUcum:
        return None
    divisor = unit.factor.denominator * unit.offset.denominator
    factor, offset = int(unit.factor * divisor), int(unit.offset * divisor)
    written = ".".join(f"{base}{power}" if power != 1 else base for base, power in sorted(unit.bases.items()))
    return _Line(Decimal(factor), Decimal(offset), Decimal(divisor), written or "1")

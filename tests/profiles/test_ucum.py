"""Units in canonical form: by the definitions of UCUM, by law, and for whatever a stranger may write."""

import time
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import ucum
from profiles.ucum import grammar

PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
ROOT = ET.parse(grammar.__file__.replace("grammar.py", "ucum-essence.xml")).getroot()  # noqa: S314 - our own file
CODES = [unit.attrib["Code"] for unit in ROOT if unit.tag.endswith("unit")]

# Of the units in common clinical use, what a laboratory and a ward write.
_COMMON = """
    % /100{WBC} /[HPF] /[LPF] /min /mL /uL 10*12/L 10*3/uL 10*6/L 10*6/mL 10*9/L Cel K U U/L U/mL U/g{Hb} U/kg [IU]
    [IU]/L [IU]/mL [IU]/kg k[IU]/L m[IU]/L u[IU]/mL [arb'U]/mL [CFU] [CFU]/mL [GPL'U] [MPL'U] [beth'U] [degF] [drp]
    [drp]/min [ft_i] [in_i] [lb_av] [oz_av] [mi_i] [pH] [ppm] [ppb] [psi] [tbs_us] [tsp_us] [foz_us] [gal_us] a atm bar
    cal kcal kcal/d kcal/kg/d cm cm2 cm[H2O] d dB deg dL fL fmol g g/L g/d g/dL g/g g/kg g/m2 g/mL g/mmol{creat} h J
    kJ kPa kat nkat ukat ukat/L kg kg/m2 L L/L L/h L/min L/min/m2 L/s m m/s m2 mA mCi MBq meq meq/L meq/kg mg mg/L
    mg/d mg/dL mg/g{creat} mg/kg mg/kg/d mg/kg/h mg/m2 mg/mL mg/mmol{creat} mg/{dose} min mL mL/d mL/h mL/kg mL/kg/h
    mL/min mL/min/{1.73_m2} mL/s mm mm/h mm[Hg] mmol mmol/L mmol/d mmol/kg mmol/mol{creat} mo mosm/kg mosm/L ms mV mU/L
    ng ng/L ng/dL ng/mL ng/mL/h ng/mg{creat} nmol nmol/L nmol/min/mL nmol/mmol{creat} pg pg/mL pmol pmol/L s Sv mSv Gy
    t u ug ug/L ug/d ug/dL ug/g{creat} ug/h ug/kg ug/kg/min ug/min ug/mL ug/{spermatozoon} um umol umol/L umol/mL
    uV W wk {beats}/min {breaths}/min {cells}/uL {copies}/mL {INR} {ratio} {score} {tbl} 1 10*3 dyn.s/cm5 mL/cm[H2O]
    10.uN.s/(cm5.m2) L/(min.m2) mL/(min.m2) kg/(s.m2) m/s2 cm/s N.s mL/m2 g.m [diop] Bq Ci lm lx cd Hz N Ohm S F V T
"""
COMMON = _COMMON.split()

SAME = [
    ("5.4 mg", "5400 ug"), ("1 L", "1 dm3"), ("1 l", "1000 cm3"), ("5.5 mmol/L", "5.5 mol/m3"), ("1 g/dL", "10 g/L"),
    ("760 mm[Hg]", "101.32472 kPa"), ("10 cm[H2O]", "980.665 Pa"), ("36.6 Cel", "309.75 K"), ("98.6 [degF]", "37 Cel"),
    ("-40 Cel", "-40 [degF]"), ("80 [degRe]", "100 Cel"), ("4.5 10*12/L", "4.5 10*6/uL"), ("50 %", "0.5 1"),
    ("3 {cells}/uL", "3 /uL"), ("7 mg{total}/dL", "7 mg/dL"), ("60 /min", "1 Hz"), ("1 U/L", "1 umol/min/L"),
    ("60 U", "1 ukat"), ("1 [in_i]", "2.54 cm"), ("1 [lb_av]", "453.59237 g"), ("1 kg/m2", "0.1 g/cm2"),
    ("1 wk", "7 d"), ("1 a", "365.25 d"), ("12 mo", "1 a"), ("1 meq/L", "1 mmol/L"), ("5 [IU]/mL", "5 k[iU]/L"),
    ("1 J", "1 kg.m2/s2"), ("1 mL/min/kg", "1 mL/(min.kg)"), ("2 g/m/s", "2 g/(m.s)"), ("1 [ppm]", "1 mg/kg"),
    ("1 m2/s", "1 m.m/s"), ("6 /min", "1 /(10.s)"), ("1 1/s", "1 Hz"), ("180 deg", "1 [pi].rad"), ("10 dB", "1 B"),
]  # fmt: skip
DIFFERENT = [
    ("1 mg", "1 Mg"), ("1 mmol/L", "1 mg/L"), ("1 [iU]/L", "1 U/L"), ("1 [iU]", "1 [arb'U]"), ("1 m", "1 m2"),
    ("7.4 [pH]", "7.4 1"), ("1 B", "1 1"), ("1 rad", "1 1"), ("1 10*9/L", "1 nmol/L"), ("1 l/s", "1 l.s"),
    ("1 a/b.m", "1 a/(b.m)"), ("1 Pa", "1 pA"), ("1 cd", "1 d"),
]  # fmt: skip
NOT_UCUM = [
    "", " ", "mg ", "MMOL/L", "毫克", "millimoles", "10*x", "mg//dL", "mg/", ".mg", "(mg", "mg)", "()", "{x", "x}",
    "2mg", "mg.-1", "(m/s)2", "m++2", "kmin", "m%", "Torrr", "Cel/h", "Cel2", "/Cel", "1/Cel", "[degF].m", "0", "0.m",
    "/0", "m/0.s", "Ym99", "[c]99.[c]99", "1" * 13, "m100", "١", "m²", "µg", "[", "]", "[]", "{}{}{", "mg\n", "\0",
    "(" * 64 + "m" + ")" * 64, "m." * 64 + "m", "x" * 10_000, "(" * 100_000,
]  # fmt: skip


def converted(text: str) -> tuple[Decimal, str] | None:
    value, _, code = text.partition(" ")
    return ucum.canonical(Decimal(value), code)


def test_base_units_and_their_names() -> None:
    assert ucum.canonical(Decimal("5.4"), "mg") == (Decimal("0.0054"), "g")
    assert ucum.canonical(Decimal("5.5"), "mmol/L") == (Decimal("5.5"), "m-3.mol")
    assert ucum.canonical(Decimal(120), "mm[Hg]") == (Decimal(15998640), "g.m-1.s-2")
    assert ucum.canonical(Decimal(3), "%") == (Decimal("0.03"), "1")
    assert ucum.canonical(Decimal(1), "{score}") == (Decimal(1), "1")


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_quantity_in_two_units(one: str, other: str) -> None:
    assert converted(one) is not None
    assert converted(one) == converted(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert converted(one) != converted(other)


@pytest.mark.parametrize("code", NOT_UCUM)
def test_what_is_no_unit(code: str) -> None:
    assert ucum.canonical(Decimal(1), code) is None


def test_every_unit_of_the_table_and_every_common_one_is_known() -> None:
    assert len(CODES) > 300
    assert [code for code in [*CODES, *COMMON] if ucum.canonical(Decimal(1), code) is None] == []


def test_every_prefix() -> None:
    for prefix, exponent in PREFIXES.items():
        assert ucum.canonical(Decimal(1), f"{prefix}g") == (Decimal(10) ** exponent, "g")
    assert ucum.canonical(Decimal(1), "KiBy") == ucum.canonical(Decimal(1024), "By")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number(value: str) -> None:
    assert ucum.canonical(Decimal(value), "mg") is None


@pytest.mark.parametrize("code", ["mg", "[degF]", "[in_i]/min"])
def test_numbers_of_any_size_are_answered_at_once(code: str) -> None:
    begun = time.perf_counter()
    for text in ("1e9999", "-1e-9999", "9" * 5000, "1e999999", "0e-5000"):
        found = ucum.canonical(Decimal(text), code)
        assert found is None or (found[0].is_finite() and len(found[0].as_tuple().digits) <= ucum.DIGITS)
    assert time.perf_counter() - begun < 1


@given(st.sampled_from([*CODES, *COMMON[:40]]), st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_canonical_unit_is_its_own(code: str, value: Decimal) -> None:
    found = ucum.canonical(value, code)
    if found is not None:
        assert ucum.canonical(*found) == found


@given(
    st.sampled_from([code for code in COMMON if ucum.canonical(Decimal(1), code)]),
    st.decimals("-1e12", "1e12"),
    st.decimals("-1e12", "1e12"),
)
def test_the_order_of_values_is_kept(code: str, one: Decimal, other: Decimal) -> None:
    low, high = (ucum.canonical(value, code) for value in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low[1] == high[1]
    assert low[0] <= high[0]


@given(st.text("mgLsKCel[]{}()./*^+-0123456789'%iUHdapH\u00b5 ", max_size=200) | st.text(max_size=50), st.decimals())
def test_nothing_raises(code: str, value: Decimal) -> None:
    found = ucum.canonical(value, code)
    assert found is None or found[0].is_finite()

"""Numbers and quantities: what is found, as PostgreSQL evaluates it, against a model in plain words."""

import time
from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, NotSupported
from gateway.search import number, quantity
from gateway.search.terms import AnyOf, Asked, Clause, key
from profiles import ucum
from tests.gateway.amounts import NAME, answers, asked_for, conditions, indexed

pytestmark = pytest.mark.feature("Search", "number and quantity")

INFINITY = Decimal("Infinity")
PREFIXES = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]

# The model: a stored interval stands for the values in it, of which its ends and what lies between are looked at.


def holds(text: str, low: Decimal, high: Decimal, around: dict[str, tuple[Decimal, Decimal]]) -> bool:
    prefix, asked = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    exact = Decimal(asked)
    (first, end), (least, most) = around[asked], around[f"ap{asked}"]
    far = Decimal(10) ** 12
    between = [first, end, exact, least, most, first.next_plus(), end.next_minus()]
    low, high = max(low, -far), min(high, far)
    values = [low, high, *(value for value in between if low <= value <= high)]
    within = all(first <= value < end for value in values)
    meanings: dict[str, Callable[[], bool]] = {
        "eq": lambda: within,
        "ne": lambda: not within,
        "gt": lambda: any(value > exact for value in values),
        "lt": lambda: any(value < exact for value in values),
        "ge": lambda: any(value >= exact for value in values),
        "le": lambda: any(value <= exact for value in values),
        "sa": lambda: all(value > exact for value in values),
        "eb": lambda: all(value < exact for value in values),
        "ap": lambda: any(least <= value <= most for value in values),
    }
    return meanings[prefix]()


AROUND = {
    asked: (Decimal(low), Decimal(high))
    for asked, low, high in [
        ("100", "99.5", "100.5"),
        ("ap100", "90", "110"),
        ("100.00", "99.995", "100.005"),
        ("ap100.00", "90", "110"),
        ("1e2", "95", "105"),
        ("ap1e2", "90", "110"),
        ("-2", "-2.5", "-1.5"),
        ("ap-2", "-2.5", "-1.5"),
        ("0", "-0.5", "0.5"),
        ("ap0", "-0.5", "0.5"),
    ]
}


# Numbers


MARKS = "-3 -2.5 -2 -1.5 -0.5 0 0.5 90 95 99.5 99.995 100 100.005 100.5 105 110 111"
ENDS = [-INFINITY, *map(Decimal, MARKS.split()), INFINITY]


@pytest.mark.parametrize("asked", ["100", "100.00", "1e2", "-2", "0"])
def test_every_prefix_means_of_every_interval_what_fhir_says(server_url: str, asked: str) -> None:
    intervals = [
        (low, high) for low, high in product(ENDS, ENDS) if low <= high and (low.is_finite() or high.is_finite())
    ]
    texts = [prefix + asked for prefix in PREFIXES]
    rows = [(low, high, text) for text in texts for low, high in intervals]
    clauses = {text: number.clause(asked_for([text])) for text in texts}
    found = answers(server_url, [({(key(NAME), low, high)}, clauses[text]) for low, high, text in rows])
    expected = [holds(text, low, high, AROUND) for low, high, text in rows]
    assert [row for row, one, other in zip(rows, found, expected, strict=True) if one != other] == []


def test_each_alternative_has_a_prefix_of_its_own(server_url: str) -> None:
    clause = number.clause(asked_for(["lt3", "gt5", "4"]))
    stored = [indexed(("decimal", Decimal(text)), module=number) for text in ("2", "3.2", "4.2", "5", "6")]
    assert answers(server_url, [(rows, clause) for rows in stored]) == [True, False, True, False, True]


def test_which_numbers_are_indexed() -> None:
    values = [
        ("integer", -3), ("positiveInt", 7), ("unsignedInt", 0), ("decimal", Decimal("0.50")), ("decimal", 4),
        ("decimal", True), ("decimal", Decimal("NaN")), ("decimal", Decimal("Infinity")), ("decimal", "5"),
        ("decimal", Decimal("1e9999")), ("integer", 10**5000), ("decimal", Decimal("1" * 41)),
        ("decimal", Decimal("1e-61")), ("Range", {"low": {"value": 1}, "high": {"value": 2}}),
        ("Range", {"high": {"value": 2}}), ("Range", {"low": {"value": 3}, "high": {"value": 2}}), ("Range", {}),
        ("Range", {"low": {"value": Decimal("1e99")}}),
        ("Range", {"low": {"value": Decimal("1e99")}, "high": {"value": 2}}),
    ]  # fmt: skip
    points = [Decimal(text) for text in ("-3", "7", "0", "0.5", "4")]
    ranges = [(Decimal(1), Decimal(2)), (-INFINITY, Decimal(2))]
    assert [(low, high) for _, low, high in number.bounds(values)] == [*((one, one) for one in points), *ranges]


REFUSED = [
    "", "x", "gt", "eq", "5 ", " 5", "+5", ".5", "5.", "5e", "1e5e5", "NaN", "inf", "Infinity", "1e9999", "1e60",
    "1e-61", "9" * 41, "9" * 5000, "xx5", "GT5", "gtgt5", "٣", "0x10", "1_000", "5,4", "5\n", "--5", "1e+2",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_is_refused_without_saying_what_it_was(text: str) -> None:
    begun = time.perf_counter()
    for refusing, code in ((number.clause, "FD-SEARCH-NUMBER"), (quantity.clause, "FD-SEARCH-QUANTITY")):
        with pytest.raises(BadRequest) as refused:
            refusing(asked_for([text or "|"]))
        [issue] = refused.value.issues
        assert issue.key == code
        assert NAME.code in issue.zh
        assert NAME.code in issue.en
        assert len(text) < 5 or text not in issue.zh + issue.en
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("text", ["5.4|mg", "5.4|a|b|c", "5.4|http://unitsofmeasure.org|", "5.4|x", "|x|y"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="value-quantity"):
        quantity.clause(asked_for([text]))


@pytest.mark.parametrize("clause", [number.clause, quantity.clause])
def test_there_are_no_modifiers(clause: Callable[[Asked], Clause]) -> None:
    with pytest.raises(NotSupported) as refused:
        clause(asked_for(["5"], "exact"))
    assert refused.value.issues[0].key == "FD-SEARCH-MODIFIER"


@given(st.text("eqngtlsabp0123456789.-+eE|/", max_size=60) | st.text(max_size=30))
def test_whatever_is_asked_is_answered_or_refused(text: str) -> None:
    for clause in (number.clause, quantity.clause):
        try:
            found = clause(asked_for([text]))
        except BadRequest:
            continue
        for condition in conditions(found):
            assert all(isinstance(bound, Decimal) and bound.is_finite() for bound in condition.parameters.values())


# Quantities


def measured(value: str, code: str = "", unit: str = "", system: str = "", comparator: str = "") -> dict[str, Any]:
    members = {"code": code, "unit": unit, "system": system, "comparator": comparator}
    return {"value": Decimal(value)} | {name: text for name, text in members.items() if text}


MG = measured("5.4", "mg", "milligram", ucum.SYSTEM)
UCUM = f"|{ucum.SYSTEM}|"
LOCAL = "http://example.org/units"

FOUND = [
    (MG, "5.4", True),
    (MG, "5.4||mg", True),
    (MG, "5.4||milligram", True),
    (MG, "5.4||g", False),
    (MG, f"5.4{UCUM}mg", True),
    (MG, f"0.0054{UCUM}g", True),
    (MG, f"5400{UCUM}ug", True),
    (MG, f"5.40e-3{UCUM}g", True),
    (MG, f"5.41{UCUM}mg", False),
    (MG, f"5{UCUM}mg", True),
    (MG, f"5.4{UCUM}mL", False),
    (MG, f"5.4|{LOCAL}|mg", False),
    (MG, f"lt5.4{UCUM}mg", False),
    (MG, f"le5.4{UCUM}mg", True),
    (MG, f"le5400{UCUM}ug", True),
    (MG, f"gt5399{UCUM}ug", True),
    (MG, f"ap5{UCUM}mg", True),
    (MG, f"ap6.1{UCUM}mg", False),
    (MG, f"ne5.4{UCUM}mg", False),
    (MG, f"ne9{UCUM}mg", True),
    (MG, f"ne9{UCUM}mL", False),
    (measured("5.45", "mg", "", ucum.SYSTEM), f"5.4{UCUM}mg", False),
    (measured("5.35", "mg", "", ucum.SYSTEM), f"5.4{UCUM}mg", True),
    (measured("37.0", "Cel", "°C", ucum.SYSTEM), f"98.6{UCUM}[degF]", True),
    (measured("39.5", "Cel", "°C", ucum.SYSTEM), f"gt38{UCUM}Cel", True),
    (measured("120", "mm[Hg]", "mmHg", ucum.SYSTEM), f"ge15.9{UCUM}kPa", True),
    (measured("120", "mm[Hg]", "mmHg", ucum.SYSTEM), "120||mmHg", True),
    (measured("7.40", "[pH]", "", ucum.SYSTEM), f"7.4{UCUM}[pH]", True),
    (measured("7", "not a unit", "", ucum.SYSTEM), f"7{UCUM}not a unit", True),
    (measured("7", "tablet", "片", LOCAL), f"7|{LOCAL}|tablet", True),
    (measured("7", "tablet", "片", LOCAL), "7||片", True),
    (measured("7", "a|b", "", LOCAL), rf"7|{LOCAL}|a\|b", True),
    (measured("7"), "7", True),
    (measured("7"), "7||", True),
    (measured("7"), "7||mg", False),
    # a comparator leaves one side open
    (measured("5", "mg", "", ucum.SYSTEM, ">"), f"gt5{UCUM}mg", True),
    (measured("5", "mg", "", ucum.SYSTEM, ">"), f"sa5{UCUM}mg", True),
    (measured("5", "mg", "", ucum.SYSTEM, ">"), f"le5{UCUM}mg", False),
    (measured("5", "mg", "", ucum.SYSTEM, ">"), f"gt1{UCUM}kg", True),
    (measured("5", "mg", "", ucum.SYSTEM, ">"), "5", False),
    (measured("5", "mg", "", ucum.SYSTEM, ">="), f"le5{UCUM}mg", True),
    (measured("5", "mg", "", ucum.SYSTEM, ">="), f"sa5{UCUM}mg", False),
    (measured("5", "mg", "", ucum.SYSTEM, "<"), f"lt0{UCUM}mg", True),
    (measured("5", "mg", "", ucum.SYSTEM, "<"), f"ge5{UCUM}mg", False),
    (measured("5", "mg", "", ucum.SYSTEM, "<"), f"eb5{UCUM}mg", True),
    (measured("0", "mg", "", ucum.SYSTEM, "<"), f"ge0{UCUM}mg", False),
    (measured("5", "mg", "", ucum.SYSTEM, "<="), f"ge5{UCUM}mg", True),
    (measured("5", "mg", "", ucum.SYSTEM, "<="), f"eb5{UCUM}mg", False),
]


def test_quantities_are_found_by_unit(server_url: str) -> None:
    cases = [(indexed(("Quantity", stored)), quantity.clause(asked_for([text]))) for stored, text, _ in FOUND]
    found = answers(server_url, cases)
    assert [case for case, one in zip(FOUND, found, strict=True) if case[2] != one] == []


def test_other_types_of_quantity(server_url: str) -> None:
    range_ = {"low": measured("1", "g", "", ucum.SYSTEM), "high": measured("2000", "mg", "", ucum.SYSTEM)}
    years = {"low": measured("18", "a"), "high": measured("65", "a")}
    cases = [
        (("Age", measured("70", "a", "", ucum.SYSTEM)), f"gt800{UCUM}mo", True),
        (("Duration", measured("90", "min", "", ucum.SYSTEM)), f"1.5{UCUM}h", True),
        (("Count", measured("3", "1", "", ucum.SYSTEM)), "3", True),
        (("Money", {"value": Decimal("12.50"), "currency": "CNY"}), "12.50|urn:iso:std:iso:4217|CNY", True),
        (("Money", {"value": Decimal("12.50"), "currency": "CNY"}), "12.50||CNY", True),
        (("Money", {"value": Decimal("12.50"), "currency": "CNY"}), "12.50||USD", False),
        (("Range", range_), f"gt1999{UCUM}mg", True),
        (("Range", range_), f"gt2{UCUM}g", False),
        (("Range", range_), f"ap1.5{UCUM}g", True),
        (("Range", range_), "gt0", False),  # 1 and 2000 of nothing
        (("Range", years), "ge65||a", True),
        (("Range", years), "ap40", True),
        (("Range", {"low": years["low"]}), "gt200||a", True),
        (("Range", {"low": years["low"]}), "lt18||a", False),
        (("Range", {"high": years["high"]}), "lt0||a", True),
        (("SampledData", {"origin": {"value": 1}}), "1", False),
        (("Quantity", {"unit": "mg"}), "0", False),
        (("Quantity", measured("1e70", "mg")), "gt0", False),
        (("Quantity", measured("1e-59", "ym", "", ucum.SYSTEM)), f"gt-1{UCUM}m", False),
    ]
    anything = indexed(("Quantity", measured("1", "x")))  # PostgreSQL wants a row
    found = answers(
        server_url,
        [(indexed(value), quantity.clause(asked_for([text]))) for value, text, _ in cases] + [(anything, AnyOf(()))],
    )
    assert [case for case, one in zip(cases, found, strict=False) if case[2] != one] == []


def test_alternatives_in_different_units(server_url: str) -> None:
    clause = quantity.clause(asked_for([f"gt1{UCUM}g", "lt1||片", f"gt2{UCUM}kg", f"5{UCUM}m"]))
    grouped = list(conditions(clause))
    assert sum(len(one.keys) for one in grouped) == 3
    stored = [measured("1200", "mg", "", ucum.SYSTEM), measured("0.5", "", "片"), measured("5", "片"), MG]
    assert answers(server_url, [(indexed(("Quantity", one)), clause) for one in stored]) == [True, True, False, False]


def test_a_composite_can_use_the_parts() -> None:
    suffix, comparison = quantity.sought(NAME, f"gt5.4{UCUM}mg")
    assert suffix == (ucum.SYSTEM, "g")
    own = key(NAME, "loinc", "1234-5", *suffix)
    assert number.condition([own], [comparison]).keys == (own,)
    assert {(bounds.suffix, bounds.low) for bounds in quantity.bounds([("Quantity", MG)])} == {
        ((), Decimal("5.4")),
        (("mg",), Decimal("5.4")),
        (("milligram",), Decimal("5.4")),
        ((ucum.SYSTEM, "g"), Decimal("0.0054")),
    }

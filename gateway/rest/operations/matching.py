"""How likely two Patient resources speak of one person: evidence weighed in bits, by Fellegi and Sunter.

A weight is log2 of how much oftener two facts agree (or differ) in one person than in two: +10 is a thousandfold.
https://hl7.org/fhir/R4/patient-operation-match.html and https://doi.org/10.1080/01621459.1969.10501049
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.search import chinese
from profiles import canonical, identifiers
from profiles.json import Resource

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


@dataclass(frozen=True, slots=True)
class Weight:
    """What it says that a fact agrees, or that it differs; nothing is said by what only one of the two has."""

    agrees: float
    differs: float = 0.0


WEIGHTS: Mapping[str, Weight] = {
    # One number for life, with a check character: a slip of the pen does not make another valid one.
    "resident": Weight(30, -40),
    # Record numbers, cards: unique to their system, yet lent, reissued and copied; a person may have several.
    "identifier": Weight(24),
    # The commonest full names (张伟, 王芳) have one in 4500, most have far fewer; written wrong one time in eight.
    "name": Weight(11, -3),
    # The same sounds or initials: heard at a counter, or one of the two in pinyin only.
    "sound": Weight(8),
    # One day of some eighty years; written wrong, or by the lunar calendar, one time in thirty.
    "birth": Weight(14, -5),
    # Two of year, month and day: what a slip leaves.
    "near-birth": Weight(6),
    "gender": Weight(1, -6),
    # A number for a household: children have their parents'; old people change it seldom.
    "phone": Weight(13, -0.5),
}
PRIOR = -20.0
"""That any one resident of a million is the one who is meant."""
_CERTAIN, _PROBABLE, _POSSIBLE = 13.0, 3.5, -3.0
"""One error in eight thousand; better than ten to one; better than one to eight."""
_PHONE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    """The probability, 0 to 1."""
    grade: str | None
    """certain, probable, possible, certainly-not, or None for what nobody would take for the same person."""


def likeness(one: Resource, other: Resource) -> Likeness:
    """Two valid identity numbers that differ are two people, whatever else agrees."""
    evidence = dict(_evidence(one, other))
    bits = PRIOR + sum(evidence.values())
    against = WEIGHTS["resident"].differs
    grade = _grade(bits)
    if evidence.get("resident") == against:
        return Likeness(0.0, "certainly-not" if _grade(bits - against) else None)
    return Likeness(round(1 / (1 + 2.0**-bits), 4), grade)


def _grade(bits: float) -> str | None:
    for grade, least in (("certain", _CERTAIN), ("probable", _PROBABLE), ("possible", _POSSIBLE)):
        if bits >= least:
            return grade
    return None


def _evidence(one: Resource, other: Resource) -> Iterator[tuple[str, float]]:
    yield from _compared("resident", residents(one), residents(other))
    yield from _compared("identifier", _identifiers(one), _identifiers(other))
    yield from _compared("phone", phones(one), phones(other))
    yield from _compared("gender", _known(one.get("gender")), _known(other.get("gender")))
    yield from _names(one, other)
    yield from _births(one.get("birthDate"), other.get("birthDate"))


def _compared(fact: str, one: frozenset[Any], other: frozenset[Any]) -> Iterator[tuple[str, float]]:
    if one and other:
        weight = WEIGHTS[fact]
        yield fact, weight.agrees if one & other else weight.differs


def _names(one: Resource, other: Resource) -> Iterator[tuple[str, float]]:
    mine, theirs = _written(one), _written(other)
    if not mine or not theirs:
        return
    if mine & theirs:
        yield "name", WEIGHTS["name"].agrees
    elif _sounds(one) & _sounds(other):
        yield "sound", WEIGHTS["sound"].agrees
    else:
        yield "name", WEIGHTS["name"].differs


def _births(one: str | None, other: str | None) -> Iterator[tuple[str, float]]:
    """A year, or a month, that agrees is worth what it narrows down."""
    if one is None or other is None:
        return
    mine, theirs = one.split("-"), other.split("-")
    both = min(len(mine), len(theirs))
    same = sum(left == right for left, right in zip(mine, theirs, strict=False))
    swapped = both == 3 and mine[0] == theirs[0] and mine[1:] == theirs[:0:-1]
    if same == both:
        yield "birth", WEIGHTS["birth"].agrees if both == 3 else WEIGHTS["near-birth"].agrees * both / 2
    elif swapped or (both == 3 and same == 2):
        yield "near-birth", WEIGHTS["near-birth"].agrees
    else:
        yield "birth", WEIGHTS["birth"].differs


# What a Patient says, in a form that compares


def residents(patient: Resource) -> frozenset[str]:
    """Valid identity numbers, of 18 characters; those of 15 digits are made so."""
    said = (one.get("value", "") for one in patient.get("identifier", ()) if one.get("system") == canonical.RESIDENT_ID)
    return frozenset(number for value in said if (number := identifiers.resident_id(value)))


def _identifiers(patient: Resource) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one["system"], one["value"])
        for one in patient.get("identifier", ())
        if one.get("system") not in {None, canonical.RESIDENT_ID} and "value" in one and one.get("use") != "old"
    )


def phones(patient: Resource) -> frozenset[str]:
    """Digits only, without the code of the country."""
    said = (one.get("value", "") for one in patient.get("telecom", ()) if one.get("system") in {"phone", "sms"})
    digits = (re.sub(r"^(?:\+|00)86", "", re.sub(r"[\s()-]", "", value)) for value in said)
    return frozenset(one for one in digits if one.isdecimal() and len(one) >= _PHONE_DIGITS)


def _known(gender: str | None) -> frozenset[str]:
    return frozenset({gender} if gender in {"male", "female"} else ())


def _written(patient: Resource) -> frozenset[str]:
    """Whole names, folded: traditional or simplified, in two parts or in one."""
    names = patient.get("name", ())
    every = {chinese.fold(text) for name in names for text in (chinese.full(name), name.get("text") or "")}
    return frozenset(every - {""})


def _sounds(patient: Resource) -> frozenset[str]:
    """Whole names in Latin letters without spaces, as they are or as they are read."""
    sounds: set[str] = set()
    for text in _written(patient):
        spelled = chinese.romanised(text, surname=True)
        sounds |= {one for one in spelled if len(one) > len(text)} or {"".join(re.findall("[a-z]+", text))}
    return frozenset(sounds - {""})

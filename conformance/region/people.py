"""One person by a number: age, name, diseases and key populations, and the identifiers that nobody else has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from conformance.region import illness, names
from conformance.region.elements import HL7, TEST_DATA, concept, link
from conformance.region.illness import Disease
from conformance.region.names import Name
from conformance.region.places import COMMUNITY, DISTRICT, PROVINCE, Place, place
from profiles import policy
from profiles.canonical import HEALTH_RECORD_NO, RESIDENT_ID
from profiles.json import Resource

_AGES = (55, 64, 60, 52, 53, 65, 88, 70, 66, 81, 86, 72, 52, 53, 35, 22, 14, 8, 3, 1)
"""Per thousand in each five years of age, about as in the census of 2020."""
_AGE_WEIGHTS = list(accumulate(_AGES))
_YEAR = 365.2425
_BIRTHDAYS, _SERIALS = 100, 500
MOTHER = timedelta(days=99 * _BIRTHDAYS)
"""How much older a mother is, 27 years: round, so that with her child's serial number no other has her number."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_NATIONAL_ID = concept(f"{HL7}/v2-0203", "NI")


@dataclass(frozen=True, slots=True)
class Person:
    """`until` is the last day on which something may have happened: yesterday, or the day of death."""

    number: int
    name: Name
    gender: str
    birth: date
    place: Place
    chronic: tuple[Disease, ...]
    flags: tuple[str, ...]
    until: date
    dead: bool

    @property
    def serial(self) -> str:
        """Ends the ids of what is written of the person."""
        return f"{self.number:07}"

    @property
    def reference(self) -> str:
        return f"Patient/p-{self.serial}"

    @property
    def age(self) -> int:
        return policy.age(self.birth, self.until)


def person(rng: Random, number: int, today: date) -> Person:
    """Who has that number, counted from 1; `rng` is of that person alone."""
    gender = "male" if rng.random() < 0.512 else "female"
    birth = _birth(rng, number, today)
    age = policy.age(birth, today)
    dead = rng.random() < (0.001 if age < 60 else 0.01 if age < 75 else 0.06)
    until = today - timedelta(days=rng.randint(30, 600) if dead and age > 2 else 1)
    chronic = illness.chronic(rng, age)
    flags = tuple(_flags(rng, gender, age, chronic))
    where = place((number - 1) // COMMUNITY)
    return Person(number, names.name(rng, gender, birth.year), gender, birth, where, chronic, flags, until, dead)


def patient(one: Person) -> Resource:
    """The Patient, tagged as a person who does not exist."""
    end = {"deceasedDateTime": one.until.isoformat()} if one.dead else {}
    return {
        "resourceType": "Patient",
        "id": f"p-{one.serial}",
        "meta": TEST_DATA,
        "identifier": [
            {"use": "official", "type": _NATIONAL_ID, "system": RESIDENT_ID, "value": resident_id(one)},
            {"system": HEALTH_RECORD_NO, "value": f"{one.place.village}{_index(one.number, COMMUNITY) + 1:05}"},
        ],
        "active": True,
        "name": [{"use": "official", "text": one.name.text, "family": one.name.family, "given": [one.name.given]}],
        "telecom": [{"system": "phone", "value": f"000-{one.number:08}", "use": "mobile"}],
        "gender": one.gender,
        "birthDate": one.birth.isoformat(),
        **end,
        "address": [_address(one)],
        "managingOrganization": link(one.place.centre),
    }


def resident_id(one: Person) -> str:
    """公民身份号码: right in form and check character (GB 11643), of a region that does not exist.

    Nobody shares it: of the 50 000 in a district, the hundred with the same serial number have birthdays that
    differ modulo a hundred.
    """
    index = _index(one.number, DISTRICT)
    serial = (index // _BIRTHDAYS * 7 + index % _BIRTHDAYS * 13) % _SERIALS
    body = f"{one.place.code}{one.birth:%Y%m%d}{2 * serial + (one.gender == 'male'):03}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + _CHECKS[total % 11]


def _index(number: int, people: int) -> int:
    """The person's place among those of a district, or a community, of so many people."""
    return (number - 1) % people


def _birth(rng: Random, number: int, today: date) -> date:
    """A birthday of the age that the shares give, as many days after the last round hundred as `number` asks for."""
    five = rng.choices(range(len(_AGES)), cum_weights=_AGE_WEIGHTS)[0]
    born = today.toordinal() - 1 - int((five + rng.random()) * 5 * _YEAR)
    return date.fromordinal(born - (born - number) % _BIRTHDAYS)


def _flags(rng: Random, gender: str, age: int, chronic: tuple[Disease, ...]) -> Iterator[str]:
    yield from (one.flag for one in chronic if one.flag)
    shares = (
        ("child", age < 7, 1.0),
        ("maternal", gender == "female" and 20 <= age < 42, 0.05),
        ("elderly", age >= 65, 1.0),
        ("disabled-elderly", age >= 75, 0.08),
        ("living-alone", age >= 65, 0.09),
        ("disabled", age >= 7, 0.02),
        ("out-of-poverty", True, 0.03),
        ("tuberculosis", age >= 15, 0.0006),
    )
    yield from (code for code, meant, share in shares if meant and rng.random() < share)


def _address(one: Person) -> Resource:
    where = one.place
    line = f"{where.street_name}{where.community_name}示例路{_index(one.number, COMMUNITY) + 1}号"
    return {
        "use": "home",
        "text": f"{PROVINCE}{where.city_name}{where.district_name}{line}",
        "line": [line],
        "city": where.city_name,
        "district": where.code,
        "state": PROVINCE,
        "country": "CN",
    }

"""Invented residents: ages in fixed shares, names that nobody bears, identifiers that nobody holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from conformance.synthetic.identifiers import health_record_no, resident_id
from profiles.canonical import HEALTH_RECORD_NO, RESIDENT_ID, concept
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Band:
    """Completed years at the least and at the most, and the key-population codes that come with them."""

    name: str
    youngest: int
    oldest: int
    flags: tuple[str, ...] = ()


AGED = Band("aged", 80, 95, ("elderly",))
DISABLED = Band("disabled", 62, 78, ("elderly", "disabled-elderly"))
ELDERLY = Band("elderly", 60, 78, ("elderly",))
MATERNAL = Band("maternal", 22, 38, ("maternal",))
CHILD = Band("child", 2, 5, ("child",))
ADULT = Band("adult", 18, 57)

_SHARES = (
    AGED,
    ADULT,
    CHILD,
    MATERNAL,
    DISABLED,
    *(ADULT,) * 7,
    *(ELDERLY,) * 5,
    AGED,
    DISABLED,
    *(ADULT,) * 6,
)
"""Every 25 residents hold these; so do the lapsed and the uncontracted, who are 25 each."""

_NAMES = {0: "示例弢", 1: "虚构珅"}
"""弢 8F7C and 珅 AB7C: in GB18030 their second byte is the field separator `|`."""


@dataclass(frozen=True, slots=True)
class Resident:
    serial: int
    name: str
    gender: str
    birth: date
    band: Band

    @property
    def id(self) -> str:
        return f"resident-{self.serial:03}"

    @property
    def identifier(self) -> str:
        """公民身份号码."""
        return resident_id(self.birth, self.gender, self.serial)


def residents(rng: Random, today: date, serials: range) -> tuple[Resident, ...]:
    """One resident for each serial number, of the age that its share asks for on `today`."""
    return tuple(_resident(rng, today, serial) for serial in serials)


def resources(resident: Resident, author: str, flagged: date) -> Iterator[Resource]:
    """The Patient and one Flag per key population, set by `author` (`Organization/…`) on the day `flagged`."""
    yield _patient(resident)
    for code in resident.band.flags:
        yield {
            "resourceType": "Flag",
            "id": f"{resident.id}-{code}",
            "status": "active",
            "category": [concept("flag-category", "key-population")],
            "code": concept("key-population", code),
            "subject": {"reference": f"Patient/{resident.id}"},
            "period": {"start": flagged.isoformat()},
            "author": {"reference": author},
        }


def _resident(rng: Random, today: date, serial: int) -> Resident:
    band = _SHARES[serial % len(_SHARES)]
    gender = "female" if band is MATERNAL else rng.choice(("male", "female"))
    earliest = years_after(today, -band.oldest - 1) + timedelta(days=1)
    span = years_after(today, -band.youngest) - earliest
    birth = earliest + timedelta(days=rng.randint(0, span.days))
    return Resident(serial, _NAMES.get(serial, _name(rng, serial)), gender, birth, band)


def _name(rng: Random, serial: int) -> str:
    digits = "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{serial:03}")
    return rng.choice(("示例", "虚构", "样本")) + digits


def years_after(day: date, years: int) -> date:
    """The same day that many years later, or earlier if negative; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _patient(resident: Resident) -> Resource:
    national_id = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NI"}
    return {
        "resourceType": "Patient",
        "id": resident.id,
        "identifier": [
            {
                "use": "official",
                "type": {"coding": [national_id]},
                "system": RESIDENT_ID,
                "value": resident.identifier,
            },
            {"system": HEALTH_RECORD_NO, "value": health_record_no(resident.serial)},
        ],
        "active": True,
        "name": [{"use": "official", "text": resident.name}],
        "telecom": [{"system": "phone", "value": f"1000000{resident.serial:04}", "use": "mobile"}],
        "gender": resident.gender,
        "birthDate": resident.birth.isoformat(),
        "address": [{"use": "home", "text": f"重庆市黔江区示例路{resident.serial + 1}号", "district": "500114"}],
    }

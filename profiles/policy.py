"""Policy packs: what each jurisdiction's paper regulates, as data; requirements catalogue §0 and §6."""

import math
import re
import tomllib
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from profiles.canonical import BASE

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")

Severity = Literal["error", "warning"]
Trigger = Literal[
    "inpatient-admission",
    "discharge",
    "discharge-eligible",
    "discharge-to-elderly-institution",
    "referral-created",
    "referral-received",
    "referred-outpatient-visit",
]
Owner = Literal["fd-centre", "fd-team", "chc", "district-hospital"]
Days = Annotated[str, msgspec.Meta(pattern=r"^P[1-9]\d*D$")]
HoursOrDays = Annotated[str, msgspec.Meta(pattern=r"^P(T[1-9]\d*H|[1-9]\d*D)$")]

_IDENTITY = frozenset({"id", "version", "title"})
_PACK = f"{BASE}/PlanDefinition/policy-pack-"
_CANONICAL = re.compile(re.escape(_PACK) + r"([a-z-]+)\|(.+)")
_T = TypeVar("_T")


class PackError(ValueError):
    """A pack that does not exist or breaks the schema; the text names the file and the key."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TOML table: typed, closed and immutable."""


class Title(Table, frozen=True):
    zh: str
    en: str


class Alternative(Table, frozen=True):
    """One way to be eligible: all that it names must hold. Ages are completed years."""

    min_age: int | None = None
    below_age: int | None = None
    flag: str | None = None

    def holds(self, years: int | None, flags: frozenset[str]) -> bool:
        if self.flag is not None and self.flag not in flags:
            return False
        if self.min_age is None and self.below_age is None:
            return True
        return years is not None and (self.min_age or 0) <= years < (self.below_age or math.inf)


class Timer(Table, frozen=True):
    """A duty with a due time. `after` in hours is exact; in days it ends with the day (§0, gap G-4)."""

    code: str
    title: Title
    after: HoursOrDays
    trigger: Trigger
    owner: Owner
    req: str
    target: Days | None = None
    """Aimed at earlier than `after` requires."""
    within: Literal["P1M"] | None = None
    """Repeats every `after`, in each whole window of this period."""
    eligible: tuple[Alternative, ...] = ()
    """Empty: for everybody."""
    outputs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    condition: str | None = None
    severity: Severity = "error"

    def due(self, trigger: datetime) -> datetime:
        """The (first) due time, in Asia/Shanghai; `ValueError` for a trigger without a zone."""
        local = _local(trigger)
        if self.after.startswith("PT"):
            return local + timedelta(hours=int(self.after[2:-1]))
        return _end_of(local.date() + timedelta(days=int(self.after[1:-1])))

    def dues(self, trigger: datetime) -> tuple[datetime, ...]:
        """Every due time: one, or one for each whole window of `within`."""
        if self.within is None:
            return (self.due(trigger),)
        first = _local(trigger).date()
        step = timedelta(days=int(self.after[1:-1]))
        windows = (_month_after(first) - first) // step
        return tuple(_end_of(first + step * n) for n in range(1, windows + 1))

    def applies(self, years: int | None, flags: frozenset[str]) -> bool:
        """Whether it holds for a person of that age (None: unknown) with these key-population codes."""
        return not self.eligible or any(one.holds(years, flags) for one in self.eligible)


class Term(Table, frozen=True):
    """Length of a contract in months."""

    min: int
    max: int
    default: int
    severity: Severity


class Contract(Table, frozen=True):
    term_months: Term
    auto_renew: bool
    party: tuple[Literal["team", "individual"], ...]
    deemed_mch: bool
    cross_region: bool
    max_active: int
    family_unit: bool = False
    supplementary: bool = False


class Doctor(Table, frozen=True):
    panel_limit: int
    severity: Severity
    eligibility: tuple[str, ...]


class Leader(Table, frozen=True):
    role: str
    severity: Severity


class Team(Table, frozen=True):
    """`min`: team-role code to the fewest participants of that role."""

    min: dict[str, int]
    leader: Leader


class Pack(Table, frozen=True):
    """One jurisdiction's rules, inheritance resolved."""

    id: str
    version: str
    title: Title
    contract: Contract
    doctor: Doctor
    team: Team
    extends: str | None = None
    timers: tuple[Timer, ...] = ()

    @property
    def canonical(self) -> str:
        """What a contract under this pack carries in its extension `governing-policy`."""
        return f"{_PACK}{self.id}|{self.version}"


@cache
def load(name: str, folder: Traversable | None = None) -> Pack:
    """The pack of that name from `folder` (default: the packs we ship); raises `PackError`."""
    document = _document(name, folder or files("profiles").joinpath("policies"))
    timers = document.pop("timers", {})
    pack = _convert(document, Pack, f"{name}.toml")
    found = (_convert({"code": code, **table}, Timer, f"{name}.toml, timers.{code}") for code, table in timers.items())
    return msgspec.structs.replace(pack, timers=tuple(found))


def for_canonical(canonical: str) -> Pack:
    """The pack that a contract names as its `governing-policy`; `PackError` for another version than ours."""
    named = _CANONICAL.fullmatch(canonical)
    if named is None or (pack := load(named[1])).version != named[2]:
        raise PackError(f"No policy pack {canonical}")
    return pack


def age(birth: date, on: date) -> int:
    """Completed years; somebody born on 29 February ages on 1 March of common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _document(name: str, folder: Traversable) -> dict[str, Any]:
    """The tables of a pack over those of the pack that it extends; identity is never inherited."""
    try:
        own = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackError(f"No policy pack {name}.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{name}.toml: {error}") from error
    parent = _document(own["extends"], folder) if "extends" in own else {}
    adopted = {"timers": _adopted(name, own.pop("adopts", {}), folder)}
    inherited = {key: value for key, value in parent.items() if key not in _IDENTITY}
    return _merged(_merged(inherited, adopted), own)


def _adopted(name: str, adopts: Mapping[str, list[str]], folder: Traversable) -> dict[str, Any]:
    """Timers that a pack takes over from packs that it does not extend."""
    timers = {}
    for other, codes in adopts.items():
        offered = _document(other, folder).get("timers", {})
        for code in codes:
            if code not in offered:
                raise PackError(f"{name}.toml, adopts.{other}: no timer {code} there")
            timers[code] = offered[code]
    return timers


def _merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merge key by key; of anything else the child's wins."""
    both = {
        key: _merged(parent[key], value)
        for key, value in child.items()
        if isinstance(value, dict) and isinstance(parent.get(key), dict)
    }
    return {**parent, **child, **both}


def _convert(value: object, to: type[_T], place: str) -> _T:
    try:
        return msgspec.convert(value, to)
    except msgspec.ValidationError as error:
        raise PackError(f"{place}: {error}") from error


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A trigger needs its time zone")
    return moment.astimezone(ZONE)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), ZONE)


def _month_after(day: date) -> date:
    first = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))

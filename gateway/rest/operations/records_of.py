"""What belongs to the record of a patient or of an encounter, as a search over all types.

The record is the compartment, in the order of its clinical dates, with whatever it refers to that is nobody else's:
practitioners, organizations, places, devices.
https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.finding import Place
from gateway.records import Records
from gateway.search import criteria, date
from gateway.search.context import Context
from gateway.search.order import Sort
from gateway.search.parameters import Catalogue
from gateway.search.query import Include, Pairs, Query
from gateway.search.terms import (
    IDENTITY,
    LAST,
    All,
    AnyOf,
    Clause,
    Condition,
    Linked,
    Name,
    Not,
    Present,
    Targets,
    key,
)
from gateway.storage.hashes import target
from profiles import definitions

_FOLLOWED = (
    "CareTeam",
    "Device",
    "EpisodeOfCare",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "PractitionerRole",
)
"""What these refer to comes along too: who and where, not what was done."""
_SHARED = {"CareTeam"}
"""In a compartment, or of nobody in particular: a team of family doctors has no subject."""
_CARE_DATES = {
    "DetectedIssue": "identified",
    "ImagingStudy": "started",
    "MedicationAdministration": "effective-time",
    "MedicationDispense": "whenhandedover",
    "NutritionOrder": "datetime",
    "Specimen": "collected",
    "VisionPrescription": "datewritten",
}
"""When care was given, of types whose resources have no clinical date in the index."""


@dataclass(frozen=True, slots=True)
class Focus:
    """Whose record it is."""

    type: str
    id: str
    subject: str | None
    """The patient of an encounter, `Patient/1`."""


def wanted_types(pairs: Pairs) -> frozenset[str]:
    """Those of `_type`; none where all are wanted."""
    return frozenset(one for name, value in pairs if name == "_type" for one in value.split(",") if one)


def asked(records: Records, focus: Focus, pairs: Pairs) -> Query:
    """The query of one record; its pairs are `start`, `end`, `_since`, `_type` and `_count`, checked before.

    Where a type is wanted that may stand outside the compartment, all of it is searched for what it refers to.
    """
    said = dict(pairs)
    wanted = wanted_types(pairs)
    types = _searched(records, focus, wanted)
    common = [(name, said[name]) for name in ("_count",) if name in said]
    found = records.finder.parsed(Place(), [("_type", ",".join(types)), *common])
    context = records.finder.visibility.context()
    since = [_since(said["_since"], context)] if "_since" in said else []
    limits = [_dated(types, said, context.catalogue)] if said.keys() & {"start", "end"} else []
    return replace(
        found,
        clause=All((_compartment(focus, types), *limits, *since, found.clause)),
        applied=tuple(pair for pair in pairs if pair[0] != "_cursor"),
        sorts=(Sort("moment", descending=False),),
        includes=(
            Include("*", "*", None, iterate=False, reverse=False),
            *(Include(one, "*", None, iterate=True, reverse=False) for one in _FOLLOWED),
        ),
        brought=All((_nobody_elses(focus), *_of_types(wanted), *since)),
    )


def _searched(records: Records, focus: Focus, wanted: frozenset[str]) -> list[str]:
    every = {focus.type, *definitions.compartment(focus.type)}
    for one in sorted(wanted):
        records.grant.require(one, "search")
    types = wanted if wanted and wanted <= every - _SHARED else every
    allowed = sorted(one for one in types if records.grant.allows(one, "search"))
    if not allowed:
        records.grant.require(focus.type, "search")
    return allowed


def _compartment(focus: Focus, types: Sequence[str]) -> Clause:
    own = f"{focus.type}/{focus.id}"
    itself = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", {"refs": [target(own)]}, rank=IDENTITY)
    members = Targets(_keys(focus.type, types), (target(own),))
    return AnyOf((members, itself)) if members.keys else itself


def _keys(compartment: str, types: Sequence[str]) -> tuple[int, ...]:
    known = definitions.compartment(compartment)
    return tuple(key(Name(one, code)) for one in types for code in known.get(one, ()))


def _nobody_elses(focus: Focus) -> Clause:
    """What is in the compartment of no patient, or in that of the encounter's own."""
    patient = Condition("resource", "x.type = 'Patient'", {}, rank=LAST)
    every = _keys("Patient", sorted(definitions.compartment("Patient").keys() - {"Patient"}))
    free = All((Not(patient), Not(Linked(every, ("Patient",), All(())))))
    if focus.subject is None:
        return free
    refs = {"refs": [target(focus.subject)]}
    itself = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", refs, rank=IDENTITY)
    return AnyOf((free, itself, Targets(every, (target(focus.subject),))))


def _of_types(wanted: frozenset[str]) -> Iterator[Clause]:
    if wanted:
        yield Condition("resource", "x.type = ANY(%(types_{n})s::text[])", {"types": sorted(wanted)}, rank=LAST)


def _since(moment: str, context: Context) -> Clause:
    found = criteria.clause(("Resource",), "_lastUpdated", [f"ge{moment}"], context)
    assert found is not None  # noqa: S101 - every type has it
    return found


def _dated(types: Sequence[str], said: dict[str, str], catalogue: Catalogue) -> Clause:
    """Care given, at least in part, between the two dates; what has no date is not left out."""
    first, last = date.interval(said.get("start")), date.interval(said.get("end"))
    bounds = {"start": first.low if first else -date.EVER, "end": last.high if last else date.EVER}
    keys = tuple(key(name) for one in types if (name := _care_date(one, catalogue)))
    inside = Condition("span", "x.low < %(end_{n})s AND x.high > %(start_{n})s", bounds, keys)
    return AnyOf((inside, Not(Present("span", keys)))) if keys else All(())


def _care_date(resource_type: str, catalogue: Catalogue) -> Name | None:
    if resource_type in _CARE_DATES:
        return Name(resource_type, _CARE_DATES[resource_type])
    clock = catalogue.clock(resource_type)
    return clock.name if clock else None

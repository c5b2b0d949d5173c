"""Reading resources that have been validated: codes, identifiers, references, moments."""

from collections.abc import Iterable
from datetime import date, datetime

from gateway.clock import SITE_ZONE, milliseconds
from gateway.search.date import EVER, Interval, interval
from profiles.canonical import code_system
from profiles.json import Resource

_FIRST = datetime(2, 1, 1, tzinfo=SITE_ZONE)
_LAST = datetime(9999, 1, 1, tzinfo=SITE_ZONE)
"""A year from the ends of the calendar, so that a zone or a due time leads to no day that cannot be written."""


def has_code(concepts: Resource | Iterable[Resource] | None, system: str, code: str) -> bool:
    """Whether a CodeableConcept, or one of several, has that code of one of our own code systems."""
    several = [concepts] if isinstance(concepts, dict) else concepts or ()
    url = code_system(system)
    return any(
        coding.get("system") == url and coding.get("code") == code
        for concept in several
        for coding in concept.get("coding", ())
    )


def identifier_value(identifiers: Iterable[Resource], system: str) -> str | None:
    """The value of the first identifier of a system."""
    return next((one["value"] for one in identifiers if one.get("system") == system and "value" in one), None)


def reference(element: Resource | None) -> str:
    """The literal reference without a version, or an empty string where there is none."""
    return str((element or {}).get("reference", "")).partition("/_history/")[0]


def references(elements: Iterable[Resource]) -> list[str]:
    return [found for element in elements if (found := reference(element))]


def moment(text: str) -> datetime:
    """A FHIR dateTime or instant as an aware datetime; a date is its first moment in the site's zone."""
    found = interval(text)
    if found is None:
        raise ValueError("not a FHIR date")
    low = min(max(found.low, milliseconds(_FIRST)), milliseconds(_LAST))
    return datetime.fromtimestamp(low / 1000, SITE_ZONE)


def day(text: str) -> date:
    return moment(text).date()


def term(period: Resource | None) -> Interval:
    """A Period as [low, high), open where it names no bound; a day, a month or a year counts to its end."""
    start, end = (interval((period or {}).get(bound)) for bound in ("start", "end"))
    return Interval(start.low if start else -EVER, end.high if end else EVER)

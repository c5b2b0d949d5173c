"""PID: the person. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-segment-pid-to-patient.html"""

from collections.abc import Iterator
from typing import Any

from mappings.elements import valued
from mappings.hl7v2.codesystems import concept
from mappings.hl7v2.datatypes import cx, st, ts
from mappings.hl7v2.datatypes.xpn import human_names
from mappings.hl7v2.datatypes.xtn import telephones
from mappings.hl7v2.er7 import Field, Segment
from mappings.hl7v2.errors import unreadable_time
from mappings.hl7v2.feed import Feed
from profiles import identifiers as chinese

_WITH_RESIDENT_NUMBER = (3, 19, 2, 4)


def patient(pid: Segment, facility: str, feed: Feed) -> dict[str, Any]:
    """The Patient as the sender knows the person. Raises `Untranslatable` for a PID-7 that is not a date."""
    gender = concept("AdministrativeSex", st.text(pid.value(8)), feed.codes)
    return valued(
        {
            "resourceType": "Patient",
            "identifier": identifiers(pid, facility),
            "name": human_names(pid.field(5)),
            "telecom": telephones(pid.field(13)),
            "gender": gender.code if gender else None,
            "birthDate": birth_date(pid),
            **_deceased(pid, feed),
        }
    )


def identifiers(pid: Segment, facility: str) -> list[dict[str, Any]]:
    """The resident number, wherever it was found, then the other numbers of PID-3."""
    number = resident_id(pid)
    others = (cx.identifier(field, facility) for field in pid.field(3).repetitions if not _same(field, number))
    return [*([cx.resident(number)] if number else []), *filter(None, others)]


def is_identified(pid: Segment) -> bool:
    """Whether `identifiers` finds any."""
    return any(map(cx.number, pid.field(3).repetitions)) or resident_id(pid) is not None


def resident_id(pid: Segment) -> str | None:
    """The first valid resident number in PID-3, 19, 2 or 4, in its 18-character form.

    Hospital numbers made of region and date look like resident numbers and may pass the check by chance, and
    newborns come with their mother's: a number whose birth date contradicts PID-7 is not believed.
    """
    for value, declared in _candidates(pid):
        number = chinese.resident_id(value) if declared or len(value) == 18 else None
        if number and chinese.birth_date(number).isoformat().startswith(_readable_birth_date(pid)):
            return number
    return None


def birth_date(pid: Segment) -> str | None:
    """PID-7 as a FHIR date; raises `Untranslatable` when it is not one."""
    value = pid.value(7)
    try:
        return ts.date(value) if value else None
    except ValueError as error:
        raise unreadable_time("PID-7") from error


def _candidates(pid: Segment) -> Iterator[tuple[str, bool]]:
    for n in _WITH_RESIDENT_NUMBER:
        for field in pid.field(n).repetitions:
            if (value := st.text(field.value())) and len(value) in (15, 18):
                yield value, n == 19 or cx.is_resident_number(field)


def _same(field: Field, number: str | None) -> bool:
    value = st.text(field.value())
    return number is not None and value is not None and chinese.resident_id(value) == number


def _readable_birth_date(pid: Segment) -> str:
    try:
        return ts.date(pid.value(7) or "")
    except ValueError:
        return ""


def _deceased(pid: Segment, feed: Feed) -> dict[str, Any]:
    try:
        return {"deceasedDateTime": ts.date_time(pid.value(29) or "", feed.zone)}
    except ValueError:
        return {"deceasedBoolean": {"Y": True, "N": False}.get(pid.value(30) or "")}

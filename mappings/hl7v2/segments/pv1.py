"""PV1: the visit. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-segment-pv1-to-encounter.html"""

from typing import Any

from mappings.elements import valued
from mappings.hl7v2.codesystems import concept
from mappings.hl7v2.datatypes import st, ts
from mappings.hl7v2.datatypes.hd import organization
from mappings.hl7v2.datatypes.pl import location
from mappings.hl7v2.datatypes.xcn import practitioner
from mappings.hl7v2.er7 import Field, Message, Segment
from mappings.hl7v2.errors import reversed_period, unknown_code
from mappings.hl7v2.feed import Feed
from profiles.canonical import VISIT_NO

from . import evn, msh

_IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_PARTICIPANTS = {7: "ATND", 8: "REF", 9: "CON", 17: "ADM"}


def visit(message: Message, feed: Feed) -> dict[str, Any]:
    """The elements of the Encounter that do not depend on the event; raises `Untranslatable` for PV1-2."""
    pv1, header = message.segment("PV1"), message.segment("MSH")
    facility = msh.facility(header, feed)
    return valued(
        {
            "identifier": [_visit_number(pv1, facility)],
            "class": encounter_class(pv1, feed),
            "participant": _participants(pv1, facility),
            "hospitalization": _hospitalization(pv1, feed),
            "serviceProvider": organization(facility, msh.facility_name(header)),
        }
    )


def encounter_class(pv1: Segment, feed: Feed) -> dict[str, str]:
    """PV1-2 as Coding. An unknown code is refused: taking an inpatient for something else is worse."""
    found = concept("PatientClass", st.text(pv1.value(2)), feed.codes)
    if found is None:
        raise unknown_code("PV1-2", "PatientClass (0004)")
    return {"system": found.system, "code": found.code}


def period(message: Message, feed: Feed, *, start: str | None = None, end: str | None = None) -> dict[str, str]:
    """PV1-44 and PV1-45; where one is missing, `start` or `end` if it fits the other.

    Raises `Untranslatable` for what is no time, or no period.
    """
    said_start, said_end = (evn.date_time(message, "PV1", n, feed) for n in (44, 45))
    if said_start and said_end and ts.is_before(said_end, said_start):
        raise reversed_period()
    start, end = said_start or start, said_end or end
    if start and end and ts.is_before(end, start):
        start, end = said_start, said_end
    return valued({"start": start, "end": end})


def place(
    message: Message, n: int, feed: Feed, *, status: str | None = None, period: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Field `n` as Encounter.location: PV1-3 is the assigned, PV1-6 the prior location."""
    facility = msh.facility(message.segment("MSH"), feed)
    found = location(message.segment("PV1").field(n), facility)
    return [valued({**found, "status": status, "period": period})] if found else []


def _visit_number(pv1: Segment, facility: str) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": _IDENTIFIER_TYPE, "code": "VN"}]},
        "system": VISIT_NO,
        "value": visit_number(pv1),
        "assigner": organization(facility),
    }


def visit_number(pv1: Segment) -> str | None:
    return st.number(pv1.value(19))


def _participants(pv1: Segment, facility: str) -> list[dict[str, Any]]:
    return [
        {"type": [{"coding": [{"system": _PARTICIPATION, "code": code}]}], "individual": individual}
        for n, code in _PARTICIPANTS.items()
        for xcn in pv1.field(n).repetitions
        if (individual := practitioner(xcn, facility))
    ]


def _hospitalization(pv1: Segment, feed: Feed) -> dict[str, Any]:
    destination = st.text(pv1.value(37, 1, 2)) or st.text(pv1.value(37))
    return valued(
        {
            "admitSource": _coded(pv1.field(14), "AdmitSource", feed),
            "dischargeDisposition": _coded(pv1.field(36), "DischargeDisposition", feed),
            "destination": {"display": destination} if destination else None,
        }
    )


def _coded(field: Field, table: str, feed: Feed) -> dict[str, Any] | None:
    """A CodeableConcept; a code that the table does not have is kept as text, without a meaning."""
    code, words = st.text(field.value(1)), st.text(field.value(2))
    found = concept(table, code, feed.codes)
    coding = [{"system": found.system, "code": found.code}] if found else []
    return valued({"coding": coding, "text": words or (found.text if found else code)}) or None

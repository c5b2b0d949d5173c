"""ADT^A01: a patient is admitted. HL7 v2.5.1 chapter 3.3.1"""

from typing import Any

from mappings.hl7v2.er7 import Message
from mappings.hl7v2.feed import Feed
from mappings.hl7v2.segments import evn, pv1

EVENT = "encounter-admitted"
REQUIRED: tuple[tuple[str, int], ...] = (("PV1", 2),)

occurred = evn.occurred


def period(message: Message, feed: Feed) -> dict[str, str]:
    """Since PV1-44, else the event."""
    return pv1.period(message, feed, start=occurred(message, feed))


def encounter(message: Message, feed: Feed) -> dict[str, Any]:
    """In progress, or finished when PV1-45 already says so."""
    stay = period(message, feed)
    return {
        "resourceType": "Encounter",
        "status": "finished" if "end" in stay else "in-progress",
        **pv1.visit(message, feed),
        "period": stay,
        "location": pv1.place(message, 3, feed, status="active"),
    }

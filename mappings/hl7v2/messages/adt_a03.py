"""ADT^A03: a patient is discharged. HL7 v2.5.1 chapter 3.3.3"""

from typing import Any

from mappings.hl7v2.er7 import Message
from mappings.hl7v2.feed import Feed
from mappings.hl7v2.segments import evn, pv1

EVENT = "encounter-discharged"
REQUIRED: tuple[tuple[str, int], ...] = (("PV1", 2),)

occurred = evn.occurred


def period(message: Message, feed: Feed) -> dict[str, str]:
    """Until PV1-45, else the event."""
    return pv1.period(message, feed, end=occurred(message, feed))


def encounter(message: Message, feed: Feed) -> dict[str, Any]:
    """Finished; PV1-3 is where the patient lay last."""
    stay = period(message, feed)
    return {
        "resourceType": "Encounter",
        "status": "finished",
        **pv1.visit(message, feed),
        "period": stay,
        "location": pv1.place(message, 3, feed, status="completed"),
    }

"""ADT^A11: an admission is cancelled. HL7 v2.5.1 chapter 3.3.11"""

from typing import Any

from mappings.hl7v2.er7 import Message
from mappings.hl7v2.feed import Feed
from mappings.hl7v2.segments import evn, pv1

EVENT = "admission-cancelled"
REQUIRED: tuple[tuple[str, int], ...] = (("PV1", 2),)

# EVN-6 of a cancel event is when the cancelled admission happened (chapter 3.4.1.6), not the cancelling.
occurred = evn.recorded
period = pv1.period


def encounter(message: Message, feed: Feed) -> dict[str, Any]:
    """Cancelled: it never took place."""
    stay = period(message, feed)
    return {
        "resourceType": "Encounter",
        "status": "cancelled",
        **pv1.visit(message, feed),
        "period": stay,
        "location": pv1.place(message, 3, feed),
    }

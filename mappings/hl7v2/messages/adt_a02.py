"""ADT^A02: a patient is moved to another bed. HL7 v2.5.1 chapter 3.3.2"""

from typing import Any

from mappings.hl7v2.er7 import Message
from mappings.hl7v2.feed import Feed
from mappings.hl7v2.segments import evn, pv1

EVENT = "encounter-transferred"
REQUIRED: tuple[tuple[str, int], ...] = (("PV1", 2), ("PV1", 3))

occurred = evn.occurred
period = pv1.period


def encounter(message: Message, feed: Feed) -> dict[str, Any]:
    """At the new place (PV1-3) since the event, and until then at the old one (PV1-6)."""
    stay, moved = period(message, feed), occurred(message, feed)
    return {
        "resourceType": "Encounter",
        "status": "finished" if "end" in stay else "in-progress",
        **pv1.visit(message, feed),
        "period": stay,
        "location": [
            *pv1.place(message, 6, feed, status="completed", period={"end": moved}),
            *pv1.place(message, 3, feed, status="active", period={"start": moved}),
        ],
    }

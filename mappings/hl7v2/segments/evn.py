"""EVN: when it happened. https://build.fhir.org/ig/HL7/v2-to-fhir/segment_maps.html"""

from mappings.hl7v2.datatypes import ts
from mappings.hl7v2.er7 import Message
from mappings.hl7v2.errors import missing_field, unreadable_time
from mappings.hl7v2.feed import Feed


def occurred(message: Message, feed: Feed) -> str:
    """When the event happened: EVN-6, else when it was recorded."""
    return date_time(message, "EVN", 6, feed) or recorded(message, feed)


def recorded(message: Message, feed: Feed) -> str:
    """When the event was recorded: EVN-2, else when the message was made (MSH-7)."""
    found = date_time(message, "EVN", 2, feed) or date_time(message, "MSH", 7, feed)
    if not found:
        raise missing_field("EVN-2")
    return found


def date_time(message: Message, segment: str, n: int, feed: Feed) -> str | None:
    """Field `n` as a FHIR dateTime; None when empty. Raises `Untranslatable` when it is not a time."""
    value = message.segment(segment).value(n)
    try:
        return ts.date_time(value, feed.zone) if value else None
    except ValueError as error:
        raise unreadable_time(f"{segment}-{n}") from error

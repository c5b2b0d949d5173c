"""Trigger events, one file each, and the table that a message is routed by. HL7 v2.5.1 chapter 3."""

from typing import Any, Protocol

from mappings.hl7v2.er7 import Message
from mappings.hl7v2.feed import Feed

from . import adt_a01, adt_a02, adt_a03, adt_a11


class Mapping(Protocol):
    """What the module of a trigger event declares."""

    EVENT: str
    """Code of our message-event code system."""
    REQUIRED: tuple[tuple[str, int], ...]
    """Fields, by segment and number, that the event needs beside what every event needs."""

    def occurred(self, message: Message, feed: Feed) -> str:
        """When it happened: a FHIR dateTime. Raises `Untranslatable`."""

    def period(self, message: Message, feed: Feed) -> dict[str, str]:
        """Encounter.period. Raises `Untranslatable`."""

    def encounter(self, message: Message, feed: Feed) -> dict[str, Any]:
        """The Encounter as it is after the event, without its subject. Raises `Untranslatable`."""


MAPPINGS: dict[tuple[str, str], Mapping] = {
    ("ADT", "A01"): adt_a01,
    ("ADT", "A02"): adt_a02,
    ("ADT", "A03"): adt_a03,
    ("ADT", "A11"): adt_a11,
}
"""By MSH-9.1 and MSH-9.2; MSH-9.3 is often missing and never needed."""

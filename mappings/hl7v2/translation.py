"""From a message to its event Bundle: routing, requirements, assembly."""

from datetime import datetime
from typing import Any

from profiles.canonical import RESIDENT_ID

from .bundle import Envelope, rejection, translated
from .datatypes import cx, st
from .er7 import Message, Segment
from .errors import (
    Untranslatable,
    missing_field,
    missing_person,
    missing_segment,
    repeated_header,
    unsupported_event,
    unsupported_type,
)
from .feed import Feed
from .messages import MAPPINGS, Mapping
from .segments import msh, pid, pv1
from .segments.msh import Head


def check(message: Message, feed: Feed | None = None) -> None:
    """Return where `translate` will succeed with the same feed, raise `Untranslatable` where it will not."""
    feed = feed or Feed()
    mapping = _mapping(message, feed)
    # Whatever can be wrong in what is translated is wrong here, in the same order.
    mapping.occurred(message, feed)
    pid.birth_date(message.segment("PID"))
    mapping.period(message, feed)
    pv1.encounter_class(message.segment("PV1"), feed)


def translate(  # noqa: PLR0913 - what is known of a message beyond its text; all named by the caller
    message: Message, *, raw: bytes, codec: str, received: datetime, identifier: str, feed: Feed | None = None
) -> dict[str, Any]:
    """The event Bundle of a message; `identifier` is its Bundle.identifier value, `received` has an offset.

    Raises `Untranslatable`, exactly where `check` does.
    """
    feed = feed or Feed()
    mapping = _mapping(message, feed)
    header = message.segment("MSH")
    facility = msh.facility(header, feed)
    envelope = Envelope(
        identifier=identifier,
        raw=raw,
        codec=codec,
        received=received,
        application=st.text(header.value(3)) or "",
        facility=facility,
    )
    return translated(
        envelope,
        mapping.EVENT,
        timestamp=msh.sent(header, feed),
        occurred=mapping.occurred(message, feed),
        content=[pid.patient(message.segment("PID"), facility, feed), mapping.encounter(message, feed)],
    )


def rejected(  # noqa: PLR0913 - as `translate`, of a message that may not have been readable at all
    *,
    raw: bytes,
    codec: str | None,
    received: datetime,
    identifier: str,
    reason: Untranslatable,
    header: Head | None,
    feed: Feed | None = None,
) -> dict[str, Any]:
    """The Bundle of event message-rejected; `codec` and `header` are None where the bytes told nothing."""
    known = feed.facility if feed else ""
    envelope = Envelope(
        identifier=identifier,
        raw=raw,
        codec=codec,
        received=received,
        application=header.sending_application if header else "",
        facility=known or (header.sending_facility if header else ""),
    )
    return rejection(envelope, reason)


def lane_key(message: Message) -> str:
    """Whom the message is about, as the sender's messages tell: those with one key are delivered in order.

    The resident number, else PID-3 with its authority, else the visit number, else the sender.
    """
    person, header = message.segment("PID"), message.segment("MSH")
    if number := pid.resident_id(person):
        return f"{RESIDENT_ID}|{number}"
    sender = f"{st.text(header.value(3)) or ''}/{st.text(header.value(4)) or ''}"
    for field in person.field(3).repetitions:
        if local := cx.number(field):
            return f"patient|{st.text(field.value(4)) or sender}|{local}"
    if visit := pv1.visit_number(message.segment("PV1")):
        return f"visit|{sender}|{visit}"
    return f"sender|{sender}"


def _mapping(message: Message, feed: Feed) -> Mapping:
    if message.count("MSH") > 1:
        raise repeated_header()
    mapping = _routed(message.segment("MSH"))
    for name in ("PID", "PV1"):
        if not message.segment(name):
            raise missing_segment(name)
    for name, n in mapping.REQUIRED:
        if not any(st.number(message.segment(name).value(n, component)) for component in (1, 2, 3)):
            raise missing_field(f"{name}-{n}")
    if not msh.facility(message.segment("MSH"), feed):
        raise missing_field("MSH-4")
    if not pv1.visit_number(message.segment("PV1")):
        raise missing_field("PV1-19")
    if not pid.is_identified(message.segment("PID")):
        raise missing_person()
    return mapping


def _routed(header: Segment) -> Mapping:
    message_type, trigger_event = st.text(header.value(9, 1)), st.text(header.value(9, 2))
    if not message_type or not trigger_event:
        raise missing_field("MSH-9")
    if found := MAPPINGS.get((message_type, trigger_event)):
        return found
    if message_type not in {supported for supported, _ in MAPPINGS}:
        raise unsupported_type(message_type)
    raise unsupported_event(message_type, trigger_event)

"""MSH: who sends what, and how it is to be answered. https://build.fhir.org/ig/HL7/v2-to-fhir/segment_maps.html"""

from dataclasses import dataclass

from mappings.hl7v2.datatypes import st, ts
from mappings.hl7v2.er7 import Message, Segment
from mappings.hl7v2.feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What MSH says; `""` for what it does not."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    control_id: str
    message_type: str
    trigger_event: str
    structure: str
    processing_id: str
    version: str
    character_set: str
    accept_acknowledgement: str
    application_acknowledgement: str


def head(message: Message) -> Head:
    """The head of any message, translatable or not."""
    msh = message.segment("MSH")

    def said(n: int, component: int = 1) -> str:
        return st.text(msh.value(n, component)) or ""

    return Head(
        sending_application=said(3),
        sending_facility=said(4),
        receiving_application=said(5),
        receiving_facility=said(6),
        control_id=said(10),
        message_type=said(9, 1),
        trigger_event=said(9, 2),
        structure=said(9, 3),
        processing_id=said(11),
        version=said(12),
        character_set=said(18),
        accept_acknowledgement=said(15),
        application_acknowledgement=said(16),
    )


def facility(msh: Segment, feed: Feed) -> str:
    """The facility code of the sender; `""` when unknown."""
    return feed.facility or st.text(msh.value(4)) or st.text(msh.value(4, 2)) or ""


def facility_name(msh: Segment) -> str | None:
    """The name that Chinese senders write in MSH-4.2; beside MSH-4.3 it would be a universal identifier."""
    return None if msh.value(4, 3) or not msh.value(4) else st.text(msh.value(4, 2))


def sent(msh: Segment, feed: Feed) -> str | None:
    """MSH-7 as an instant, when it is one."""
    try:
        return ts.instant(msh.value(7) or "", feed.zone)
    except ValueError:
        return None

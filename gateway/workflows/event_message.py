"""A message Bundle, taken apart: what it tells, of whom, and under which number. https://hl7.org/fhir/R4/messaging.html"""

import hashlib
import uuid
from dataclasses import dataclass, replace

from gateway.errors import Unprocessable
from gateway.workflows.stay_events import EVENTS
from profiles.canonical import BASE, code_system, naming_system
from profiles.json import Resource

REJECTED = "message-rejected"
"""The event of a feed message that its adapter could not translate."""
MESSAGE_ID = naming_system("message-id")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/message")


@dataclass(frozen=True, slots=True)
class Message:
    """A message Bundle, taken apart."""

    identifier: str
    event: str
    header: Resource
    parts: dict[str, Resource]
    """The first resource of each type."""
    moment: str
    """When the event happened, as a FHIR dateTime."""
    key: str
    """What its ids are made of: its identifier, unless that is another message's."""

    def id(self, resource_type: str) -> str:
        """The same message makes the same ids: told twice, it is found to be known."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.key}/{resource_type}"))

    def with_own_ids(self) -> "Message":
        """The same message under ids that no other content has."""
        digest = hashlib.sha256(self.parts["Binary"].get("data", "").encode()).hexdigest()
        return replace(self, key=f"{self.identifier}/{digest}")


def parse(bundle: Resource) -> Message:
    """The message of a valid Bundle; raises `Unprocessable` that names what is missing."""
    identifier = bundle.get("identifier", {})
    resources = [entry["resource"] for entry in bundle.get("entry", ()) if "resource" in entry]
    header = resources[0] if resources else {}
    if bundle.get("type") != "message" or header.get("resourceType") != "MessageHeader":
        raise _missing("Bundle.entry[0].resource", "消息首项 MessageHeader", "a MessageHeader as the first entry")
    if identifier.get("system") != MESSAGE_ID or "value" not in identifier:
        raise _missing(
            "Bundle.identifier", f"消息编号(system 为 {MESSAGE_ID})", f"its identifier (system {MESSAGE_ID})"
        )
    parts = {resource["resourceType"]: resource for resource in reversed(resources)}
    event = _event(header)
    wanted = ("Binary", "Provenance") if event == REJECTED else ("Encounter", "Binary", "Provenance")
    for resource_type in wanted:
        if resource_type not in parts:
            raise _missing("Bundle.entry", f"{resource_type} 资源", f"a resource of type {resource_type}")
    value = identifier["value"]
    return Message(value, event, header, parts, _moment(bundle, parts["Provenance"]), key=value)


def _event(header: Resource) -> str:
    event = header.get("eventCoding", {})
    known = (*EVENTS, REJECTED)
    if event.get("system") != code_system("message-event") or event.get("code") not in known:
        listed = ", ".join(known)
        raise _missing("MessageHeader.event", f"已知事件({listed})", f"a known event ({listed})")
    return str(event["code"])


def _moment(bundle: Resource, provenance: Resource) -> str:
    told = (
        provenance.get("occurredDateTime"),
        provenance.get("occurredPeriod", {}).get("start"),
        provenance.get("recorded"),
        bundle.get("timestamp"),
    )
    found = next(filter(None, told), None)
    if found is None:
        raise _missing("Provenance.occurred", "事件发生时间", "the time of the event")
    return str(found)


def _missing(where: str, zh: str, en: str) -> Unprocessable:
    return Unprocessable("FD-MESSAGE", f"消息缺少{zh}。", f"The message lacks {en}.", where)

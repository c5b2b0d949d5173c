"""A message Bundle, taken apart: what it tells, of whom, and under which number. https://hl7.org/fhir/R4/messaging.html"""

import uuid
from dataclasses import dataclass

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

    def id(self, resource_type: str) -> str:
        """The same message makes the same ids: told twice, it is found to be known."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.identifier}/{resource_type}"))

    @property
    def moment(self) -> str:
        """When the event happened, as a FHIR dateTime."""
        provenance = self.parts["Provenance"]
        return str(provenance.get("occurredDateTime") or provenance["recorded"])


def parse(bundle: Resource) -> Message:
    """The message of a valid Bundle; raises `Unprocessable` that names what is missing."""
    identifier = bundle.get("identifier", {})
    resources = [entry["resource"] for entry in bundle.get("entry", ()) if "resource" in entry]
    header = resources[0] if resources else {}
    if bundle["type"] != "message" or header.get("resourceType") != "MessageHeader":
        raise _missing("Bundle.entry[0].resource", "消息首项 MessageHeader", "a MessageHeader as the first entry")
    if identifier.get("system") != MESSAGE_ID or "value" not in identifier:
        raise _missing(
            "Bundle.identifier", f"消息编号(system 为 {MESSAGE_ID})", f"its identifier (system {MESSAGE_ID})"
        )
    parts = {resource["resourceType"]: resource for resource in reversed(resources)}
    event = header.get("eventCoding", {})
    if event.get("system") != code_system("message-event") or event.get("code") not in {*EVENTS, REJECTED}:
        known = ", ".join((*EVENTS, REJECTED))
        raise _missing("MessageHeader.event", f"已知事件({known})", f"a known event ({known})")
    wanted = ("Binary", "Provenance") if event["code"] == REJECTED else ("Encounter", "Binary", "Provenance")
    for resource_type in wanted:
        if resource_type not in parts:
            raise _missing("Bundle.entry", f"{resource_type} 资源", f"a resource of type {resource_type}")
    return Message(identifier["value"], event["code"], header, parts)


def _missing(where: str, zh: str, en: str) -> Unprocessable:
    return Unprocessable("FD-MESSAGE", f"消息缺少{zh}。", f"The message lacks {en}.", where)

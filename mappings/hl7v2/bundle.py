"""The event as a FHIR message: header, what it speaks of, the message as received, and its provenance.

https://hl7.org/fhir/R4/messaging.html
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from mappings.elements import valued
from profiles.canonical import coding, concept, naming_system

from .datatypes.hd import organization
from .errors import Untranslatable

_MESSAGE_ID = naming_system("message-id")
_ERROR_CONDITION = "http://terminology.hl7.org/CodeSystem/v2-0357"
_ISSUE_TYPES = {
    "100": "structure",
    "101": "required",
    "102": "value",
    "103": "code-invalid",
    "200": "not-supported",
    "201": "not-supported",
    "202": "not-supported",
    "203": "not-supported",
    "204": "not-found",
    "205": "duplicate",
    "206": "lock-error",
}
"""HL7 table 0357 → FHIR issue type; anything else is an exception."""
_NOBODY = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"},
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What came in, and from whom; `codec` is None for undecodable bytes, `received` has an offset."""

    identifier: str
    raw: bytes
    codec: str | None
    received: datetime
    application: str
    facility: str


def translated(
    envelope: Envelope, event: str, *, timestamp: str | None, occurred: str, content: list[dict[str, Any]]
) -> dict[str, Any]:
    """The message Bundle of an event; `content` is its Patient and its Encounter, in this order."""
    patient, encounter = content
    encounter = {**encounter, "subject": _reference(envelope, "Patient")}
    return _bundle(
        envelope,
        timestamp,
        [
            _header(envelope, event, "Encounter"),
            patient,
            valued(encounter),
            _binary(envelope),
            _provenance(envelope, event, "Encounter", occurred),
        ],
    )


def rejection(envelope: Envelope, reason: Untranslatable) -> dict[str, Any]:
    """The message Bundle that tells of a message which could not be translated."""
    event = "message-rejected"
    return _bundle(
        envelope,
        None,
        [
            _header(envelope, event, "OperationOutcome"),
            {"resourceType": "OperationOutcome", "issue": [_issue(reason)]},
            _binary(envelope),
            _provenance(envelope, event, "Binary", None),
        ],
    )


def _bundle(envelope: Envelope, timestamp: str | None, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "message",
        "identifier": _message_identifier(envelope),
        "timestamp": timestamp or _instant(envelope.received),
        "entry": [
            {"fullUrl": _full_url(envelope, resource["resourceType"]), "resource": resource} for resource in resources
        ],
    }


def _header(envelope: Envelope, event: str, focus: str) -> dict[str, Any]:
    names = (quote(name, safe="") for name in (envelope.application, envelope.facility))
    return valued(
        {
            "resourceType": "MessageHeader",
            "id": _uuid(envelope.identifier, "MessageHeader"),
            "eventCoding": coding("message-event", event),
            "sender": organization(envelope.facility) if envelope.facility else None,
            "source": valued({"name": envelope.application, "endpoint": ":".join(("urn:fdgw:feed", *names))}),
            "focus": [_reference(envelope, focus)],
        }
    )


def _binary(envelope: Envelope) -> dict[str, Any]:
    charset = f"; charset={envelope.codec}" if envelope.codec else ""
    return {
        "resourceType": "Binary",
        "contentType": f"x-application/hl7-v2+er7{charset}",
        "data": b64encode(envelope.raw).decode("ascii"),
    }


def _provenance(envelope: Envelope, event: str, target: str, occurred: str | None) -> dict[str, Any]:
    who = organization(envelope.facility) if envelope.facility else {}
    return valued(
        {
            "resourceType": "Provenance",
            "target": [_reference(envelope, target)],
            "occurredDateTime": occurred,
            "recorded": _instant(envelope.received),
            "activity": concept("message-event", event),
            "agent": [{"who": valued({**who, "display": envelope.application}) or _NOBODY}],
            "entity": [
                {
                    "role": "source",
                    "what": {**_reference(envelope, "Binary"), "identifier": _message_identifier(envelope)},
                }
            ],
        }
    )


def _issue(reason: Untranslatable) -> dict[str, Any]:
    return {
        "severity": "error",
        "code": _ISSUE_TYPES.get(reason.code, "exception"),
        "details": {
            "coding": [{"system": _ERROR_CONDITION, "code": reason.code}],
            "text": f"{reason.zh} {reason.en}",
        },
        "location": [reason.location],
    }


def _message_identifier(envelope: Envelope) -> dict[str, str]:
    return {"system": _MESSAGE_ID, "value": envelope.identifier}


def _reference(envelope: Envelope, resource_type: str) -> dict[str, str]:
    return {"reference": _full_url(envelope, resource_type)}


def _full_url(envelope: Envelope, resource_type: str) -> str:
    return f"urn:uuid:{_uuid(envelope.identifier, resource_type)}"


@lru_cache(maxsize=64)
def _uuid(identifier: str, resource_type: str) -> str:
    # A message has one resource of each type: both together name it, and the same message names the same.
    return str(uuid5(NAMESPACE_URL, f"{_MESSAGE_ID}|{identifier}#{resource_type}"))


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")

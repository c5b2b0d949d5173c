"""Applying one FHIR message: what a feed tells becomes resources, once, with the raw message kept beside them.

https://hl7.org/fhir/R4/messaging.html
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import Issue, Unprocessable
from gateway.records import Records
from gateway.work import Work
from gateway.workflows import encounters, persons
from gateway.workflows.reading import identifier_value, reference
from gateway.workflows.stay_events import EVENTS
from profiles.canonical import BASE, RESIDENT_ID, code_system, concept, naming_system
from profiles.json import Resource

REJECTED = "message-rejected"
"""The event of a feed message that its adapter could not translate."""
_MESSAGE_ID = naming_system("message-id")
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


@dataclass(frozen=True, slots=True)
class _Parked:
    """Why a message waits for somebody."""

    code: str
    issue: Issue


def parse(bundle: Resource) -> Message:
    """The message of a valid Bundle; raises `Unprocessable` that names what is missing."""
    identifier = bundle.get("identifier", {})
    resources = [entry["resource"] for entry in bundle.get("entry", ()) if "resource" in entry]
    header = resources[0] if resources else {}
    if bundle["type"] != "message" or header.get("resourceType") != "MessageHeader":
        raise _missing("Bundle.entry[0].resource", "消息首项 MessageHeader", "a MessageHeader as the first entry")
    if identifier.get("system") != _MESSAGE_ID or "value" not in identifier:
        raise _missing(
            "Bundle.identifier", f"消息编号(system 为 {_MESSAGE_ID})", f"its identifier (system {_MESSAGE_ID})"
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


async def process(records: Records, message: Message) -> list[Issue]:
    """Applies the message in one transaction; the same message again changes nothing, a parked one is tried again."""

    async def plan(work: Work) -> list[Issue]:
        provenance, task = f"Provenance/{message.id('Provenance')}", f"Task/{message.id('Task')}"
        await work.load([provenance, task, f"Binary/{message.id('Binary')}"])
        if (done := await work.get(provenance)) and _came_to_more(done, task):
            return [_already(done)]
        await work.put({**message.parts["Binary"], "id": message.id("Binary")})
        parked = await _apply(work, message)
        await _settle(work, message, parked)
        await work.apply_rules()
        await work.put(_provenance(work, message))
        return [parked.issue] if parked else [_applied()]

    issues, _ = await records.unrestricted(plan)
    return issues


def _came_to_more(provenance: Resource, task: str) -> bool:
    """Whether the message came to more than waiting in its Task."""
    return any(reference(target) != task for target in provenance["target"])


async def _apply(work: Work, message: Message) -> _Parked | None:
    if message.event == REJECTED:
        return _Parked("message-rejected", _rejected(message.parts.get("OperationOutcome", {})))
    told = message.parts["Encounter"]
    person, current = await persons.known(work, message.parts.get("Patient")), await encounters.known(work, told)
    if person and current and reference(current.get("subject")) != f"Patient/{person['id']}":
        return _MISMATCH
    subject = f"Patient/{person['id']}" if person else reference((current or {}).get("subject"))
    if not subject:
        return _UNKNOWN
    if current and identifier_value(message.parts.get("Patient", {}).get("identifier", ()), RESIDENT_ID) and not person:
        return _MISMATCH
    following = EVENTS[message.event](current, {**told, "subject": {"reference": subject}}, message.moment)
    if following is None:
        return _NO_VISIT
    if current is None:
        work.create({name: value for name, value in following.items() if name != "id"})
    else:
        await work.put(following)
    return None


async def _settle(work: Work, message: Message, parked: _Parked | None) -> None:
    """The Task under which a message waits, opened or, when the message could be applied at last, completed."""
    task = f"Task/{message.id('Task')}"
    if parked is None:
        if waiting := await work.get(task):
            await work.put({**waiting, "status": "completed"})
        return
    binary = {"reference": f"Binary/{message.id('Binary')}"}
    await work.put(
        {
            "resourceType": "Task",
            "id": message.id("Task"),
            "status": "on-hold",
            "statusReason": {"text": parked.issue.zh},
            "intent": "order",
            "code": concept("anomaly-kind", parked.code),
            "description": parked.issue.en,
            "focus": {**binary, "identifier": {"system": _MESSAGE_ID, "value": message.identifier}},
            "authoredOn": message.parts["Provenance"]["recorded"],
            "input": [{"type": concept("task-io", "message"), "valueReference": binary}],
        }
    )


def _provenance(work: Work, message: Message) -> Resource:
    """Everything that this message changed, traced to its bytes."""
    own = {f"Binary/{message.id('Binary')}", f"Provenance/{message.id('Provenance')}"}
    targets = sorted(draft.reference for draft in work.drafts() if draft.reference not in own)
    told = message.parts["Provenance"]
    source = {
        "reference": f"Binary/{message.id('Binary')}",
        "identifier": {"system": _MESSAGE_ID, "value": message.identifier},
    }
    return {
        **told,
        "id": message.id("Provenance"),
        "target": [{"reference": target} for target in targets],
        "entity": [{"role": "source", "what": source}],
    }


def response(message: Message, issues: Sequence[Issue], message_id: str) -> Resource:
    """The MessageHeader of the answer; its details are the OperationOutcome that goes with it."""
    return {
        "resourceType": "MessageHeader",
        "id": message_id,
        "eventCoding": message.header["eventCoding"],
        "source": {"name": "fdgw", "endpoint": BASE},
        "response": {
            "identifier": message.header.get("id", message.id("MessageHeader")),
            "code": "ok" if all(issue.severity != "error" for issue in issues) else "fatal-error",
        },
    }


def _missing(where: str, zh: str, en: str) -> Unprocessable:
    return Unprocessable("FD-MESSAGE", f"消息缺少{zh}。", f"The message lacks {en}.", where)


def _already(provenance: Resource) -> Issue:
    count = len(provenance["target"])
    return Issue(
        "informational",
        "FD-MESSAGE-KNOWN",
        f"该消息已处理过(涉及 {count} 个资源),本次未作任何更改。",
        f"The message was applied before ({count} resources); nothing was changed.",
        severity="information",
    )


def _applied() -> Issue:
    return Issue(
        "informational", "FD-MESSAGE-APPLIED", "消息已处理。", "The message was applied.", severity="information"
    )


def _rejected(outcome: Resource) -> Issue:
    """The adapter's own words for why it could not translate, which hold no personal data."""
    first: Resource = next(iter(outcome.get("issue", ())), {})
    zh = first.get("details", {}).get("text", "消息无法转换。")
    return Issue(
        "processing",
        "FD-MESSAGE-REJECTED",
        zh,
        first.get("diagnostics", "The message could not be translated."),
        severity="warning",
    )


_UNKNOWN = _Parked(
    "person-unknown",
    Issue(
        "not-found",
        "FD-PERSON-UNKNOWN",
        "消息中的居民尚未登记,消息已保存待处理;登记该居民后请重放此消息。",
        "The person of the message is not registered; the message is kept. Register the person, then replay it.",
        "Patient.identifier",
        severity="warning",
    ),
)
_MISMATCH = _Parked(
    "id-conflict",
    Issue(
        "conflict",
        "FD-PERSON-MISMATCH",
        "消息中的居民与该就诊号已登记的居民不一致,消息已保存待处理;请核对后重放。",
        "The person of the message is not the person of this visit number; the message is kept. Check, then replay it.",
        "Encounter.subject",
        severity="warning",
    ),
)
_NO_VISIT = _Parked(
    "visit-unknown",
    Issue(
        "not-found",
        "FD-VISIT-UNKNOWN",
        "找不到要撤销的入院,消息已保存待处理;收到入院消息后请重放。",
        "There is no admission to cancel; the message is kept. Replay it when the admission has arrived.",
        "Encounter.identifier",
        severity="warning",
    ),
)

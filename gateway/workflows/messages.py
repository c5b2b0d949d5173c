"""Applying one FHIR message: what a feed tells becomes resources, once, with the raw message kept beside them.

https://hl7.org/fhir/R4/messaging.html
"""

import asyncio
from collections.abc import Sequence

from gateway.errors import Issue
from gateway.records import Records
from gateway.work import Work
from gateway.workflows import parking, persons, visits
from gateway.workflows.event_message import MESSAGE_ID, REJECTED, Message
from gateway.workflows.reading import identifier_value, reference
from gateway.workflows.stay_events import EVENTS
from profiles.canonical import BASE, RESIDENT_ID
from profiles.json import Resource


async def process(records: Records, message: Message) -> list[Issue]:
    """Applies the message in one transaction; the same message again changes nothing, a parked one is tried again.

    One that comes under the number of another message is kept for a person to look into, under ids of its own.
    """

    async def plan(work: Work) -> list[Issue]:
        provenance, task, binary = (f"{kind}/{message.id(kind)}" for kind in ("Provenance", "Task", "Binary"))
        await work.load([provenance, task, binary])
        if (kept := await work.get(binary)) and kept.get("data") != message.parts["Binary"].get("data"):
            return await _keep(work, message.with_own_ids(), parking.CONFLICT)
        if (done := await work.get(provenance)) and _came_to_more(done, task):
            return [_already(done)]
        return await _keep(work, message, await _apply(work, message))

    issues, _ = await records.unrestricted(plan)
    return issues


async def _keep(work: Work, message: Message, parked: parking.Parked | None) -> list[Issue]:
    """Keeps the message's bytes, the Task under which it waits where it does, and what came of it."""
    await work.put({**message.parts["Binary"], "id": message.id("Binary")})
    await parking.settle(work, message, parked)
    await work.apply_rules()
    await work.put(_provenance(work, message))
    return [parked.issue] if parked else [_applied()]


def _came_to_more(provenance: Resource, task: str) -> bool:
    """Whether the message came to more than waiting in its Task."""
    return any(reference(target) != task for target in provenance["target"])


async def _apply(work: Work, message: Message) -> parking.Parked | None:
    if message.event == REJECTED:
        return parking.Parked("message-rejected", parking.rejected(message.parts.get("OperationOutcome", {})))
    patient = message.parts.get("Patient", {})
    told = visits.assigned(message.parts["Encounter"], message.header["source"].get("endpoint"))
    if visits.visit(told) is None:
        return parking.NO_NUMBER
    person, current = await asyncio.gather(persons.known(work, patient), visits.known(work, told))
    subject = _subject(patient, person, current)
    if isinstance(subject, parking.Parked):
        return subject
    following = EVENTS[message.event](current, {**told, "subject": {"reference": subject}}, message.moment)
    if following is None:
        return parking.NO_VISIT
    if current is None:
        work.create({name: value for name, value in following.items() if name != "id"})
    else:
        await work.put(following)
    return None


def _subject(told: Resource, person: Resource | None, current: Resource | None) -> str | parking.Parked:
    """Whom the stay belongs to: the person of the message, or of the visit number where the message names nobody."""
    of_visit = reference((current or {}).get("subject"))
    if person is None:
        named = identifier_value(told.get("identifier", ()), RESIDENT_ID) is not None
        return parking.UNKNOWN if not of_visit else parking.MISMATCH if named else of_visit
    own = f"Patient/{person['id']}"
    return parking.MISMATCH if of_visit and of_visit != own else own


def _provenance(work: Work, message: Message) -> Resource:
    """Everything that this message changed, traced to its bytes."""
    own = {f"Binary/{message.id('Binary')}", f"Provenance/{message.id('Provenance')}"}
    targets = sorted(draft.reference for draft in work.drafts() if draft.reference not in own)
    told = message.parts["Provenance"]
    source = {
        "reference": f"Binary/{message.id('Binary')}",
        "identifier": {"system": MESSAGE_ID, "value": message.identifier},
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

"""Messages that wait for somebody: kept as a Task that says why, completed when they could be applied at last."""

from dataclasses import dataclass

from gateway.errors import Issue
from gateway.work import Work
from gateway.workflows.event_message import MESSAGE_ID, Message
from profiles.canonical import concept
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a message waits for somebody."""

    code: str
    issue: Issue


async def settle(work: Work, message: Message, parked: Parked | None) -> None:
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
            "focus": {**binary, "identifier": {"system": MESSAGE_ID, "value": message.identifier}},
            "authoredOn": message.parts["Provenance"].get("recorded", message.moment),
            "input": [{"type": concept("task-io", "message"), "valueReference": binary}],
        }
    )


def rejected(outcome: Resource) -> Issue:
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


UNKNOWN = Parked(
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
MISMATCH = Parked(
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
NO_VISIT = Parked(
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
NO_NUMBER = Parked(
    "visit-unknown",
    Issue(
        "required",
        "FD-VISIT-NUMBER",
        "消息没有就诊号或无法确定其所属机构,消息已保存待处理;请核对来源系统。",
        "The message has no visit number, or none whose facility is known; the message is kept. Check its sender.",
        "Encounter.identifier",
        severity="warning",
    ),
)
CONFLICT = Parked(
    "message-conflict",
    Issue(
        "conflict",
        "FD-MESSAGE-CONFLICT",
        "该消息编号已用于另一条内容不同的消息,本条已保存待处理,未作其他更改;请核对来源系统的消息编号。",
        "Another message with other content came under this identifier; this one is kept and nothing else was changed. "
        "Check how its sender numbers messages.",
        "Bundle.identifier",
        severity="warning",
    ),
)

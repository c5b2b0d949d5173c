"""Bad messages: refused with a reason, or kept for a person, and never an Encounter. HL7 v2.4 §2.9, §2.16.5"""

from conformance.checks import Check, Session, check
from conformance.suites.hl7v2 import evidence, messages, wire
from conformance.suites.hl7v2.messages import Case, case
from conformance.suites.hl7v2.requirements import REFUSED, UNKNOWN, VERSION
from conformance.suites.hl7v2.wire import Ack
from conformance.synthetic.messages import without_person

_FHIR = ("Encounter?identifier",)


def refuses(on: Session, ack: Ack, control_id: str) -> None:
    """AE or AR, for the message it was, and why."""
    zh, en = f"应答应为 AE 或 AR，实为 {ack.code}", f"the answer should be AE or AR, and is {ack.code}"
    on.expect(ack.refused, zh, en)
    on.expect(ack.control_id == control_id, "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")
    told = ack.field("ERR", 1) or ack.field("ERR", 3)
    on.expect(bool(told), "应有 ERR 段说明原因", "an ERR segment should tell why")


async def _refused(on: Session, one: Case, message: bytes) -> None:
    refuses(on, await wire.one(on, message), one.numbered())
    await evidence.none(on, one)


@check(REFUSED, id="v2-no-pid", zh="缺 PID 段", en="no PID segment", inputs=("mllp",), claims=_FHIR)
async def no_person(on: Session) -> None:
    one = case(on)
    ack = await wire.one(on, without_person(one.adt()))
    refuses(on, ack, one.numbered())
    place = ack.field("ERR", 1) + ack.field("ERR", 2)
    on.advise("PID" in place, "ERR 应指出 PID", "ERR should point to PID")
    await evidence.none(on, one)


@check(
    REFUSED, id="v2-unknown-event", zh="未知的事件", en="an event that does not exist", inputs=("mllp",), claims=_FHIR
)
async def unknown_event(on: Session) -> None:
    one = case(on)
    await _refused(on, one, messages.as_event(one.adt(), "A99"))


@check(
    REFUSED, id="v2-undecodable", zh="无法解码的字节", en="bytes of no character set", inputs=("mllp",), claims=_FHIR
)
async def undecodable(on: Session) -> None:
    one = case(on)
    await _refused(on, one, messages.undecodable(one.adt()))


@check(REFUSED, id="v2-no-header", zh="没有 MSH 段", en="no MSH segment", inputs=("mllp",), claims=_FHIR)
async def no_header(on: Session) -> None:
    """There is no control id to repeat; the connection may be closed instead."""
    one = case(on)
    headless = one.adt().partition(b"\r")[2]
    acks = await wire.exchange(on, [wire.framed(headless)], hang_up=True)
    on.expect(
        not any(ack.accepted for ack in acks),
        "没有 MSH 的消息不应被接受",
        "a message without MSH should not be accepted",
    )
    await evidence.none(on, one, headless)


@check(VERSION, inputs=("mllp",), claims=_FHIR)
async def version(on: Session) -> None:
    one = case(on)
    ack = await wire.one(on, messages.as_version(one.adt(), "9.9"))
    await evidence.provenances(on, one)
    on.expect(ack.refused, f"应答应为 AR 或 AE，实为 {ack.code}", f"the answer should be AR or AE, and is {ack.code}")
    on.expect(ack.control_id == one.numbered(), "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")


@check(UNKNOWN, inputs=("mllp",), claims=_FHIR)
async def unknown_person(on: Session) -> None:
    """Refused is as good as kept; accepted and forgotten is not."""
    one = case(on)
    ack = await wire.one(on, one.adt())
    on.expect(ack.control_id == one.numbered(), "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")
    if ack.accepted:
        tasks = await evidence.parked(on, one)
        held = any(task.get("status") in {"on-hold", "requested", "ready"} for task in tasks)
        zh, en = "已接受的消息应作为待处理任务 (Task) 保留", "a message that was accepted should wait as a Task"
        on.expect(held, zh, en)
    else:
        refuses(on, ack, one.numbered())
    await evidence.none(on, one)


CHECKS: tuple[Check, ...] = (no_person, unknown_event, undecodable, no_header, version, unknown_person)

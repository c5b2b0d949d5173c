"""Bytes as networks and bad senders deliver them. HL7 v2 Transport Specification: MLLP, Release 1"""

from conformance.checks import Check, Session, check
from conformance.suites.hl7v2 import evidence, messages, wire
from conformance.suites.hl7v2.accepted import accepts
from conformance.suites.hl7v2.messages import case
from conformance.suites.hl7v2.requirements import ENHANCED, LARGE, STREAM, WHOLE

_FHIR = ("Encounter?identifier", "Patient.create")


@check(
    STREAM,
    id="v2-two-in-one-write",
    zh="一次写入两条消息",
    en="two messages in one write",
    inputs=("mllp",),
    claims=_FHIR,
)
async def together(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    both = wire.framed(one.adt()) + wire.framed(one.moved().adt("A02", step=2))
    acks = await wire.exchange(on, [both], answers=2)
    on.expect(len(acks) == 2, f"应有两个应答，实有 {len(acks)} 个", f"there should be two answers, and are {len(acks)}")
    for step, ack in enumerate(acks, start=1):
        accepts(on, ack, one.numbered(step))
    await evidence.encounter(on, one)
    await evidence.settled(on, one, step=2)


@check(STREAM, id="v2-byte-by-byte", zh="逐字节写入", en="byte by byte", inputs=("mllp",), claims=_FHIR)
async def byte_by_byte(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    frame = wire.framed(one.adt())
    ack = wire.answered(await wire.exchange(on, [frame[at : at + 1] for at in range(len(frame))]))
    accepts(on, ack, one.numbered())
    await evidence.encounter(on, one)


@check(
    STREAM,
    id="v2-noise-between",
    zh="帧之间的空行与 NUL",
    en="line ends and NUL between frames",
    inputs=("mllp",),
    claims=_FHIR,
)
async def noise(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    acks = await wire.exchange(on, [b"\r\n\x00" + wire.framed(one.adt()) + b"\r\n"])
    accepts(on, wire.answered(acks), one.numbered())
    await evidence.encounter(on, one)


@check(
    WHOLE,
    id="v2-no-end-block",
    zh="没有结束符，连接关闭",
    en="no end block, and the connection ends",
    inputs=("mllp",),
    claims=_FHIR,
)
async def unended(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    acks = await wire.exchange(on, [wire.START + one.adt()], hang_up=True)
    accepted = any(ack.accepted for ack in acks)
    on.expect(not accepted, "没有结束符的消息不应被接受", "a message without an end block should not be accepted")
    await evidence.none(on, one, one.adt())


@check(
    WHOLE,
    id="v2-truncated",
    zh="截断的帧之后是完整的消息",
    en="a frame cut off, then a whole message",
    inputs=("mllp",),
    claims=_FHIR,
)
async def truncated(on: Session) -> None:
    """The whole one is answered for what it is; the cut one is not accepted."""
    one = case(on)
    await evidence.known(on, one)
    message = one.adt()
    cut, whole = wire.START + message[: len(message) // 2], wire.framed(one.adt(step=2))
    acks = await wire.exchange(on, [cut + whole], answers=2, hang_up=True)
    accepted = [ack.control_id for ack in acks if ack.accepted]
    zh, en = "只应接受完整的那一条", "the whole message should be accepted, and only that"
    await evidence.cut_off(on, one, message[: len(message) // 2])
    on.expect(accepted == [one.numbered(2)], zh, en)
    await evidence.encounter(on, one)


@check(LARGE, inputs=("mllp",), claims=_FHIR)
async def large(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    acks = await wire.exchange(on, [wire.framed(messages.huge(one.adt()))])
    ack = wire.answered(acks)
    on.expect(ack.control_id == one.numbered(), "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")
    on.advise(ack.accepted, "2 MB 的消息应被接受", "a message of 2 MB should be accepted")
    accepts(on, await wire.one(on, one.adt(step=2)), one.numbered(2))
    await evidence.encounter(on, one)
    await evidence.settled(on, one, step=2)


@check(
    ENHANCED,
    id="v2-accept-acknowledgement",
    zh="MSH-15 为 AL：CA",
    en="with MSH-15 AL, the answer is CA",
    inputs=("mllp",),
    claims=_FHIR,
)
async def enhanced(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    ack = await wire.one(on, messages.asking(one.adt(), "AL", "NE"))
    if ack.code == "AA":
        on.skip("接入端只用原始应答模式", "the feed answers in original mode only")
    on.expect(ack.code == "CA", f"应答应为 CA，实为 {ack.code}", f"the answer should be CA, and is {ack.code}")
    on.expect(ack.control_id == one.numbered(), "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")
    await evidence.encounter(on, one)


CHECKS: tuple[Check, ...] = (together, byte_by_byte, noise, unended, truncated, large, enhanced)

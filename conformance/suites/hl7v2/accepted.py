"""Good messages: answered, and seen on the FHIR side. HL7 v2.4 chapter 3; https://hl7.org/fhir/R4/encounter.html"""

from datetime import datetime

from conformance.checks import Check, Session, check
from conformance.suites.hl7v2 import evidence, messages, wire
from conformance.suites.hl7v2.messages import Case, case
from conformance.suites.hl7v2.requirements import ACKNOWLEDGED, ADMITTED, CHARSET, LENIENT, ONCE, TRACED
from conformance.suites.hl7v2.wire import Ack
from conformance.synthetic.messages import DECLARED
from profiles.json import Resource

_FHIR = ("Encounter?identifier", "Patient.create")


def accepts(on: Session, ack: Ack, control_id: str) -> None:
    on.expect(ack.accepted, f"应答应为 AA 或 CA，实为 {ack.code}", f"the answer should be AA or CA, and is {ack.code}")
    on.expect(ack.control_id == control_id, "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")


async def admitted(on: Session, one: Case) -> str:
    """The person known, their admission accepted; the reference of the Patient."""
    patient = await evidence.known(on, one)
    accepts(on, await wire.one(on, one.adt()), one.numbered())
    return patient


@check(
    ACKNOWLEDGED,
    id="v2-a01-answer",
    zh="A01 得到肯定应答",
    en="A01 is accepted",
    inputs=("mllp",),
    claims=("Patient.create",),
)
async def answer(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    message = one.adt()
    ack = await wire.one(on, message)
    accepts(on, ack, one.numbered())
    sent = message.decode().split("\r")[0].split("|")
    swapped = [ack.field("MSH", number) for number in (3, 4, 5, 6)] == [sent[4], sent[5], sent[2], sent[3]]
    on.expect(swapped, "应答应颠倒收发双方 (MSH-3…6)", "the answer should swap sender and receiver (MSH-3 to 6)")
    on.expect(ack.field("MSH", 9).startswith("ACK"), "MSH-9 应为 ACK", "MSH-9 should be ACK")
    on.advise(
        ack.field("MSH", 12) == sent[11], "应答的版本应与消息相同", "the answer should be of the message's version"
    )
    await evidence.encounter(on, one)


@check(
    ADMITTED,
    id="v2-a01-encounter",
    zh="A01：入院就诊",
    en="A01 makes an inpatient Encounter",
    inputs=("mllp",),
    claims=_FHIR,
)
async def admission(on: Session) -> None:
    one = case(on)
    patient = await admitted(on, one)
    found = await evidence.encounter(on, one)
    _state(on, found, "in-progress")
    on.expect(found["class"].get("code") == "IMP", "class 应为 IMP", "class should be IMP")
    on.expect(
        found.get("subject", {}).get("reference") == patient, "subject 应为该居民", "subject should be that person"
    )
    start = found.get("period", {}).get("start", "")
    on.expect(_at(start) == one.stay.admitted, "period.start 应为 PV1-44", "period.start should be PV1-44")


@check(
    ADMITTED,
    id="v2-a02-location",
    zh="A02：转科后的床位",
    en="A02 moves the stay to another bed",
    inputs=("mllp",),
    claims=_FHIR,
)
async def transfer(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    accepts(on, await wire.one(on, one.moved().adt("A02", step=2)), one.numbered(2))
    bed = messages.OTHER_PLACE[-1]
    found = await evidence.encounter(on, one, lambda found: bed in str(found.get("location", "")))
    _state(on, found, "in-progress")


@check(ADMITTED, id="v2-a03-finished", zh="A03：出院", en="A03 ends the stay", inputs=("mllp",), claims=_FHIR)
async def discharge(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    ended = one.ended()
    accepts(on, await wire.one(on, ended.adt("A03", step=3)), one.numbered(3))
    found = await evidence.encounter(on, one, lambda found: found.get("status") == "finished")
    end = found.get("period", {}).get("end", "")
    on.expect(_at(end) == ended.stay.discharged, "period.end 应为 PV1-45", "period.end should be PV1-45")


@check(
    ADMITTED,
    id="v2-a11-cancelled",
    zh="A11：撤销入院",
    en="A11 takes the admission back",
    inputs=("mllp",),
    claims=_FHIR,
)
async def cancellation(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    accepts(on, await wire.one(on, one.adt("A11", step=2)), one.numbered(2))
    await evidence.encounter(on, one, lambda found: found.get("status") in {"cancelled", "entered-in-error"})


@check(
    ADMITTED,
    id="v2-a08-update",
    zh="A08：更新不改变就诊的状态",
    en="A08 leaves the stay as it is",
    inputs=("mllp",),
    claims=_FHIR,
)
async def update(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    ack = await wire.one(on, messages.as_event(one.adt(step=2), "A08"))
    await evidence.settled(on, one, step=2)
    if ack.refused:
        on.expect(ack.control_id == one.numbered(2), "MSA-2 应等于 MSH-10", "MSA-2 should be MSH-10")
        await evidence.encounter(on, one)
        on.skip("接入端不支持 A08（已按规定拒绝）", "the feed does not take A08, and refuses it as it should")
    accepts(on, ack, one.numbered(2))
    _state(on, await evidence.encounter(on, one), "in-progress")


@check(
    CHARSET,
    id="v2-gb18030",
    zh="GB 18030：第二字节为分隔符的汉字",
    en="GB 18030 with a delimiter as second byte",
    inputs=("mllp",),
    claims=_FHIR,
)
async def gb18030(on: Session) -> None:
    one = case(on, "示例弢珅")
    patient = await evidence.known(on, one)
    ack = await wire.one(on, one.adt(charset="gb18030"), "gb18030")
    accepts(on, ack, one.numbered())
    declared = ack.field("MSH", 18)
    on.expect(
        declared == DECLARED["gb18030"], "应答的 MSH-18 应与消息相同", "MSH-18 of the answer should be the message's"
    )
    found = await evidence.encounter(on, one)
    on.expect(
        found.get("subject", {}).get("reference") == patient, "subject 应为该居民", "subject should be that person"
    )


@check(LENIENT, inputs=("mllp",), claims=_FHIR)
async def newlines(on: Session) -> None:
    one = case(on)
    await evidence.known(on, one)
    accepts(on, await wire.one(on, one.adt().replace(b"\r", b"\n")), one.numbered())
    await evidence.encounter(on, one)


@check(ONCE, inputs=("mllp",), claims=_FHIR)
async def duplicate(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    before = await evidence.encounter(on, one)
    again = await wire.one(on, one.adt())
    accepts(on, again, one.numbered())
    await evidence.provenances(on, one)
    after = await evidence.encounters(on, one)
    on.expect(len(after) == 1, "应只有一个就诊", "there should be one Encounter")
    same = after[0].get("meta", {}).get("versionId") == before.get("meta", {}).get("versionId")
    on.expect(same, "重发不应改变就诊", "sending it again should not change the Encounter")


@check(TRACED, inputs=("mllp",), claims=(*_FHIR, "Provenance?entity"))
async def provenance(on: Session) -> None:
    one = case(on)
    await admitted(on, one)
    found = await evidence.encounter(on, one)
    traces = await evidence.provenances(on, one)
    targets = [target.get("reference", "") for trace in traces for target in trace.get("target", ())]
    led = any(target.startswith(f"Encounter/{found['id']}") for target in targets)
    on.expect(led, "应有 Provenance 指向该就诊", "a Provenance should lead to the Encounter")
    kept = await evidence.kept(on, one)
    on.expect(kept == one.adt(), "应原样保存消息的字节", "the bytes of the message should be kept as they came")


def _state(on: Session, encounter: Resource, status: str) -> None:
    found = encounter.get("status")
    on.expect(found == status, f"status 应为 {status}，实为 {found}", f"status should be {status}, and is {found}")


def _at(moment: str) -> datetime | None:
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        return None


CHECKS: tuple[Check, ...] = (
    answer,
    admission,
    transfer,
    discharge,
    cancellation,
    update,
    gb18030,
    newlines,
    duplicate,
    provenance,
)

"""What happens to a frame: read and checked, stored, and only then answered."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial

from adapters.hl7v2 import acknowledgement, charset
from adapters.hl7v2.acknowledgement import Fault
from adapters.hl7v2.framing import Defect, Frame
from adapters.hl7v2.header import NONE
from adapters.hl7v2.inbox import Inbox
from adapters.hl7v2.mllp import Slot
from adapters.hl7v2.reading import ANY_BYTES, Reading, read
from adapters.hl7v2.statements import Arrival, Receipt, State, Storing
from adapters.metrics import Metrics
from profiles import json

Clock = Callable[[], datetime]

_NOT_STORED = Fault("AE", "207", "MSH", "暂时无法保存，请重发。", "Could not be stored; send it again.")


class Receiver:
    """Takes frames from the listener and answers them; `negotiated` obeys MSH-15 and MSH-16."""

    def __init__(self, inbox: Inbox, metrics: Metrics, clock: Clock, *, negotiated: bool = True) -> None:
        self._inbox = inbox
        self._metrics = metrics
        self._clock = clock
        self._negotiated = negotiated

    def __call__(self, frame: Frame, slot: Slot) -> None:
        reading = read(frame)
        arrival = self._arrival(frame, reading)
        self._inbox.store(arrival, partial(self._answer, slot, frame, reading, arrival))

    def _arrival(self, frame: Frame, reading: Reading) -> Arrival:
        raw, fault = frame.content, reading.fault
        head = reading.head or NONE
        received = self._clock()
        digest = hashlib.sha256(raw).digest()
        application, facility, control_id = head.first(3), head.first(4), head.first(10)
        identifier = f"{application}/{facility}/{control_id}"
        if frame.defect or not control_id:  # the name is left to the whole message, should it come yet
            identifier = f"{identifier}/{digest.hex()[:8]}"
        code, ack = self._acknowledge(reading, fault, received, digest.hex()[:20])
        return Arrival(
            received_at=received.isoformat(),
            identifier=identifier,
            application=application,
            facility=facility,
            control_id=control_id,
            type="^".join(head.fields[8].split(head.encoding[0], 2)[:2]),
            sha256=digest,
            codec=reading.codec or "",
            lane=reading.lane or f"{application}/{facility}",
            state=State.REJECTED.value if fault else State.RECEIVED.value,
            next_at=None if frame.defect and not reading.head else received.timestamp(),
            ack_code=code,
            reason=json.dumps(fault._asdict()).decode() if fault else None,
            ack=ack,
            raw=raw,
        )

    def _acknowledge(
        self, reading: Reading, fault: Fault | None, received: datetime, control_id: str
    ) -> tuple[str, bytes]:
        head = reading.head or NONE
        code = acknowledgement.code(head, fault.ack if fault else "AA", negotiated=self._negotiated)
        if not code:
            return code, b""
        codec = reading.codec or ANY_BYTES
        label = charset.LABELS[codec] if reading.conflict and reading.codec else head.field(18)
        answer = acknowledgement.acknowledgement(head, code, received, control_id, label)
        if not fault:
            return code, answer.encode(codec)
        try:
            return code, acknowledgement.refusal(answer, head, fault, chinese=True).encode(codec)
        except UnicodeEncodeError:
            return code, acknowledgement.refusal(answer, head, fault, chinese=False).encode(codec, "replace")

    def _answer(self, slot: Slot, frame: Frame, reading: Reading, arrival: Arrival, receipt: Receipt) -> None:
        code, ack = arrival.ack_code, receipt.ack
        if receipt.storing is Storing.FAILED:
            code, ack = self._acknowledge(reading, _NOT_STORED, self._clock(), arrival.sha256.hex()[:20])
        self._metrics.conflicts += reading.conflict
        # Labels come from messages that passed the checks, so that noise makes no new ones.
        feed, kind = ("", "") if reading.fault else (arrival.application, arrival.type)
        outcome = _outcome(receipt.storing, reading.fault)
        self._metrics.received(feed, kind, outcome, code, arrival.next_at)
        slot.fill(_said(frame, reading, ack))


def _said(frame: Frame, reading: Reading, ack: bytes) -> bytes | None:
    """A whole frame is always answered; what is not one, only where its sender can recognise the answer."""
    if not frame.defect or (reading.head and reading.head.field(10)):
        return ack
    return None if frame.defect is Defect.OVERSIZE else b""


def _outcome(storing: Storing, fault: Fault | None) -> str:
    if storing is Storing.NEW:
        return "rejected" if fault else "accepted"
    return {Storing.DUPLICATE: "duplicate", Storing.REUSED: "control-id-reused"}.get(storing, "not-stored")

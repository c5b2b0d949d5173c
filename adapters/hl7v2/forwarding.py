"""From a stored message to the gateway: translated into its event, sent, and the answer read as a state."""

from datetime import datetime

import structlog

from adapters.fhir_client import Gateway, Verdict, codes, said
from adapters.hl7v2 import questions
from adapters.hl7v2.inbox import Inbox
from adapters.hl7v2.lanes import Delivery
from adapters.hl7v2.questions import Row
from adapters.hl7v2.statements import State
from adapters.metrics import Metrics
from mappings import hl7v2
from mappings.hl7v2 import Head, Message, Untranslatable
from profiles import json

_log = structlog.get_logger()
_STATES: dict[Verdict, State] = {
    Verdict.APPLIED: State.FORWARDED,
    Verdict.PARKED: State.PARKED,
    Verdict.FINAL: State.REJECTED,
}


async def deliver(inbox: Inbox, gateway: Gateway, metrics: Metrics, seq: int) -> Delivery:
    """One attempt to tell the gateway of a message."""
    row = await inbox.ask(questions.load, seq)
    try:
        bundle, translated = event(row)
    except Exception as error:  # noqa: BLE001 - a defect of ours that one message reveals must not stop its neighbours
        _log.error("message not translated", seq=seq, error=type(error).__name__)
        return Delivery(Verdict.LATER, State(row.state), said(f"translation: {type(error).__name__}"))
    verdict, outcome = await gateway.process_message(bundle)
    state = _STATES.get(verdict, State(row.state))
    if verdict in _STATES and not translated:
        state = State.REJECTED
    metrics.delivered[verdict.value] += 1
    if verdict is not Verdict.AWAY:
        _log.info("message forwarded", seq=seq, verdict=verdict, state=state, codes=codes(outcome))
    return Delivery(verdict, state, outcome)


def event(row: Row) -> tuple[json.Resource, bool]:
    """The message Bundle of a stored message, and whether it translates it or only tells of its rejection."""
    if row.state == State.REJECTED:
        return _rejection(row, Untranslatable(**json.loads(row.reason or "{}"))), False
    try:
        bundle = hl7v2.translate(
            _message(row),
            raw=row.raw,
            codec=row.codec,
            received=datetime.fromisoformat(row.received_at),
            identifier=row.identifier,
        )
    except Untranslatable as reason:
        return _rejection(row, reason), False
    return bundle, True


def _rejection(row: Row, reason: Untranslatable) -> json.Resource:
    return hl7v2.rejected(
        raw=row.raw,
        codec=row.codec or None,
        received=datetime.fromisoformat(row.received_at),
        identifier=row.identifier,
        reason=reason,
        header=_head(row),
    )


def _head(row: Row) -> Head | None:
    try:
        return hl7v2.head(_message(row)) if row.codec else None
    except Untranslatable:
        return None


def _message(row: Row) -> Message:
    # What was cut off in the middle of a character is read as far as it goes.
    return hl7v2.parse(row.raw.decode(row.codec, "replace").removeprefix("\ufeff"), row.codec)

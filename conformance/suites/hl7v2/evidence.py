"""What the FHIR side shows of a message. https://hl7.org/fhir/R4/search.html"""

import asyncio
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlencode

from conformance.checks import Missed, Session
from conformance.suites.hl7v2.messages import Case
from conformance.suites.hl7v2.wire import seconds
from profiles.canonical import VISIT_NO, naming_system
from profiles.json import Resource

_PAUSE, _SETTLED, _KEPT = 0.1, 1.0, 5.0
"""Seconds between questions, until something that should not come may be taken to stay away, and until what was no
message may be taken not to be kept."""

_T = TypeVar("_T")


async def known(on: Session, case: Case) -> str:
    """Tell the server of the person; the reference of the Patient."""
    made = await on.create(case.patient)
    return f"Patient/{made['id']}"


async def encounter(on: Session, case: Case, met: Callable[[Resource], bool] = bool) -> Resource:
    """The Encounter of the stay once it is so; raises `Missed` when it does not come to be in time."""

    async def asked() -> Resource | None:
        found = await encounters(on, case)
        return found[0] if found and met(found[0]) else None

    found = await _until(asked, seconds(on))
    if found is None:
        raise Missed(
            "FHIR 一侧没有出现应有的就诊 (Encounter)", "the Encounter did not come to be as it should on the FHIR side"
        )
    await _remember(on, case)
    return found


async def encounters(on: Session, case: Case) -> list[Resource]:
    return await _search(on, "Encounter", identifier=f"{VISIT_NO}|{case.stay.visit_no}")


async def none(on: Session, case: Case, fragment: bytes = b"") -> None:
    """Raises `Missed` where the stay has an Encounter although its message, or that part of one, was not accepted."""
    await asyncio.sleep(_SETTLED)
    found = await encounters(on, case)
    await _remember(on, case)
    await (cut_off(on, case, fragment) if fragment else settled(on, case))
    on.expect(not found, "不应由此消息产生就诊 (Encounter)", "no Encounter should come of this message")


async def provenances(on: Session, case: Case, step: int = 1) -> list[Resource]:
    """Of one message, by the identifier that our guide gives it."""

    async def asked() -> list[Resource] | None:
        return await _traces(on, case.message_id(step)) or None

    found = await _until(asked, seconds(on))
    await _remember(on, case)
    return found or []


async def parked(on: Session, case: Case) -> list[Resource]:
    """The Tasks under which the message waits for a person."""
    targets = [target["reference"] for one in await provenances(on, case) for target in one.get("target", ())]
    return [await on.read(target) for target in targets if target.startswith("Task/")]


async def kept(on: Session, case: Case) -> bytes | None:
    """The message as the server keeps it."""
    entities = [entity["what"] for one in await provenances(on, case) for entity in one.get("entity", ())]
    references = [what["reference"] for what in entities if what.get("reference", "").startswith("Binary/")]
    if not references:
        return None
    return b64decode((await on.read(references[0])).get("data", ""))


async def settled(on: Session, case: Case, step: int = 1) -> None:
    """So that the runner removes what comes of a message that changes nothing one could wait for."""
    await _kept(on, case.message_id(step))


async def cut_off(on: Session, case: Case, fragment: bytes) -> None:
    """So that the runner removes what is kept of bytes that were no whole message, where our guide is followed.

    Nobody can trust the control id of such bytes, so that their digest is part of the identifier.
    """
    digest = sha256(fragment).hexdigest()[:8]
    await _kept(on, f"{case.message_id()}/{digest}", f"///{digest}")


async def _kept(on: Session, *message_ids: str) -> None:
    """Remember what is kept of a message, which may take a while to show."""

    async def asked() -> list[Resource] | None:
        return [trace for one in message_ids for trace in await _traces(on, one)] or None

    if on.claims("Provenance?entity"):
        _remember_all(on, await _until(asked, _KEPT) or [])


async def _remember(on: Session, case: Case) -> None:
    """So that the runner removes what came of the case's messages."""
    for step in range(1, 5):
        _remember_all(on, await _traces(on, case.message_id(step)))


def _remember_all(on: Session, traces: Iterable[Resource]) -> None:
    for one in traces:
        entities = [entity.get("what", {}) for entity in one.get("entity", ())]
        for reference in (*entities, *one.get("target", ()), {"reference": f"Provenance/{one['id']}"}):
            if found := reference.get("reference"):
                on.remember("/".join(found.split("/")[:2]))


async def _traces(on: Session, message_id: str) -> list[Resource]:
    """The Provenances of a message."""
    return await _search(on, "Provenance", **{"entity:identifier": f"{naming_system('message-id')}|{message_id}"})


async def _search(on: Session, resource_type: str, **parameters: str) -> list[Resource]:
    return (await on.get(f"{resource_type}?{urlencode(parameters)}")).matches


async def _until(ask: Callable[[], Awaitable[_T | None]], patience: float) -> _T | None:
    deadline = time.monotonic() + patience
    while (found := await ask()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - another program's event
        await asyncio.sleep(_PAUSE)
    return found

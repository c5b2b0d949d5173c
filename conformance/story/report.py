"""The story as rows, built from what the server shows: what came in, what was done, what is due when."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conformance.story import facts, server
from conformance.story.checks import Check, checks, local, task_code
from conformance.story.facts import Facts
from conformance.story.play import Played
from conformance.synthetic.messages import DECLARED
from profiles.http import AsyncClient
from profiles.json import Resource

_CODE_SYSTEMS = ("timer", "timer-status", "anomaly-kind")
_NOBODY = "—"


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One timer that the message set or changed."""

    at: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Row:
    """One message. Names are masked."""

    who: str
    event: str
    note: str
    charset: str
    ack: str
    made: tuple[str, ...]
    due: tuple[Due, ...]
    checks: tuple[Check, ...]

    @property
    def missed(self) -> list[Check]:
        return [check for check in self.checks if not check.met]


async def rows(http: AsyncClient, played: Sequence[Played]) -> list[Row]:
    """What the server now shows of every message, and how that compares with what should be."""
    titles = await _titles(http)
    found = await asyncio.gather(*(facts.gather(http, one.step) for one in played))
    first = {one.step.message_id: one.ack for one in reversed(played)}
    return [
        _row(one, seen, checks(one.step, one.ack, first[one.step.message_id], seen), titles)
        for one, seen in zip(played, found, strict=True)
    ]


def plain(table: Sequence[Row]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [{**asdict(row), "met": not row.missed} for row in table]


def _row(played: Played, found: Facts, checked: list[Check], titles: Mapping[str, str]) -> Row:
    step = played.step
    again = step.kind == "duplicate"
    written = set() if again else set(found.written)
    return Row(
        who=_masked(found.patient),
        event=f"ADT^{step.trigger}",
        note=step.note,
        charset=DECLARED[step.charset],
        ack=played.ack.code,
        made=("无变化 nothing new",) if again else _made(found, titles),
        due=tuple(sorted(_due(timer, titles) for timer in found.timers if f"Task/{timer['id']}" in written)),
        checks=tuple(checked),
    )


def _made(found: Facts, titles: Mapping[str, str]) -> tuple[str, ...]:
    held = {f"Task/{task['id']}": task_code(task) for task in found.anomalies}
    types = Counter(reference.partition("/")[0] for reference in found.written if reference not in held)
    resources = (f"{name} ×{count}" if count > 1 else name for name, count in types.items())
    return (*resources, *(f"Task: {titles.get(code, code)}" for code in held.values()))


def _due(timer: Resource, titles: Mapping[str, str]) -> Due:
    code = task_code(timer)
    state = timer.get("businessStatus", {}).get("coding", [{}])[0].get("code", timer["status"])
    return Due(local(timer["restriction"]["period"]["end"]), titles.get(code, code), titles.get(state, state))


def _masked(patient: Resource | None) -> str:
    """The first character of a name, as on a screen that others can see."""
    names = (patient or {}).get("name", [])
    return f"{names[0]['text'][0]}*" if names and names[0].get("text") else _NOBODY


async def _titles(http: AsyncClient) -> dict[str, str]:
    """Codes to their Chinese and English names, as the server publishes them."""
    systems = await asyncio.gather(*(server.read(http, f"CodeSystem/{name}") for name in _CODE_SYSTEMS))
    return {
        concept["code"]: f"{concept['display']} {concept['designation'][0]['value']}"
        for system in systems
        if system
        for concept in system["concept"]
    }

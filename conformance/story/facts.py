"""What the server shows of one message, found by its identifier and by its visit number."""

import asyncio
from base64 import b64decode
from dataclasses import dataclass

from conformance.story import server
from conformance.story.steps import Step
from profiles.canonical import VISIT_NO, code_system, naming_system
from profiles.http import AsyncClient
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Facts:
    """Resources as read; what belongs to a stay is that of its whole stay, whichever message made it."""

    provenances: list[Resource]
    encounters: list[Resource]
    notices: list[Resource]
    records: list[Resource]
    timers: list[Resource]
    anomalies: list[Resource]
    patient: Resource | None
    raw: bytes | None
    """The message as the server keeps it."""

    @property
    def written(self) -> list[str]:
        """References of what this message made the server write."""
        return [target["reference"] for one in self.provenances for target in one.get("target", ())]


async def seen(http: AsyncClient, step: Step) -> bool:
    """Whether the message has had its effect."""
    return bool(await _provenances(http, step))


async def gather(http: AsyncClient, step: Step) -> Facts:
    provenances, encounters = await asyncio.gather(
        _provenances(http, step),
        server.search(http, "Encounter", {"identifier": f"{VISIT_NO}|{step.stay.visit_no}"}),
    )
    about = ",".join(f"Encounter/{one['id']}" for one in encounters)
    notices, records, timers = await asyncio.gather(
        _about(http, "Communication", "about", about),
        _about(http, "Composition", "encounter", about),
        _about(http, "Task", "focus", about),
    )
    kept = [entity["what"]["reference"] for one in provenances for entity in one.get("entity", ())]
    subjects = [one["subject"]["reference"] for one in encounters]
    return Facts(
        provenances,
        encounters,
        notices,
        records,
        timers,
        await _anomalies(http, provenances),
        patient=await server.read(http, subjects[0]) if subjects else None,
        raw=await _bytes(http, kept[0]) if kept else None,
    )


async def _provenances(http: AsyncClient, step: Step) -> list[Resource]:
    identifier = f"{naming_system('message-id')}|{step.message_id}"
    return await server.search(http, "Provenance", {"entity:identifier": identifier})


async def _anomalies(http: AsyncClient, provenances: list[Resource]) -> list[Resource]:
    """The Tasks that a message left for a person to look into."""
    targets = [target["reference"] for one in provenances for target in one.get("target", ())]
    tasks = await asyncio.gather(*(server.read(http, target) for target in targets if target.startswith("Task/")))
    return [task for task in tasks if task and task["code"]["coding"][0]["system"] == code_system("anomaly-kind")]


async def _about(http: AsyncClient, resource_type: str, parameter: str, about: str) -> list[Resource]:
    return await server.search(http, resource_type, {parameter: about}) if about else []


async def _bytes(http: AsyncClient, reference: str) -> bytes | None:
    binary = await server.read(http, reference)
    return b64decode(binary["data"]) if binary and "data" in binary else None

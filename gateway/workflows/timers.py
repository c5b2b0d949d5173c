"""Deadlines as Tasks: started by what happened, closed by what undid it, marked when missed. Requirements §0"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.records import Records
from gateway.search.terms import Name
from gateway.work import Work
from gateway.workflows.contracts import pack
from gateway.workflows.reading import has_code, moment, reference
from gateway.workflows.stays import Stay
from profiles import policy as policies
from profiles.canonical import BASE, code_system, coding, concept, structure
from profiles.json import Resource

_BATCH = 500
_UNMET = Name("Task", "unmet-due")
"""The search parameter that knows only timers that are open and not marked: the past costs a round nothing."""
_UNKNOWN_POLICY = uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/policy-unknown")


@dataclass(frozen=True, slots=True)
class Closing:
    """Why timers of a stay end without having been met, and which: None for all."""

    reason: str
    codes: frozenset[str] | None = None


async def start(work: Work, stay: Stay, trigger: str, at: datetime) -> None:
    """One Task for every timer that the contract's policy pack hangs on a trigger and that applies to the resident.

    Where the pack is not known, nobody knows what is due: one Task for a person to look into the contract.
    """
    known = pack(stay.contract)
    if known is None:
        await _tell_unknown_policy(work, stay, at)
        return
    for timer in known.timers:
        if timer.trigger == trigger and timer.applies(stay.age(at), stay.flags):
            for due in timer.dues(at):
                _open(work, stay, timer, at, due)


def codes(contract: Resource, trigger: str) -> frozenset[str]:
    """The timers that a contract's policy pack hangs on a trigger."""
    known = pack(contract)
    return frozenset(timer.code for timer in known.timers if timer.trigger == trigger) if known else frozenset()


async def close(work: Work, closings: Mapping[str, Closing]) -> None:
    """Cancels what is still open of these stays (by reference); a breach stays one (requirements §0).

    Nothing supersedes a timer that was breached: the duty was not done when it was due.
    """
    for task in await opened(work, {"focus": closings}):
        closing = closings.get(reference(task.get("focus")))
        if closing is None or (closing.codes is not None and code(task) not in closing.codes):
            continue
        breached = _is_breached(task, work.now)
        if breached and closing.reason == "superseded":
            continue
        await work.put(
            {
                **task,
                "status": "cancelled",
                "statusReason": concept("timer-status", closing.reason),
                "businessStatus": concept("timer-status", "breached" if breached else closing.reason),
            }
        )


async def opened(work: Work, criteria: Mapping[str, Collection[str]]) -> list[Resource]:
    """The timers that nobody has met yet; without criteria that name something, none."""
    if not all(criteria.values()):
        return []
    wanted = {**criteria, "code": [f"{code_system('timer')}|"], "status": ["requested"]}
    return [task for task in await work.find("Task", wanted) if task.get("status") == "requested" and code(task)]


async def mark_breached(records: Records) -> int:
    """Marks every open timer whose due time has passed; how many there were."""
    marked = 0
    while True:

        async def plan(work: Work) -> int:
            tasks = await work.earliest(_UNMET, work.now, _BATCH)
            for task in tasks:
                await work.put({**task, "businessStatus": concept("timer-status", "breached")})
            return len(tasks)

        found, _ = await records.unrestricted(plan)
        marked += found
        if found < _BATCH:
            return marked


def code(task: Resource) -> str:
    """The timer's code; empty for a Task that is no timer."""
    url = code_system("timer")
    codings = task.get("code", {}).get("coding", ())
    return next((coding.get("code", "") for coding in codings if coding.get("system") == url), "")


def due(task: Resource) -> datetime | None:
    told = task.get("restriction", {}).get("period", {}).get("end")
    return moment(told) if told else None


def seconds(at: datetime) -> str:
    """A FHIR dateTime to the second, in the zone of the policies: FHIR cannot write the site's offset before 1901."""
    return at.astimezone(policies.ZONE).isoformat(timespec="seconds")


def _is_breached(task: Resource, now: datetime) -> bool:
    """Whether it is marked so, or will be at the next round of the worker."""
    last = due(task)
    return has_code(task.get("businessStatus"), "timer-status", "breached") or (last is not None and last < now)


def _open(work: Work, stay: Stay, timer: policies.Timer, at: datetime, last: datetime) -> None:
    team = {"reference": f"CareTeam/{stay.team['id']}"} if timer.owner == "fd-team" and stay.team else None
    owner = team or stay.contract.get("managingOrganization")
    work.create(
        {
            "resourceType": "Task",
            "meta": {"profile": [structure("fd-timer-task")]},
            "status": "requested",
            "businessStatus": concept("timer-status", "on-time" if work.now <= last else "breached"),
            "intent": "plan",
            "code": {"coding": [{**coding("timer", timer.code), "display": timer.title.zh}]},
            "focus": {"reference": stay.reference},
            "for": {"reference": stay.patient},
            "authoredOn": seconds(at),
            **({"owner": owner} if owner else {}),
            "restriction": {"period": {"start": seconds(at), "end": seconds(last)}},
        }
    )


async def _tell_unknown_policy(work: Work, stay: Stay, at: datetime) -> None:
    """One Task per contract, opened again when it happens again."""
    contract = f"EpisodeOfCare/{stay.contract['id']}"
    owner = stay.contract.get("managingOrganization")
    await work.put(
        {
            "resourceType": "Task",
            "id": str(uuid.uuid5(_UNKNOWN_POLICY, contract)),
            "status": "on-hold",
            "statusReason": {"text": "签约所引用的政策包未知,未能设置时限;请更正签约的 governing-policy。"},
            "intent": "order",
            "code": concept("anomaly-kind", "policy-unknown"),
            "description": "The contract names no policy pack that is known, so that no timers were set; "
            "correct its governing-policy.",
            "focus": {"reference": contract},
            "for": {"reference": stay.patient},
            "authoredOn": seconds(at),
            **({"owner": owner} if owner else {}),
        }
    )

"""Deadlines as Tasks: started by what happened, met by what is done, marked when nobody did. Requirements §0, JS-2.*"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from gateway import clock
from gateway.records import Records
from gateway.work import Draft, Work
from gateway.workflows.contracts import policy
from gateway.workflows.reading import has_code, moment, reference, references
from gateway.workflows.stays import Stay
from profiles import policy as policies
from profiles.canonical import code_system, coding, concept, structure
from profiles.json import Resource

_MET_BY_CONTACT = ("inpatient-contact", "post-discharge-contact")
_MET_BY_HOME_VISIT = ("post-discharge-home-visit",)
_BATCH = 500


def start(work: Work, stay: Stay, trigger: str, at: datetime) -> None:
    """One Task for every timer that the contract's policy pack hangs on a trigger and that applies to the resident."""
    for timer in policies.for_canonical(policy(stay.contract)).timers:
        if timer.trigger == trigger and timer.applies(stay.age(at), stay.flags):
            for due in timer.dues(at):
                _open(work, stay, timer, at, due)


async def close(work: Work, encounters: Iterable[str], reason: str, codes: Iterable[str] = ()) -> None:
    """Cancels what is still open of these stays, all timers or those of the codes given."""
    wanted = set(codes)
    for task in await _open_timers(work, {"focus": encounters}):
        if not wanted or _code(task) in wanted:
            await work.put({**task, "status": "cancelled", "businessStatus": concept("timer-status", reason)})


async def fulfilled_by_contacts(work: Work, drafts: Sequence[Draft]) -> None:
    """A completed contact meets the contact timers of its stay; the last notice delivered meets the push."""
    completed = [draft.after for draft in drafts if draft.after and _became(draft, "completed")]
    stays = {about for one in completed for about in references(one.get("about", ())) if about.startswith("Encounter/")}
    if not stays:
        return
    timers = await _open_timers(work, {"focus": stays})
    waiting = await _undelivered(work, stays)
    for one in completed:
        at = moment(one["sent"]) if "sent" in one else work.now
        for task in timers:
            stay = reference(task["focus"])
            if stay in references(one["about"]) and _meets(one, _code(task), delivered=stay not in waiting):
                await _meet(work, task, at, f"Communication/{one['id']}")


async def fulfilled_by_visits(work: Work, drafts: Sequence[Draft]) -> None:
    """A finished home visit meets the home-visit timer of its resident (JS-2.3.2(2))."""
    visits = [
        draft.after
        for draft in drafts
        if draft.after and draft.after["class"].get("code") == "HH" and _became(draft, "finished")
    ]
    if not visits:
        return
    timers = await _open_timers(work, {"patient": [reference(visit.get("subject")) for visit in visits]})
    for visit in visits:
        at = moment(visit["period"]["start"]) if visit.get("period", {}).get("start") else work.now
        for task in timers:
            own = reference(task["for"]) == reference(visit.get("subject"))
            if own and _code(task) in _MET_BY_HOME_VISIT:
                await _meet(work, task, at, f"Encounter/{visit['id']}")


async def mark_breached(records: Records) -> int:
    """Marks every open timer whose due time has passed; how many there were."""
    marked = 0
    while True:

        async def plan(work: Work) -> int:
            criteria = {
                "status": ["requested"],
                "business-status": [f"{code_system('timer-status')}|on-time"],
                "due": [f"lt{clock.instant(clock.milliseconds(work.now))}"],
            }
            tasks = await work.find("Task", criteria)
            for task in tasks[:_BATCH]:
                await work.put({**task, "businessStatus": concept("timer-status", "breached")})
            return len(tasks[:_BATCH])

        found, _ = await records.unrestricted(plan)
        marked += found
        if found < _BATCH:
            return marked


def _open(work: Work, stay: Stay, timer: policies.Timer, at: datetime, due: datetime) -> None:
    of_team = timer.owner == "fd-team" and stay.team
    work.create(
        {
            "resourceType": "Task",
            "meta": {"profile": [structure("fd-timer-task")]},
            "status": "requested",
            "businessStatus": concept("timer-status", "on-time" if work.now <= due else "breached"),
            "intent": "plan",
            "code": {"coding": [{**coding("timer", timer.code), "display": timer.title.zh}]},
            "focus": {"reference": stay.reference},
            "for": stay.encounter["subject"],
            "authoredOn": _seconds(at),
            "owner": {"reference": f"CareTeam/{stay.team['id']}"} if of_team else stay.contract["managingOrganization"],
            "restriction": {"period": {"start": _seconds(at), "end": _seconds(due)}},
        }
    )


async def _meet(work: Work, task: Resource, at: datetime, by: str) -> None:
    due = moment(task["restriction"]["period"]["end"])
    met = await work.get(f"Task/{task['id']}") or task
    if met["status"] != "requested" or at < moment(task["authoredOn"]):
        return
    await work.put(
        {
            **met,
            "status": "completed",
            "businessStatus": concept("timer-status", "on-time" if at < due + timedelta(seconds=1) else "late"),
            "executionPeriod": {"start": task["authoredOn"], "end": _seconds(at)},
            "output": [{"type": concept("task-io", "fulfilled-by"), "valueReference": {"reference": by}}],
        }
    )


async def _open_timers(work: Work, criteria: dict[str, Iterable[str]]) -> list[Resource]:
    found = await work.find("Task", {**criteria, "status": ["requested"]})
    return [task for task in found if task["status"] == "requested" and _code(task)]


async def _undelivered(work: Work, stays: Iterable[str]) -> set[str]:
    """The stays of which a notice still waits to be delivered, as this transaction sees it."""
    notices = await work.find("Communication", {"about": stays})
    return {
        about
        for notice in notices
        if notice["status"] != "completed"
        and has_code(notice["category"], "communication-category", "admission-notice")
        for about in references(notice["about"])
    }


def _meets(communication: Resource, timer: str, *, delivered: bool) -> bool:
    """`delivered`: no notice of the stay waits any more."""
    category = communication.get("category")
    if has_code(category, "communication-category", "proactive-contact"):
        return timer in _MET_BY_CONTACT
    return has_code(category, "communication-category", "admission-notice") and timer == "admission-push" and delivered


def _code(task: Resource) -> str:
    """The timer's code; empty for a Task that is no timer."""
    url = code_system("timer")
    codings = task.get("code", {}).get("coding", ())
    return next((coding["code"] for coding in codings if coding.get("system") == url), "")


def _became(draft: Draft, status: str) -> bool:
    return bool(
        draft.after and draft.after["status"] == status and (draft.before is None or draft.before["status"] != status)
    )


def _seconds(at: datetime) -> str:
    return at.astimezone(clock.SITE_ZONE).isoformat(timespec="seconds")

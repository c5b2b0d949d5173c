"""What meets a timer: a contact, a notice that was delivered, a home visit. JS-2.2.2(1), JS-2.3.2"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from gateway.drafts import Draft
from gateway.work import Work
from gateway.workflows import timers
from gateway.workflows.reading import has_code, moment, reference, references
from profiles.canonical import code_system, concept
from profiles.json import Resource

_MET_BY_CONTACT = ("inpatient-contact", "post-discharge-contact")
_MET_BY_HOME_VISIT = ("post-discharge-home-visit",)


async def by_contacts(work: Work, drafts: Sequence[Draft]) -> None:
    """A completed contact meets the contact timers of its stay; the last notice delivered meets the push."""
    completed = [draft.after for draft in drafts if draft.after and _became(draft, "completed")]
    stays = {about for one in completed for about in references(one.get("about", ())) if about.startswith("Encounter/")}
    open_timers = await timers.opened(work, {"focus": stays})
    waiting = await _undelivered(work, stays) if open_timers else set()
    for one in completed:
        at = moment(one["sent"]) if "sent" in one else work.now
        for task in open_timers:
            stay = reference(task.get("focus"))
            about = references(one.get("about", ()))
            if stay in about and _meets(one, timers.code(task), delivered=stay not in waiting):
                await _meet(work, task, at, f"Communication/{one['id']}")


async def by_visits(work: Work, drafts: Sequence[Draft]) -> None:
    """A finished home visit meets the home-visit timer of its resident (JS-2.3.2(2))."""
    visits = [
        draft.after
        for draft in drafts
        if draft.after and draft.after["class"].get("code") == "HH" and _became(draft, "finished")
    ]
    patients = {patient for visit in visits if (patient := reference(visit.get("subject")))}
    open_timers = await timers.opened(work, {"patient": patients})
    for visit in visits:
        start = visit.get("period", {}).get("start")
        at = moment(start) if start else work.now
        for task in open_timers:
            own = reference(task.get("for")) == reference(visit.get("subject"))
            if own and timers.code(task) in _MET_BY_HOME_VISIT:
                await _meet(work, task, at, f"Encounter/{visit['id']}")


async def _meet(work: Work, task: Resource, at: datetime, by: str) -> None:
    """Within the second in which it is due, it is met; what was done before the trigger is no answer to it."""
    last, since = timers.due(task), task.get("authoredOn")
    met = await work.get(f"Task/{task['id']}") or task
    if met.get("status") != "requested" or (since and at < moment(since)):
        return
    in_time = last is None or at < last + timedelta(seconds=1)
    begun = {"start": since} if since else {}
    await work.put(
        {
            **met,
            "status": "completed",
            "businessStatus": concept("timer-status", "on-time" if in_time else "late"),
            "executionPeriod": {**begun, "end": timers.seconds(at)},
            "output": [{"type": concept("task-io", "fulfilled-by"), "valueReference": {"reference": by}}],
        }
    )


async def _undelivered(work: Work, stays: Iterable[str]) -> set[str]:
    """The stays of which a notice still waits to be delivered, as this transaction sees it."""
    kind = f"{code_system('communication-category')}|admission-notice"
    notices = await work.find("Communication", {"about": stays, "category": [kind]})
    return {about for notice in notices if _waits(notice) for about in references(notice.get("about", ()))}


def _waits(notice: Resource) -> bool:
    """Neither delivered nor taken back."""
    taken_back = has_code(notice.get("statusReason"), "notification-reason", "admission-cancelled")
    return notice.get("status") not in {"completed", "entered-in-error"} and not taken_back


def _meets(communication: Resource, timer: str, *, delivered: bool) -> bool:
    """`delivered`: no notice of the stay waits any more."""
    category = communication.get("category")
    if has_code(category, "communication-category", "proactive-contact"):
        return timer in _MET_BY_CONTACT
    return has_code(category, "communication-category", "admission-notice") and timer == "admission-push" and delivered


def _became(draft: Draft, status: str) -> bool:
    before, after = draft.before or {}, draft.after or {}
    return after.get("status") == status != before.get("status")

"""Hospital stays: what follows for a contracted resident. JS-2.2.2(1), JS-2.3.2

An admission that is told late has all its consequences, its timers breached where they are due. One that is told only
when the stay is over (A03 before A01, or neither before the discharge) has the record alone: nobody is told that
somebody is in hospital who has left it, and what is due is due after discharge.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.drafts import Draft
from gateway.work import Work
from gateway.workflows import notifications, stay_records, timers
from gateway.workflows.reading import moment, reference, references
from gateway.workflows.stays import Stay, contracted
from gateway.workflows.transitions import Transition, transition
from profiles.json import Resource

_Changes = Mapping[str, frozenset[Transition]]
"""What happened to each stay, by reference."""


async def contracted_stay(work: Work, drafts: Sequence[Draft]) -> None:
    """Links inpatient stays to their contract, and starts, moves on or takes back what follows from them."""
    for draft in drafts:
        _keep_links(draft)
    changes = {draft.reference: transition(draft.before, draft.after) for draft in drafts}
    lasting = {draft.reference: draft for draft in drafts if draft.after and changes[draft.reference] - {"undone"}}
    beginning = {name for name in lasting if "began" in changes[name]}
    moments = {
        name: (draft.after, _moment(work, draft.after, "start" if name in beginning else "end"))
        for name, draft in lasting.items()
        if draft.after
    }
    found = await contracted(work, moments, beginning)
    await timers.close(work, _closings(changes, found))
    await _take_back(work, [name for name, change in changes.items() if "undone" in change])
    for name, draft in lasting.items():
        stay = found.get(name)
        _link(draft, f"EpisodeOfCare/{stay.contract['id']}" if stay else None, began=name in beginning)
        if stay:
            await _follow(work, stay, changes[name])


async def _follow(work: Work, stay: Stay, change: frozenset[Transition]) -> None:
    if "began" in change:
        stay_records.open_record(work, stay)
    if "began" in change and "ended" not in change:
        notifications.announce_admission(work, stay)
        await timers.start(work, stay, "inpatient-admission", _moment(work, stay.encounter, "start"))
    if "ended" in change:
        await timers.start(work, stay, "discharge", _moment(work, stay.encounter, "end"))


def _closings(changes: _Changes, found: Mapping[str, Stay]) -> dict[str, timers.Closing]:
    """Which timers end with what happened: all, the contact in hospital, or those of a discharge that was none."""
    closings = {}
    for name, change in changes.items():
        if "undone" in change:
            closings[name] = timers.Closing("not-applicable")
        elif name in found and "ended" in change and "began" not in change:
            closings[name] = timers.Closing("superseded", frozenset({"inpatient-contact"}))
        elif name in found and "reopened" in change:
            closings[name] = timers.Closing("not-applicable", timers.codes(found[name].contract, "discharge"))
    return closings


async def _take_back(work: Work, encounters: Sequence[str]) -> None:
    if encounters:
        await notifications.take_back(work, encounters)
        await stay_records.take_back(work, encounters)


def _moment(work: Work, encounter: Resource, bound: str) -> datetime:
    """When it happened: the event's own time, not that of its arrival (requirements §0)."""
    period = encounter.get("period", {})
    told = period.get(bound) or period.get("end")
    return moment(told) if told else work.now


def _keep_links(draft: Draft) -> None:
    """A writer that does not know of the link to the contract does not remove it."""
    if draft.before is None or draft.after is None or "episodeOfCare" in draft.after:
        return
    links = draft.before.get("episodeOfCare")
    if links and reference(draft.before.get("subject")) == reference(draft.after.get("subject")):
        draft.after = {**draft.after, "episodeOfCare": links}


def _link(draft: Draft, contract: str | None, *, began: bool) -> None:
    """Puts the contract first; a stay that begins anew keeps no link of what it was before."""
    after = draft.after or {}
    links = after.get("episodeOfCare", [])
    if not began and (contract is None or contract in references(links)):
        return
    old = (draft.before or {}).get("episodeOfCare", []) if began else []
    others = [one for one in links if one not in old and reference(one) != contract]
    kept = [{"reference": contract}, *others] if contract else others
    rest = {name: value for name, value in after.items() if name != "episodeOfCare"}
    draft.after = {**rest, "episodeOfCare": kept} if kept else rest

"""Hospital stays: which one it is, and what follows for a contracted resident. JS-2.2.2(1), JS-2.3.2"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.work import Draft, Work
from gateway.workflows import notifications, stay_records, timers
from gateway.workflows.reading import moment, reference
from gateway.workflows.stays import Stay, contracted
from profiles.canonical import VISIT_NO, naming_system
from profiles.json import Resource

_ADMITTED = frozenset({"in-progress", "onleave", "finished"})


def claims(encounter: Resource) -> Iterator[str]:
    """One Encounter for a visit number of a facility."""
    if name := visit(encounter):
        yield f"visit/{name}"


def visit(encounter: Resource) -> str | None:
    """The visit number within the facility that assigned it."""
    for identifier in encounter.get("identifier", ()):
        facility = _facility(identifier.get("assigner") or encounter.get("serviceProvider"))
        if identifier.get("system") == VISIT_NO and "value" in identifier and facility:
            return f"{facility}/{identifier['value']}"
    return None


async def known(work: Work, encounter: Resource) -> Resource | None:
    """The Encounter of the same visit number and facility."""
    return next(iter((await work.held(claims(encounter))).values()), None)


async def contracted_stay(work: Work, drafts: Sequence[Draft]) -> None:
    """Links inpatient stays to the contract in force, and starts, moves on or takes back what follows from them."""
    stays = [draft for draft in drafts if draft.after and _inpatient(draft.after)]
    changed = {draft.reference: (draft.after, _moment(work, draft)) for draft in stays if draft.after and _moved(draft)}
    found = await contracted(work, changed)
    for draft in stays:
        if stay := found.get(draft.reference):
            draft.after = {**stay.encounter, "episodeOfCare": [{"reference": f"EpisodeOfCare/{stay.contract['id']}"}]}
            await _follow(work, draft, stay)
    await _take_back(work, [draft.reference for draft in stays if _cancelled(draft)])


async def _follow(work: Work, draft: Draft, stay: Stay) -> None:
    if _began(draft):
        stay_records.open_record(work, stay)
    if _began(draft) and stay.encounter["status"] != "finished":
        notifications.announce_admission(work, stay)
        timers.start(work, stay, "inpatient-admission", _moment(work, draft))
    if _ended(draft):
        timers.start(work, stay, "discharge", _moment(work, draft))
        await timers.close(work, [stay.reference], "superseded", codes=["inpatient-contact"])


async def _take_back(work: Work, encounters: Sequence[str]) -> None:
    if encounters:
        await notifications.take_back(work, encounters)
        await stay_records.take_back(work, encounters)
        await timers.close(work, encounters, "not-applicable")


def _inpatient(encounter: Resource) -> bool:
    return bool(encounter["class"].get("code") == "IMP" and reference(encounter.get("subject")).startswith("Patient/"))


def _moment(work: Work, draft: Draft) -> datetime:
    """When what the draft tells of happened: the event's own time, not that of its arrival (requirements §0)."""
    period = (draft.after or {}).get("period", {})
    told = period.get("end") if _ended(draft) else period.get("start")
    return moment(told) if told else work.now


def _moved(draft: Draft) -> bool:
    return _began(draft) or _ended(draft)


def _began(draft: Draft) -> bool:
    return _status(draft.after) in _ADMITTED and _status(draft.before) not in _ADMITTED


def _ended(draft: Draft) -> bool:
    return _status(draft.after) == "finished" != _status(draft.before)


def _cancelled(draft: Draft) -> bool:
    return draft.before is not None and _status(draft.after) == "cancelled" != _status(draft.before)


def _status(encounter: Resource | None) -> str | None:
    return encounter["status"] if encounter else None


def _facility(organization: Resource | None) -> str | None:
    """The facility's code where it is known by one, else its reference."""
    if organization is None:
        return None
    identifier = organization.get("identifier", {})
    if identifier.get("system") == naming_system("facility-code"):
        return str(identifier.get("value"))
    return reference(organization) or None

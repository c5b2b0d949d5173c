"""The contract: one active per resident, active only on an agreement in force. NA-2.3a, QJ-2.3.1e"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from gateway.errors import BusinessRule, Duplicate
from gateway.work import Draft, Work
from gateway.workflows.reading import has_code, moment, reference, references
from profiles.canonical import structure
from profiles.json import Resource

_HOLDING = frozenset({"active", "onhold"})


def claims(episode: Resource) -> Iterator[str]:
    """At most one contract that is active or on hold per resident (NA-2.3a)."""
    if is_contract(episode) and episode.get("status") in _HOLDING:
        yield _claim(reference(episode.get("patient")))


def _claim(patient: str) -> str:
    return f"active-contract/{patient}"


def is_contract(episode: Resource) -> bool:
    """Supplementary contracts and home beds are episodes too, and do not count."""
    return has_code(episode.get("type"), "episode-type", "fd-contract")


async def activation(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuses a second contract for a resident, and one that becomes active without an agreement in force."""
    holding = [draft for draft in drafts if draft.after and list(claims(draft.after))]
    starting = [draft for draft in holding if draft.before is None or not list(claims(draft.before))]
    if not starting:
        return
    await _refuse_second(work, starting)
    await _require_agreement(work, starting)


async def in_force(work: Work, moments: Mapping[str, datetime]) -> dict[str, Resource]:
    """The contract of each of these patients (by reference) that covers the moment given for them."""
    found = await work.held(_claim(patient) for patient in moments)
    held = {reference(episode["patient"]): episode for episode in found.values()}
    return {
        patient: episode
        for patient, episode in held.items()
        if episode["status"] == "active" and covers(episode, moments[patient])
    }


def covers(episode: Resource, at: datetime) -> bool:
    """Whether the term of the contract, its last day included, has that moment."""
    period = episode.get("period", {})
    start, end = period.get("start"), period.get("end")
    return (not start or moment(start) <= at) and (not end or at.date() <= moment(end).date())


def team(episode: Resource) -> str:
    """The reference of the family-doctor team."""
    return next(iter(references(episode.get("team", ()))), "")


def policy(episode: Resource) -> str:
    """The canonical of the policy pack that was frozen on the contract."""
    url = structure("governing-policy")
    return next((one["valueCanonical"] for one in episode.get("extension", ()) if one.get("url") == url), "")


async def _refuse_second(work: Work, starting: Sequence[Draft]) -> None:
    patients = [reference(draft.after["patient"]) for draft in starting if draft.after]
    held = await work.held(map(_claim, patients))
    others = [
        one for one in held.values() if f"EpisodeOfCare/{one['id']}" not in {draft.reference for draft in starting}
    ]
    if others or len(set(patients)) < len(patients):
        existing = f" (EpisodeOfCare/{others[0]['id']})" if others else ""
        raise Duplicate(
            "FD-CONTRACT-DUP",
            f"该居民已有生效中的家庭医生签约{existing},一个签约周期只能签约一个团队;请先解约或改签。",
            f"The resident already has a contract in force{existing}; one team per resident and cycle. "
            "Terminate or transfer it first.",
            "EpisodeOfCare.patient",
        )


async def _require_agreement(work: Work, starting: Sequence[Draft]) -> None:
    episodes = [draft.reference for draft in starting]
    found = await work.find("Consent", {"data": episodes, "status": ["active"]})
    drafted = [draft.after for draft in work.drafts("Consent") if draft.after and draft.after["status"] == "active"]
    agreed = {
        reference(data.get("reference"))
        for consent in (*found, *drafted)
        for data in consent.get("provision", {}).get("data", ())
    }
    if set(episodes) - agreed:
        raise BusinessRule(
            "FD-CONSENT",
            "签约生效前须有生效的协议:请在同一事务中提交状态为 active、provision.data 指向本签约的 Consent。",
            "A contract becomes active only on an agreement in force: send, in the same transaction or before, "
            "an active Consent whose provision.data refers to this EpisodeOfCare.",
            "EpisodeOfCare.status",
        )

"""The agreement (协议) on which a contract stands: a Consent in force, not withdrawn from under it. fhir-model §6.2"""

from collections.abc import Iterable, Sequence

from gateway.drafts import Draft
from gateway.errors import BusinessRule, Conflict
from gateway.search.date import interval
from gateway.work import Work
from gateway.workflows.contracts import holds
from gateway.workflows.reading import has_code, reference, references, term
from profiles.json import Resource

_CATEGORIES = ("fd-agreement", "deemed", "supplementary")


async def require(work: Work, episodes: Sequence[Resource]) -> None:
    """Refuses contracts to which no Consent of this transaction, or of before, agrees."""
    if await _unagreed(work, episodes):
        raise BusinessRule(
            "FD-CONSENT",
            "签约生效前须有生效的协议:请在同一事务中提交(或事先提交)该居民状态为 active 的 Consent,类别为签约协议,"
            "provision 为许可、期限涵盖签约起始日,且 provision.data 指向本签约。",
            "A contract becomes active only on an agreement in force: send, in the same transaction or before, "
            "an active Consent of the same patient and of an agreement's category, whose provision permits, covers "
            "the start of the contract, and has this EpisodeOfCare as its data.",
            "EpisodeOfCare.status",
        )


async def withdrawal(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuses to withdraw the only agreement of a contract that goes on."""
    named = {name for draft in drafts if draft.before for name in _contracts(draft.before)}
    await work.load(named)
    left = [
        episode
        for name in sorted(named)
        if (episode := await work.get(name)) and holds(episode) and any(_withdraws(draft, episode) for draft in drafts)
    ]
    if unagreed := await _unagreed(work, left):
        names = ", ".join(f"EpisodeOfCare/{episode['id']}" for episode in unagreed)
        raise Conflict(
            "FD-CONSENT-IN-USE",
            f"该协议是生效中签约({names})的唯一协议;请在同一事务中结束签约,或提交新的协议。",
            f"This is the only agreement of a contract in force ({names}); end the contract in the same transaction, "
            "or send another agreement.",
            "Consent.status",
        )


async def _unagreed(work: Work, episodes: Sequence[Resource]) -> list[Resource]:
    """Those of the contracts to which nothing agrees, as this transaction leaves it."""
    if not episodes:
        return []
    known = await work.find("Consent", {"data": [f"EpisodeOfCare/{episode['id']}" for episode in episodes]})
    drafted = [draft.after for draft in work.drafts("Consent") if draft.after]
    about = _by_contract((*known, *drafted))
    return [one for one in episodes if not any(_agrees(to, one) for to in about.get(f"EpisodeOfCare/{one['id']}", ()))]


def _by_contract(consents: Iterable[Resource]) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for consent in consents:
        for name in _contracts(consent):
            found.setdefault(name, []).append(consent)
    return found


def _contracts(consent: Resource) -> list[str]:
    named = references(data["reference"] for data in consent.get("provision", {}).get("data", ()))
    return [name for name in named if name.startswith("EpisodeOfCare/")]


def _withdraws(draft: Draft, episode: Resource) -> bool:
    def agrees(consent: Resource | None) -> bool:
        return bool(consent and f"EpisodeOfCare/{episode['id']}" in _contracts(consent) and _agrees(consent, episode))

    return agrees(draft.before) and not agrees(draft.after)


def _agrees(consent: Resource, episode: Resource) -> bool:
    """Whether a Consent about a contract is an agreement to it, in force at its start."""
    provision = consent.get("provision", {})
    return (
        consent.get("status") == "active"
        and any(has_code(consent["category"], "consent-category", code) for code in _CATEGORIES)
        and reference(consent.get("patient")) == reference(episode["patient"])
        and provision.get("type", "permit") == "permit"
        and _includes_start(provision, episode)
    )


def _includes_start(provision: Resource, episode: Resource) -> bool:
    start = interval(episode.get("period", {}).get("start"))
    low, high = term(provision.get("period"))
    return start is None or (low < start.high and start.low < high)

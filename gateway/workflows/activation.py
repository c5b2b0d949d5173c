"""What a contract needs to be in force: one per resident, complete, agreed to. NA-2.3a, QJ-2.3.1e, fhir-model §6.2"""

import re
from collections.abc import Iterator, Sequence

from gateway.drafts import Draft
from gateway.errors import BusinessRule, Duplicate, Issue
from gateway.work import Work
from gateway.workflows import agreements, contracts
from gateway.workflows.reading import reference
from profiles.json import Resource

_PATIENT = re.compile(r"Patient/[A-Za-z0-9\-.]{1,64}")


async def activation(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuses a contract that is incomplete, a second one of a resident, and one without an agreement in force."""
    holding = [draft for draft in drafts if draft.after and contracts.holds(draft.after)]
    if not holding:
        return
    await _require_complete(work, [draft.after for draft in holding if draft.after])
    starting = [draft.after for draft in holding if draft.after and _claims(draft.before) != _claims(draft.after)]
    if starting:
        await _refuse_second(work, starting)
        await agreements.require(work, starting)


def _claims(episode: Resource | None) -> list[str]:
    return list(contracts.claims(episode)) if episode else []


async def _require_complete(work: Work, episodes: Sequence[Resource]) -> None:
    await work.load(team for episode in episodes if (team := contracts.team(episode)))
    issues = [
        issue for episode in episodes for issue in _lacking(episode, team_exists=await _team_exists(work, episode))
    ]
    if issues:
        raise BusinessRule.of(issues)


async def _team_exists(work: Work, episode: Resource) -> bool:
    team = contracts.team(episode)
    return team.startswith("CareTeam/") and await work.get(team) is not None


def _lacking(episode: Resource, *, team_exists: bool) -> Iterator[Issue]:
    """What the profile cannot say: which resident, and that team and pack are known here."""
    if not _PATIENT.fullmatch(episode["patient"].get("reference", "")):
        yield _issue(
            "patient", "居民(patient)应写作 Patient/<id>。", "Write the resident (patient) literally as Patient/<id>."
        )
    if not team_exists:
        yield _issue(
            "team",
            "签约团队须已登记,或在同一事务中提交该 CareTeam。",
            "The team of a contract is a CareTeam that is registered, or sent in the same transaction.",
        )
    if contracts.pack(episode) is None:
        yield _issue(
            "extension",
            "签约须以扩展 governing-policy(valueCanonical)指明本网关已有的政策包及版本。",
            "A contract names, by the extension governing-policy (valueCanonical), a policy pack and version we have.",
        )


def _issue(element: str, zh: str, en: str) -> Issue:
    return Issue("business-rule", "FD-CONTRACT-INCOMPLETE", zh, en, f"EpisodeOfCare.{element}")


async def _refuse_second(work: Work, starting: Sequence[Resource]) -> None:
    patients = [reference(episode["patient"]) for episode in starting]
    own = {episode["id"] for episode in starting}
    held = await work.held(map(contracts.claim, patients))
    others = [one for one in held.values() if one["id"] not in own]
    if others or len(set(patients)) < len(patients):
        existing = f" (EpisodeOfCare/{others[0]['id']})" if others else ""
        raise Duplicate(
            "FD-CONTRACT-DUP",
            f"该居民已有生效中的家庭医生签约{existing},一个签约周期只能签约一个团队;请先解约或改签。",
            f"The resident already has a contract in force{existing}; one team per resident and cycle. "
            "Terminate or transfer it first.",
            "EpisodeOfCare.patient",
        )

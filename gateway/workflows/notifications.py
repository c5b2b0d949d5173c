"""What residents and their doctors are told: Communications that wait to be delivered. JS-2.2.2(1)a"""

from collections.abc import Iterable

from gateway.work import Work
from gateway.workflows.reading import moment, reference, references
from gateway.workflows.stays import Stay
from profiles.canonical import code_system, concept, structure
from profiles.json import Resource

_BY_SMS = concept("medium", "SMS")
_ON_WORKLIST = concept("medium", "APP")


def announce_admission(work: Work, stay: Stay) -> None:
    """Tells the resident who cares for them, and the team, or the centre where there is no team, of the stay."""
    _notice(work, stay, stay.patient, _BY_SMS, _for_resident(stay))
    team = f"CareTeam/{stay.team['id']}" if stay.team else reference(stay.contract.get("managingOrganization"))
    if team:
        _notice(work, stay, team, _ON_WORKLIST, _for_team(stay.encounter))


async def take_back(work: Work, encounters: Iterable[str]) -> None:
    """What was not delivered is not delivered; what was is followed by one correction."""
    categories = ("admission-notice", "admission-cancelled-notice")
    told = [f"{code_system('communication-category')}|{category}" for category in categories]
    found = await work.find("Communication", {"about": encounters, "category": told})
    corrected = {name for one in found for name in references(one.get("inResponseTo", ()))}
    for notice in found:
        if "inResponseTo" in notice or f"Communication/{notice['id']}" in corrected:
            continue
        if notice.get("status") == "preparation":
            reason = concept("notification-reason", "admission-cancelled")
            await work.put({**notice, "status": "not-done", "statusReason": reason})
        elif notice.get("status") == "completed":
            _correction(work, notice)


def _notice(work: Work, stay: Stay, recipient: str, medium: Resource, text: str) -> None:
    centre = stay.contract.get("managingOrganization")
    work.create(
        {
            "resourceType": "Communication",
            "meta": {"profile": [structure("fd-notification")]},
            "status": "preparation",
            "category": [concept("communication-category", "admission-notice")],
            "medium": [medium],
            "subject": {"reference": stay.patient},
            "about": [{"reference": stay.reference}, {"reference": f"EpisodeOfCare/{stay.contract['id']}"}],
            "recipient": [{"reference": recipient}],
            **({"sender": centre} if centre else {}),
            "payload": [{"contentString": text}],
        }
    )


def _correction(work: Work, notice: Resource) -> None:
    kept = ("medium", "subject", "about", "recipient", "sender")
    work.create(
        {
            "resourceType": "Communication",
            "meta": {"profile": [structure("fd-notification")]},
            "inResponseTo": [{"reference": f"Communication/{notice['id']}"}],
            "status": "preparation",
            "category": [concept("communication-category", "admission-cancelled-notice")],
            **{name: notice[name] for name in kept if name in notice},
            "payload": [{"contentString": "此前的入院通知已由医院撤销。The admission announced before was cancelled."}],
        }
    )


def _for_resident(stay: Stay) -> str:
    phone = next((f" {one['value']}" for one in stay.team.get("telecom", ()) if "value" in one), "")
    known = (
        ("签约机构", stay.centre.get("name", "")),
        ("家庭医生团队", f"{stay.team['name']}{phone}" if "name" in stay.team else ""),
    )
    return "您已办理入院。" + "".join(f"{label}:{name}。" for label, name in known if name)


def _for_team(encounter: Resource) -> str:
    hospital = encounter.get("serviceProvider", {}).get("display", "")
    bed = next((one["location"].get("display", "") for one in encounter.get("location", ())), "")
    start = encounter.get("period", {}).get("start")
    when = f"{moment(start):%Y-%m-%d %H:%M}" if start else ""
    return " ".join(part for part in ("签约居民入院:", when, hospital, bed) if part)

"""What residents and their doctors are told: Communications that wait to be delivered. JS-2.2.2(1)a"""

from collections.abc import Iterable

from gateway.work import Work
from gateway.workflows.reading import moment, reference
from gateway.workflows.stays import Stay
from profiles.canonical import concept, structure
from profiles.json import Resource

_BY_SMS = concept("medium", "SMS")
_ON_WORKLIST = concept("medium", "APP")


def announce_admission(work: Work, stay: Stay) -> None:
    """Tells the resident who cares for them, and the team that the resident is in hospital."""
    _notice(work, stay, reference(stay.encounter["subject"]), _BY_SMS, _for_resident(stay))
    _notice(work, stay, f"CareTeam/{stay.team['id']}", _ON_WORKLIST, _for_team(stay.encounter))


async def take_back(work: Work, encounters: Iterable[str]) -> None:
    """What was not delivered is not delivered; what was is followed by a correction."""
    for notice in await work.find("Communication", {"about": encounters}):
        if notice["status"] == "preparation":
            reason = concept("notification-reason", "admission-cancelled")
            await work.put({**notice, "status": "not-done", "statusReason": reason})
        elif notice["status"] == "completed":
            _correction(work, notice)


def _notice(work: Work, stay: Stay, recipient: str, medium: Resource, text: str) -> None:
    work.create(
        {
            "resourceType": "Communication",
            "meta": {"profile": [structure("fd-notification")]},
            "status": "preparation",
            "category": [concept("communication-category", "admission-notice")],
            "medium": [medium],
            "subject": stay.encounter["subject"],
            "about": [{"reference": stay.reference}, {"reference": f"EpisodeOfCare/{stay.contract['id']}"}],
            "recipient": [{"reference": recipient}],
            "sender": stay.contract["managingOrganization"],
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
    return f"您已办理入院。签约机构:{stay.centre.get('name', '')};家庭医生团队:{stay.team.get('name', '')}{phone}。"


def _for_team(encounter: Resource) -> str:
    hospital = encounter.get("serviceProvider", {}).get("display", "")
    bed = next((one["location"].get("display", "") for one in encounter.get("location", ())), "")
    start = encounter.get("period", {}).get("start")
    when = f"{moment(start):%Y-%m-%d %H:%M}" if start else ""
    return " ".join(part for part in ("签约居民入院:", when, hospital, bed) if part)

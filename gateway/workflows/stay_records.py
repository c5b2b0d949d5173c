"""The inpatient service record (住院服务档案), opened at admission. JS-2.2.2(1)a"""

from collections.abc import Iterable

from gateway.clock import instant, milliseconds
from gateway.work import Work
from gateway.workflows.stays import Stay
from profiles.canonical import code_system, concept, structure

_NOT_STARTED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "notstarted"}]}
_NOT_YET = {
    "status": "generated",
    "div": '<div xmlns="http://www.w3.org/1999/xhtml">尚未开始。<span lang="en">Not started yet.</span></div>',
}
"""A section says something, even where it is empty (cmp-1)."""
_UNKNOWN_CENTRE = {"display": "签约机构未登记 not registered"}


def open_record(work: Work, stay: Stay) -> None:
    centre, encounter = stay.contract.get("managingOrganization"), {"reference": stay.reference}
    work.create(
        {
            "resourceType": "Composition",
            "meta": {"profile": [structure("fd-inpatient-service-record")]},
            "status": "preliminary",
            "type": concept("document-type", "inpatient-service-record"),
            "subject": {"reference": stay.patient},
            "encounter": encounter,
            "date": instant(milliseconds(work.now)),
            "author": [centre or _UNKNOWN_CENTRE],
            "title": "签约居民住院服务档案",
            **({"custodian": centre} if centre else {}),
            "section": [
                {"title": "入院信息", "code": concept("inpatient-record-section", "admission"), "entry": [encounter]},
                {
                    "title": "家庭医生联系与查房",
                    "code": concept("inpatient-record-section", "fd-contact"),
                    "text": _NOT_YET,
                    "emptyReason": _NOT_STARTED,
                },
            ],
        }
    )


async def take_back(work: Work, encounters: Iterable[str]) -> None:
    kind = f"{code_system('document-type')}|inpatient-service-record"
    for record in await work.find("Composition", {"encounter": encounters, "type": [kind]}):
        await work.put({**record, "status": "entered-in-error"})

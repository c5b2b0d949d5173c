"""The inpatient service record (住院服务档案), opened at admission. JS-2.2.2(1)a"""

from collections.abc import Iterable

from gateway.clock import instant, milliseconds
from gateway.work import Work
from gateway.workflows.reading import has_code
from gateway.workflows.stays import Stay
from profiles.canonical import concept, structure

_NOT_STARTED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "notstarted"}]}


def open_record(work: Work, stay: Stay) -> None:
    centre, encounter = stay.contract["managingOrganization"], {"reference": stay.reference}
    work.create(
        {
            "resourceType": "Composition",
            "meta": {"profile": [structure("fd-inpatient-service-record")]},
            "status": "preliminary",
            "type": concept("document-type", "inpatient-service-record"),
            "subject": stay.encounter["subject"],
            "encounter": encounter,
            "date": instant(milliseconds(work.now)),
            "author": [centre],
            "title": "签约居民住院服务档案",
            "custodian": centre,
            "section": [
                {"title": "入院信息", "code": concept("inpatient-record-section", "admission"), "entry": [encounter]},
                {
                    "title": "家庭医生联系与查房",
                    "code": concept("inpatient-record-section", "fd-contact"),
                    "emptyReason": _NOT_STARTED,
                },
            ],
        }
    )


async def take_back(work: Work, encounters: Iterable[str]) -> None:
    for record in await work.find("Composition", {"encounter": encounters}):
        if has_code(record["type"], "document-type", "inpatient-service-record"):
            await work.put({**record, "status": "entered-in-error"})

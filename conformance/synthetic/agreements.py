"""What proves a contract: the agreement's text, the Consent to it, and who signs for a child (SH-1.0b)."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1

from conformance.synthetic.contracts import Contract
from conformance.synthetic.identifiers import resident_id
from conformance.synthetic.institutions import HOSPITAL
from conformance.synthetic.residents import years_after
from profiles.canonical import BASE, RESIDENT_ID, concept, naming_system
from profiles.json import Resource

_TEMPLATE = f"{BASE}/policy/agreement-template/synthetic-1"

_TEXT = """家庭医生签约服务协议（示例，人物与事项均为虚构）
一、居民基本信息：{resident}。
二、团队与机构基本信息：{team}（{institution}）。
三、服务内容：基本医疗、公共卫生与健康管理服务。
四、服务方式：门诊、电话、网络与上门相结合。
五、协议期限：{start}至{end}。
六、服务费用：示例，不收费。
七、双方责任：双方如实履约，居民对所提供材料的真实性负责。
八、双方权利：居民自愿选择团队，团队按规范提供服务。
九、双方义务：居民配合健康管理，团队保护居民隐私。
十、协议解约：任一方可按规定申请解约。
十一、协议续约：期满前由团队告知续约事宜。
"""
"""The eleven sections of NA-2.3d."""


def resources(contract: Contract) -> Iterator[Resource]:
    if contract.guardian:
        yield _guardian(contract, contract.guardian)
    yield _document(contract)
    yield _consent(contract)


def _document(contract: Contract) -> Resource:
    text = _TEXT.format(
        resident=contract.resident.name,
        team=contract.team.name,
        institution=contract.team.institution,
        start=contract.start,
        end=contract.end,
    ).encode()
    return {
        "resourceType": "DocumentReference",
        "id": f"agreement-{contract.resident.serial:03}",
        "status": "current" if contract.active else "superseded",
        "docStatus": "final",
        "type": concept("document-type", "fd-agreement"),
        "subject": {"reference": f"Patient/{contract.resident.id}"},
        "date": contract.signed,
        "author": [
            {"reference": f"PractitionerRole/{contract.team.doctor}"},
            {"reference": contract.signatory},
        ],
        "custodian": {"reference": f"Organization/{contract.team.organization}"},
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "language": "zh-CN",
                    "data": b64encode(text).decode(),
                    "size": len(text),
                    "hash": b64encode(sha1(text, usedforsecurity=False).digest()).decode(),
                    "title": "家庭医生签约服务协议（示例）",
                    "creation": contract.signed,
                }
            }
        ],
    }


def _consent(contract: Contract) -> Resource:
    serial = f"{contract.resident.serial:03}"
    signatory = {"reference": contract.signatory}
    return {
        "resourceType": "Consent",
        "id": f"consent-{serial}",
        "identifier": [{"system": naming_system("agreement-no"), "value": f"AGR-SYNTHETIC-{serial}"}],
        "status": "active" if contract.active else "inactive",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [concept("consent-category", "fd-agreement")],
        "patient": {"reference": f"Patient/{contract.resident.id}"},
        "dateTime": contract.signed,
        "performer": [signatory],
        "organization": [{"reference": f"Organization/{contract.team.organization}"}],
        "sourceReference": {"reference": f"DocumentReference/agreement-{serial}"},
        "policy": [{"uri": _TEMPLATE}],
        "verification": [{"verified": True, "verifiedWith": signatory, "verificationDate": contract.signed}],
        "provision": {
            "type": "permit",
            "period": contract.period,
            "actor": [
                _actor("contracted-team", f"CareTeam/{contract.team.id}"),
                _actor("combination-district-hospital", f"Organization/{HOSPITAL}"),
            ],
            "data": [{"meaning": "instance", "reference": {"reference": f"EpisodeOfCare/{contract.id}"}}],
        },
    }


def _actor(role: str, reference: str) -> Resource:
    return {"role": concept("agreement-actor", role), "reference": {"reference": reference}}


def _guardian(contract: Contract, id_: str) -> Resource:
    """The mother, 27 years older."""
    child = contract.resident
    birth = years_after(child.birth, -27)
    codes = [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code} for code in ("MTH", "GUARD")]
    return {
        "resourceType": "RelatedPerson",
        "id": id_,
        "identifier": [{"system": RESIDENT_ID, "value": resident_id(birth, "female", 300 + child.serial)}],
        "active": True,
        "patient": {"reference": f"Patient/{child.id}"},
        "relationship": [{"coding": codes}],
        "name": [{"text": f"{child.name}之母"}],
        "gender": "female",
        "birthDate": birth.isoformat(),
    }

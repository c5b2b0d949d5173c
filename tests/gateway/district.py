"""A small district for tests: a centre, a team, residents with contracts, and a hospital that speaks FHIR messages."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from gateway.clock import SITE_ZONE
from profiles.canonical import BASE, RESIDENT_ID, VISIT_NO, code_system, coding, concept, naming_system, structure
from tests.conftest import Gateway

HOSPITAL = {"identifier": {"system": naming_system("facility-code"), "value": "QJZX"}, "display": "示例区中心医院"}
MESSAGE_ID = naming_system("message-id")
Resource = dict[str, Any]


def resident_id(serial: int, born: str = "19490101") -> str:
    """A valid GB 11643 number of a region that does not exist."""
    digits = f"990101{born}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


def put(*resources: Resource) -> Resource:
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def staff() -> Iterator[Resource]:
    yield {"resourceType": "Organization", "id": "centre", "active": True, "name": "示例社区卫生服务中心"}
    yield {
        "resourceType": "CareTeam",
        "id": "team",
        "status": "active",
        "name": "示例第一团队",
        "category": [concept("careteam-category", "fd-team")],
        "managingOrganization": [{"reference": "Organization/centre"}],
        "telecom": [{"system": "phone", "value": "000-0000"}],
    }


def resident(name: str, serial: int, born: str = "1949-01-01") -> Resource:
    number = resident_id(serial, born.replace("-", ""))
    return {
        "resourceType": "Patient",
        "id": name,
        "active": True,
        "identifier": [{"system": RESIDENT_ID, "value": number}],
        "name": [{"text": f"示例{serial}"}],
        "gender": "female",
        "birthDate": born,
    }


def contract(name: str, patient: str, status: str = "active", policy: str = "jinshan|2025.1") -> Resource:
    return {
        "resourceType": "EpisodeOfCare",
        "id": name,
        "extension": [
            {"url": structure("contract-sign-channel"), "valueCode": "online"},
            {"url": structure("governing-policy"), "valueCanonical": f"{BASE}/PlanDefinition/policy-pack-{policy}"},
        ],
        "status": status,
        "type": [concept("episode-type", "fd-contract")],
        "patient": {"reference": f"Patient/{patient}"},
        "managingOrganization": {"reference": "Organization/centre"},
        "period": {"start": "2026-01-01", "end": "2027-12-31"},
        "team": [{"reference": "CareTeam/team"}],
    }


def agreement(episode: Resource) -> Resource:
    return {
        "resourceType": "Consent",
        "id": f"agreement-{episode['id']}",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [concept("consent-category", "fd-agreement")],
        "patient": episode["patient"],
        "policy": [{"uri": f"{BASE}/policy/agreement-template/2026-1"}],
        "provision": {
            "data": [{"meaning": "instance", "reference": {"reference": f"EpisodeOfCare/{episode['id']}"}}],
        },
    }


def settle(gateway: Gateway, *people: tuple[str, int, str], contracted: bool = True) -> None:
    """Registers staff and people, each with an active contract where `contracted`."""
    resources = [*staff()]
    for name, serial, born in people:
        resources.append(resident(name, serial, born))
        if contracted:
            episode = contract(f"contract-{name}", name)
            resources += [episode, agreement(episode)]
    answer = gateway.client.post("", json=put(*resources))
    assert answer.status_code == 200, answer.text


class Hospital:
    """A hospital that speaks FHIR messages."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def event(self, code: str, message_id: str, person: Resource, encounter: Resource, at: datetime) -> Resource:
        made = {kind: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, message_id + kind)}" for kind in ("e", "p", "b", "v")}
        identifier = {"system": MESSAGE_ID, "value": message_id}
        entries = [
            (
                "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, message_id)),
                {
                    "resourceType": "MessageHeader",
                    "eventCoding": coding("message-event", code),
                    "source": {"name": "HIS", "endpoint": "urn:fdgw:feed:HIS:QJZX"},
                    "focus": [{"reference": made["e"]}],
                },
            ),
            (made["p"], {name: value for name, value in person.items() if name != "id"}),
            (made["e"], {**encounter, "subject": {"reference": made["p"]}}),
            (made["b"], {"resourceType": "Binary", "contentType": "x-application/hl7-v2+er7", "data": "TVNIfA=="}),
            (
                made["v"],
                {
                    "resourceType": "Provenance",
                    "target": [{"reference": made["e"]}],
                    "occurredDateTime": at.isoformat(timespec="seconds"),
                    "recorded": at.isoformat(timespec="seconds"),
                    "activity": concept("message-event", code),
                    "agent": [{"who": {"display": "HIS"}}],
                    "entity": [{"role": "source", "what": {"reference": made["b"], "identifier": identifier}}],
                },
            ),
        ]
        return {
            "resourceType": "Bundle",
            "type": "message",
            "identifier": identifier,
            "timestamp": at.isoformat(timespec="seconds"),
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
        }

    def tell(self, code: str, message_id: str, person: Resource, encounter: Resource, at: datetime) -> Resource:
        """Sends the event; the OperationOutcome of the answer."""
        with self.gateway.client_for("adapter") as client:
            answer = client.post("/$process-message", json=self.event(code, message_id, person, encounter, at))
        assert answer.status_code == 200, answer.text
        header, outcome = (entry["resource"] for entry in answer.json()["entry"])
        assert header["response"]["code"] == "ok"
        return dict(outcome["issue"][0])

    def stay(self, number: str, start: datetime, status: str = "in-progress", **more: object) -> Resource:
        return {
            "resourceType": "Encounter",
            "identifier": [
                {
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "VN"}]},
                    "system": VISIT_NO,
                    "value": number,
                    "assigner": {"identifier": HOSPITAL["identifier"]},
                }
            ],
            "status": status,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "period": {"start": start.isoformat(timespec="seconds")},
            "location": [{"location": {"display": "301-12"}, "status": "active"}],
            "serviceProvider": HOSPITAL,
            **more,
        }


class Chart:
    """What the gateway holds of one resident's stays, read over its API."""

    def __init__(self, gateway: Gateway, patient: str) -> None:
        self.gateway = gateway
        self.patient = patient

    def search(self, query: str) -> list[Resource]:
        answer = self.gateway.client.get(f"/{query}")
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]

    def encounters(self) -> list[Resource]:
        return self.search(f"Encounter?subject=Patient/{self.patient}")

    def notices(self) -> list[Resource]:
        return self.search(f"Communication?subject=Patient/{self.patient}")

    def records(self) -> list[Resource]:
        return self.search(f"Composition?subject=Patient/{self.patient}")

    def timers(self) -> dict[str, Resource]:
        system = code_system("timer")
        found = self.search(f"Task?patient=Patient/{self.patient}&code={system}|")
        return {task["code"]["coding"][0]["code"]: task for task in found}


def today(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """A moment of today, or of some days later, in the site's zone."""
    now = datetime.now(SITE_ZONE)
    return now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)

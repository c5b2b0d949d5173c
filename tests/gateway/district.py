"""A small district for tests: a centre, a team, residents with contracts, and a hospital that speaks FHIR messages."""

import time
import uuid
from collections.abc import Callable, Iterator
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
    for name, role in (("doctor", "family-doctor"), ("nurse", "nurse")):
        yield {"resourceType": "Practitioner", "id": name, "name": [{"text": f"示例{role}"}]}
        yield {"resourceType": "PractitionerRole", "id": name, "practitioner": {"reference": f"Practitioner/{name}"}}
    yield {
        "resourceType": "CareTeam",
        "id": "team",
        "identifier": [{"system": naming_system("team-no"), "value": "T-1"}],
        "status": "active",
        "name": "示例第一团队",
        "category": [concept("careteam-category", "fd-team")],
        "participant": [_member("doctor", "family-doctor", "team-leader"), _member("nurse", "nurse")],
        "managingOrganization": [{"reference": "Organization/centre"}],
        "telecom": [{"system": "phone", "value": "000-0000"}],
    }


def _member(name: str, *roles: str) -> Resource:
    return {
        "role": [concept("team-role", role) for role in roles],
        "member": {"reference": f"PractitionerRole/{name}"},
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
        "identifier": [{"system": naming_system("contract-no"), "value": name}],
        "status": status,
        "type": [concept("episode-type", "fd-contract")],
        "patient": {"reference": f"Patient/{patient}"},
        "managingOrganization": {"reference": "Organization/centre"},
        "period": {"start": "2026-01-01", "end": "2027-12-31"},
        "careManager": {"reference": "PractitionerRole/doctor"},
        "team": [{"reference": "CareTeam/team"}],
    }


def agreement(episode: Resource) -> Resource:
    return {
        "resourceType": "Consent",
        "id": f"agreement-{episode['id']}",
        "identifier": [{"system": naming_system("agreement-no"), "value": episode["id"]}],
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [concept("consent-category", "fd-agreement")],
        "patient": episode["patient"],
        "dateTime": "2026-01-01T09:00:00+08:00",
        "performer": [episode["patient"]],
        "organization": [{"reference": "Organization/centre"}],
        "sourceReference": {"display": "示例协议"},
        "policy": [{"uri": f"{BASE}/policy/agreement-template/2026-1"}],
        "verification": [{"verified": True}],
        "provision": {
            "type": "permit",
            "period": {"start": "2026-01-01", "end": "2027-12-31"},
            "actor": [
                {"role": concept("agreement-actor", "contracted-team"), "reference": {"reference": "CareTeam/team"}}
            ],
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
    write(gateway, *resources)


class Hospital:
    """A hospital that speaks FHIR messages."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def event(
        self,
        code: str,
        message_id: str,
        person: Resource,
        encounter: Resource,
        at: datetime,
        data: str = "TVNIfA==",
    ) -> Resource:
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
            (made["b"], {"resourceType": "Binary", "contentType": "x-application/hl7-v2+er7", "data": data}),
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
        """Sends the event; the first issue of the answer's OperationOutcome."""
        return self.send(self.event(code, message_id, person, encounter, at))

    def send(self, message: Resource) -> Resource:
        with self.gateway.client_for("adapter") as client:
            answer = client.post("/$process-message", json=message)
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


class Visit:
    """One visit of a contracted resident, of which its hospital tells; every telling is another message."""

    def __init__(self, gateway: Gateway, name: str, serial: int, start: datetime, born: str = "1970-05-05") -> None:
        self.hospital = Hospital(gateway)
        self.person = resident("x", serial, born)
        self.number = f"V-{name}"
        self.start = start
        self.told = 0

    def stay(self, status: str = "in-progress", **more: object) -> Resource:
        return self.hospital.stay(self.number, self.start, status, **more)

    def admitted(self, at: datetime | None = None) -> str:
        return self._tell("encounter-admitted", self.stay(), at or self.start)

    def discharged(self, at: datetime) -> str:
        stay = self.stay("finished")
        stay["period"]["end"] = at.isoformat(timespec="seconds")
        return self._tell("encounter-discharged", stay, at)

    def cancelled(self, at: datetime) -> str:
        return self._tell("admission-cancelled", self.stay("cancelled"), at)

    def _tell(self, event: str, stay: Resource, at: datetime) -> str:
        """The code of the answer."""
        self.told += 1
        issue = self.hospital.tell(event, f"HIS/QJZX/{self.number}-{self.told}", self.person, stay, at)
        return str(issue["details"]["coding"][0]["code"])


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
        """By code, the last of each."""
        return {code_of(task): task for task in sorted(self.tasks(), key=lambda task: str(task["id"]))}

    def states(self) -> list[tuple[str, str, str]]:
        """Of every timer: its code, status and business status."""
        return sorted((code_of(task), *status_of(task)) for task in self.tasks())

    def tasks(self) -> list[Resource]:
        return self.search(f"Task?patient=Patient/{self.patient}&code={code_system('timer')}|")


def code_of(task: Resource) -> str:
    return str(task["code"]["coding"][0]["code"])


def status_of(task: Resource) -> tuple[str, str]:
    return task["status"], task["businessStatus"]["coding"][0]["code"]


def deliver(gateway: Gateway, notice: Resource) -> None:
    sent = gateway.clock().astimezone(SITE_ZONE).isoformat(timespec="seconds")
    answer = gateway.client.put(f"/Communication/{notice['id']}", json={**notice, "status": "completed", "sent": sent})
    assert answer.status_code == 200, answer.text


def contact(gateway: Gateway, encounter: Resource, patient: str) -> None:
    """The team talks to the resident."""
    answer = gateway.client.post(
        "/Communication",
        json={
            "resourceType": "Communication",
            "status": "completed",
            "category": [concept("communication-category", "proactive-contact")],
            "subject": {"reference": f"Patient/{patient}"},
            "about": [{"reference": f"Encounter/{encounter['id']}"}],
            "medium": [concept("medium", "APP")],
            "sent": gateway.clock().isoformat(timespec="seconds"),
        },
    )
    assert answer.status_code == 201, answer.text


def write(gateway: Gateway, *resources: Resource) -> None:
    """All of them in one transaction."""
    answer = gateway.client.post("", json=put(*resources))
    assert answer.status_code == 200, answer.text


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def today(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """A moment of today, or of some days later, in the site's zone."""
    now = datetime.now(SITE_ZONE)
    return now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)

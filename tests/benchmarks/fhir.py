"""Read, search by identifier, create, and an admission applied, against the floor of the same run.

The value of a row is the processor time of the server process for one request; the ratio is to the floor's.
"""

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from gateway.clock import SITE_ZONE
from gateway.server import database
from gateway.settings import Settings
from profiles.canonical import RESIDENT_ID
from tests.benchmarks import load
from tests.gateway.district import Hospital, agreement, contract, put, resident, staff

SECONDS = 4.0
CONNECTIONS = 32
PEOPLE = 2000
MESSAGES = 4000
_V3 = "http://terminology.hl7.org/CodeSystem"


class Server(NamedTuple):
    port: int
    pid: int


def measure() -> list[dict[str, Any]]:
    """Rows of `{name, value, unit, floor, ratio}`, and the rates that go with them."""
    with tempfile.TemporaryDirectory(prefix="fdgw-bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        with database(settings) as url, running(["-m", "gateway.cli", "serve", "--port", "0"], folder, url) as server:
            token = json.loads((Path(folder) / "tokens.json").read_text())["developer"]["token"]
            people = list(populate(server.port, token))
            with running(["-m", "tests.benchmarks.floor"], folder, url) as floor:
                return list(rows(server, floor, token, people))


def rows(server: Server, floor: Server, token: str, people: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    reads = [request("GET", f"/fhir/Patient/{person['id']}", token) for person in people[:500]]
    creates = [request("POST", "/fhir/Patient", token, body(person, identifier=[])) for person in people[:50]]
    searches = [
        request("GET", f"/fhir/Patient?identifier={RESIDENT_ID}%7C{person['identifier'][0]['value']}", token)
        for person in people[:500]
    ]
    base_read, base_create = driven(floor, reads), driven(floor, creates)
    yield from reported("FHIR read by id", driven(server, reads), base_read)
    yield from reported("FHIR search by identifier", driven(server, searches), base_read)
    yield from reported("FHIR create", driven(server, creates), base_create)
    yield from reported("admission applied ($process-message)", admissions(server, token, people), base_create)


def driven(server: Server, requests: list[bytes]) -> dict[str, float]:
    load.drive(server.port, requests, CONNECTIONS, 1.0)
    before = load.cpu_seconds(server.pid)
    measured = load.drive(server.port, requests, CONNECTIONS, SECONDS)
    spent = load.cpu_seconds(server.pid) - before
    return {**measured, "cpu": spent / measured["count"] * 1e6}


def admissions(server: Server, token: str, people: list[dict[str, Any]]) -> dict[str, float]:
    """Every message a new visit of a contracted resident, with all that follows from it."""
    hospital, at = Hospital.__new__(Hospital), datetime.now(SITE_ZONE)
    requests = []
    for number in range(MESSAGES):
        person, visit = people[number % len(people)], uuid.uuid4().hex
        stay = hospital.stay(f"ZY{visit}", at)
        event = hospital.event("encounter-admitted", f"HIS/QJZX/{visit}", person, stay, at)
        requests.append(request("POST", "/fhir/$process-message", token, json.dumps(event, ensure_ascii=False)))
    before = load.cpu_seconds(server.pid)
    measured = load.drive(server.port, requests, 8, 3.0)
    assert measured["count"] <= MESSAGES, "messages were sent twice"
    return {**measured, "cpu": (load.cpu_seconds(server.pid) - before) / measured["count"] * 1e6}


def reported(name: str, measured: dict[str, float], floor: dict[str, float]) -> Iterator[dict[str, Any]]:
    yield {"name": name, "value": round(measured["cpu"]), "unit": "CPU µs", "floor": round(floor["cpu"])} | {
        "ratio": measured["cpu"] / floor["cpu"]
    }
    yield {"name": f"{name}, rate", "value": round(measured["rate"]), "unit": "1/s", "floor": round(floor["rate"])} | {
        "ratio": measured["rate"] / floor["rate"]
    }
    yield {
        "name": f"{name}, p99",
        "value": round(measured["p99"], 1),
        "unit": "ms",
        "floor": round(floor["p99"], 1),
    } | {"ratio": measured["p99"] / floor["p99"]}


def populate(port: int, token: str) -> Iterator[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/fhir", headers=headers, timeout=60) as client:
        client.post("", json=put(*staff())).raise_for_status()
        for start in range(0, PEOPLE, 100):
            batch = [detailed(number) for number in range(start, start + 100)]
            contracts = [contract(f"contract-{person['id']}", person["id"]) for person in batch]
            answer = client.post("", json=put(*batch, *contracts, *map(agreement, contracts)))
            answer.raise_for_status()
            yield from batch


def detailed(number: int) -> dict[str, Any]:
    """A resident of ordinary size, about 1.5 KB."""
    return {
        **resident(f"person-{number}", number % 1000, born(number, "-")),
        "telecom": [{"system": "phone", "value": f"139{number:08d}", "use": "mobile"}],
        "address": [{"use": "home", "text": f"示例省示例市示例区示例路{number}号", "district": "500114"}],
        "maritalStatus": {"coding": [{"system": f"{_V3}/v3-MaritalStatus", "code": "M"}]},
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "zh-CN"}]}}],
        "contact": [{"name": {"text": f"示例{number}"}, "telecom": [{"system": "phone", "value": "000-0000"}]}] * 3,
        "managingOrganization": {"reference": "Organization/centre"},
    }


def born(number: int, separator: str = "") -> str:
    return separator.join((str(1950 + number // 1000), "06", "15"))


def body(person: dict[str, Any], **changes: Any) -> str:
    changed = {**person, **changes}
    return json.dumps({name: value for name, value in changed.items() if value != []}, ensure_ascii=False)


def request(method: str, path: str, token: str, content: str = "") -> bytes:
    raw = content.encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


@contextmanager
def running(command: list[str], folder: str, url: str, **more: str) -> Iterator[Server]:
    """A program of ours as a process; it names its port in its ready line."""
    environment = {"FDGW_DATA_DIR": folder, "FDGW_DATABASE_URL": url, "PATH": "/usr/bin:/bin", **more}
    with subprocess.Popen(
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        ready = next(line for line in process.stdout if " ready at " in line)
        try:
            yield Server(int(ready.rpartition(":")[2].partition("/")[0]), process.pid)
        finally:
            process.terminate()

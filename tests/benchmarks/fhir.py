"""Reads, searches, writes, transactions, and an admission applied, against the floors of the same run.

The value of a row is the processor time of the server process for one request; the ratio is to the floor's.
"""

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg

from gateway.clock import SITE_ZONE
from gateway.server import database
from gateway.settings import Settings
from gateway.storage.hashes import target
from profiles.canonical import RESIDENT_ID
from tests.benchmarks import load
from tests.benchmarks.residents import ENTRIES, PRESSURE, body, client, populate, transaction
from tests.gateway.district import Hospital

SECONDS = 4.0
CONNECTIONS = 32
MESSAGES = 4000
FEWER = 4
"""Clients that send transactions."""
ROW_BYTES, PAGE_BYTES = 1500, 50_000


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
                return list(rows(server, floor, url, token, people))


def rows(server: Server, floor: Server, url: str, token: str, people: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    asked = {name: [request("GET", path, token) for path in paths] for name, paths in searches(people).items()}
    bases = {name: bare(server, url, token, paths) for name, paths in searches(people).items()}
    reads = [request("GET", f"/fhir/Patient/{person['id']}", token) for person in people[:500]]
    creates = [request("POST", "/fhir/Patient", token, body(person, identifier=[])) for person in people[:50]]
    updates = [
        request("PUT", f"/fhir/Patient/{person['id']}", token, body(person, birthDate=f"19{decade}0-01-01"))
        for decade in range(5, 9)
        for person in people[500:1000]
    ]
    bundles = [request("POST", "/fhir", token, transaction(people, start)) for start in range(0, 500, 10)]
    echoes = {size: echo(floor, size, token) for size in (ROW_BYTES, PAGE_BYTES)}
    yield from compared("FHIR read by id", driven(server, reads), driven(floor, reads), echoes[ROW_BYTES])
    for name, requests in asked.items():
        yield from compared(
            f"FHIR search {name}", driven(server, requests), driven(floor, bases[name]), echoes[ROW_BYTES]
        )
    base_create = driven(floor, creates)
    yield from compared("FHIR create", driven(server, creates), base_create, echoes[ROW_BYTES])
    yield from compared("FHIR update", driven(server, updates), driven(floor, updates), echoes[ROW_BYTES])
    base_bundle = driven(floor, bundles, FEWER)
    yield from compared(f"transaction of {ENTRIES}", driven(server, bundles, FEWER), base_bundle, echoes[PAGE_BYTES])
    yield from reported("admission applied ($process-message)", admissions(server, token, people), base_create)


def searches(people: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Addresses of one kind of search each."""
    asked = people[:500]
    code, since = f"http://loinc.org%7C{PRESSURE}", "2026-03-01"
    return {
        "by identifier": [f"/fhir/Patient?identifier={RESIDENT_ID}%7C{one['identifier'][0]['value']}" for one in asked],
        "by patient, code and date": [
            f"/fhir/Observation?patient=Patient/{one['id']}&code={code}&date=ge{since}&_sort=-date" for one in asked
        ],
        "by name": [f"/fhir/Patient?name={quote(one['name'][0]['text'])}" for one in asked],
    }


def bare(server: Server, url: str, token: str, paths: Iterable[str]) -> list[bytes]:
    """What the floor is asked in place of searches: the rows that they answer."""
    with client(server.port, token) as http, psycopg.connect(url) as connection:
        found = [row_ids(connection, http.get(path).raise_for_status().json()) for path in paths]
    return [request("GET", f"/fhir/rows?{','.join(map(str, rids))}", token) for rids in found]


def row_ids(connection: psycopg.Connection[Any], answer: dict[str, Any]) -> list[int]:
    """The primary keys of what is answered."""
    is_bundle = answer["resourceType"] == "Bundle"
    found = [entry["resource"] for entry in answer.get("entry", ())] if is_bundle else [answer]
    refs = [target(f"{one['resourceType']}/{one['id']}") for one in found]
    rows = connection.execute("SELECT rid FROM resource WHERE tenant = 1 AND ref = ANY(%s)", [refs])
    return [rid for (rid,) in rows]


def echo(floor: Server, size: int, token: str) -> dict[str, float]:
    """A bare ASGI application that answers so many bytes."""
    return driven(floor, [request("GET", f"/fhir/echo?{size}", token)])


def driven(server: Server, requests: list[bytes], connections: int = CONNECTIONS) -> dict[str, float]:
    load.drive(server.port, requests, connections, 1.0)
    before = load.cpu_seconds(server.pid)
    measured = load.drive(server.port, requests, connections, SECONDS)
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


def compared(
    name: str, measured: dict[str, float], floor: dict[str, float], echoed: dict[str, float]
) -> Iterator[dict[str, Any]]:
    """To the bare statements of the same rows, and to a bare ASGI application that answers as much."""
    yield from reported(name, measured, floor)
    yield row(f"{name}, to a bare echo", "cpu", measured, echoed)


def reported(name: str, measured: dict[str, float], floor: dict[str, float]) -> Iterator[dict[str, Any]]:
    yield row(name, "cpu", measured, floor)
    yield row(f"{name}, rate", "rate", measured, floor)
    for percentile in ("p50", "p95", "p99"):
        yield row(f"{name}, {percentile}", percentile, measured, floor)


def row(name: str, what: str, measured: dict[str, float], floor: dict[str, float]) -> dict[str, Any]:
    unit, digits = {"cpu": ("CPU µs", None), "rate": ("1/s", None)}.get(what, ("ms", 1))
    value, base = round(measured[what], digits), round(floor[what], digits)
    return {"name": name, "value": value, "unit": unit, "floor": base, "ratio": measured[what] / floor[what]}


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

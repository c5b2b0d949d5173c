"""An admission from the hospital's socket to the team's worklist: MLLP, inbox, lanes, gateway, PostgreSQL.

The floor is the same admissions handed to $process-message directly, in the same run.
"""

import json
import socket
import statistics
import tempfile
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from gateway.clock import SITE_ZONE
from gateway.server import database
from gateway.settings import Settings
from profiles.canonical import naming_system
from tests.benchmarks import fhir, residents

STREAM = 1500
SINGLE = 60


def measure() -> list[dict[str, Any]]:
    """Rows of `{name, value, unit, floor, ratio}`."""
    with tempfile.TemporaryDirectory(prefix="fdgw-bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        with (
            database(settings) as url,
            fhir.running(["-m", "gateway.cli", "serve", "--port", "0"], folder, url) as server,
        ):
            tokens = json.loads((Path(folder) / "tokens.json").read_text())
            token = tokens["developer"]["token"]
            people = list(residents.populate(server.port, token))
            direct = fhir.admissions(server, token, people)
            address = f"http://127.0.0.1:{server.port}/fhir"
            command = ["-m", "adapters", "hl7v2", "--port", "0", "--status-port", "0", "--gateway", address]
            with fhir.running(command, folder, url) as feed, client(address, token) as http:
                one_by_one = [applied_after(feed.port, http, person) for person in people[:SINGLE]]
                rate = streamed(feed.port, http, people)
    cuts = statistics.quantiles(one_by_one, n=100)
    return [
        row("admission, ACK to worklist, p50", cuts[49], "ms", direct["p50"]),
        row("admission, ACK to worklist, p99", cuts[98], "ms", direct["p99"]),
        row(f"{STREAM} admissions over MLLP until applied", rate, "1/s", direct["rate"]),
    ]


def row(name: str, value: float, unit: str, floor: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 1), "unit": unit, "floor": round(floor, 1), "ratio": value / floor}


def client(address: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def applied_after(port: int, http: httpx.Client, person: dict[str, Any]) -> float:
    """Milliseconds from the ACK of one admission until what it caused can be read."""
    control_id, message = admission(person)
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(message)
        answered(line, 1)
    acknowledged = time.perf_counter()
    query = f"/Provenance?entity:identifier={naming_system('message-id')}|HIS/QJZX/{control_id}"
    while "entry" not in http.get(query).json():
        pass
    return (time.perf_counter() - acknowledged) * 1000


def streamed(port: int, http: httpx.Client, people: list[dict[str, Any]]) -> float:
    """Admissions a second, from the first byte sent until the last Encounter is there."""
    wanted = total(http) + STREAM
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as line:
        for number in range(STREAM):
            line.sendall(admission(people[SINGLE + number % (len(people) - SINGLE)])[1])
            if number % 50 == 49:
                answered(line, 50)
    while total(http) < wanted:
        time.sleep(0.05)
    return STREAM / (time.perf_counter() - began)


def total(http: httpx.Client) -> int:
    return int(http.get("/Encounter?_total=accurate&_count=0").json()["total"])


def answered(line: socket.socket, count: int) -> None:
    received = b""
    while received.count(b"\x1c\r") < count:
        received += line.recv(65536)
    assert received.count(b"|AA|") == count, received.decode(errors="replace")


def admission(person: dict[str, Any]) -> tuple[str, bytes]:
    now = datetime.now(SITE_ZONE)
    stamp, control_id, visit = f"{now:%Y%m%d%H%M%S}", uuid.uuid4().hex[:20], uuid.uuid4().hex[:12]
    born = person["birthDate"].replace("-", "")
    text = (
        f"MSH|^~\\&|HIS|QJZX|FDGW|REGION|{stamp}||ADT^A01^ADT_A01|{control_id}|P|2.5.1|||||CHN|UNICODE UTF-8\r"
        f"EVN|A01|{stamp}\r"
        f"PID|1||{person['id']}^^^QJZX^MR~{person['identifier'][0]['value']}^^^^NI||{person['name'][0]['text']}||{born}|F\r"
        f"PV1|1|I|W12^301^02^QJZX|||||||||||||||{'|' * 1}{visit}|{'|' * 24}{stamp}\r"
    )
    return control_id, b"\x0b" + text.encode() + b"\x1c\r"

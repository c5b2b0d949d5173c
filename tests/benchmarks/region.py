"""Searches of a whole region, small and large: what a search costs does not depend on how many people there are.

`./run bench region 1000 16000 64000` loads as many patients, about thirty resources each, and asks the same of the
same people. Times are in ms, of one client and of eight; the floor is the same rows by primary key, bare.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
from rich.table import Table

from gateway.server import database
from gateway.settings import Settings
from gateway.storage import embedded, migrations
from tests.benchmarks import fhir, load, loading, residents
from tests.benchmarks.fhir import Server
from tests.benchmarks.questions import questions

SIZES = (1000, 16_000)
MOST_RATIO = 1.5
"""Of the times of the largest region to those of the smallest."""
CLIENTS = 8
_WARM, _SECONDS = 0.3, 1.0
_IN_HASTE = {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "16GB",
    "autovacuum": "off",
}
"""While a region is loaded; it is measured as the gateway runs PostgreSQL."""


class Cost(NamedTuple):
    """Of one question: rows of an answer, ms of one client and of several, processor time of one, ms of the floor."""

    rows: float
    one: Mapping[str, float]
    several: Mapping[str, float]
    server: float
    database: float
    floor: Mapping[str, float]


def tables(sizes: Sequence[int]) -> Iterator[Table]:
    """Everything that was measured of each region, then how the times of the largest are to those of the smallest."""
    today = date.today()  # noqa: DTZ011 - the generator's day; the zone does not matter
    measured: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="fdgw-region-") as folder:
        for size in sizes or SIZES:
            data = Path(folder) / str(size)
            count = loaded(data, size, today)
            measured[size] = costs(data, today)
            yield _whole(f"region of {size:,} patients, {count:,} resources", measured[size])
    if len(measured) > 1:
        yield _growth(measured)


def loaded(folder: Path, patients: int, today: date) -> int:
    """Makes a region in a cluster of its own; how many resources it has."""
    with embedded.running(folder, settings=_IN_HASTE) as cluster:
        migrations.upgrade(cluster.url())
        return loading.load(cluster.url(), patients, today)


def costs(folder: Path, today: date) -> dict[str, Cost]:
    """What every question costs, asked of a server on the region in that folder."""
    settings = Settings(data_dir=folder)
    serve = ["-m", "gateway.cli", "serve", "--port", "0"]
    with database(settings) as url, fhir.running(serve, str(folder), url) as server:
        token = json.loads((folder / "tokens.json").read_text())["developer"]["token"]
        asked = questions(today)
        with (
            fhir.running(["-m", "tests.benchmarks.floor"], str(folder), url) as floor,
            psycopg.connect(url) as connection,
            residents.client(server.port, token) as client,
        ):
            postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
            measuring = _Measuring(server, floor, postmaster, token, client, connection)
            return {name: measuring.cost(paths) for name, paths in asked.items()}


class _Measuring(NamedTuple):
    server: Server
    floor: Server
    postmaster: int
    token: str
    client: httpx.Client
    connection: psycopg.Connection[Any]

    def cost(self, paths: Sequence[str]) -> Cost:
        paths = [self._followed(path) for path in paths]
        rows = [self._rows(path) for path in paths]
        requests = [self._request(path) for path in paths]
        base = [self._request(f"/fhir/rows?{','.join(map(str, found))}") for found in rows]
        load.drive(self.server.port, requests, 1, _WARM)
        before = load.cpu_seconds(self.server.pid), self._database_seconds()
        one = load.drive(self.server.port, requests, 1, _SECONDS)
        after = load.cpu_seconds(self.server.pid), self._database_seconds()
        spent = [(end - start) / one["count"] * 1e6 for start, end in zip(before, after, strict=True)]
        several = load.drive(self.server.port, requests, CLIENTS, _SECONDS)
        load.drive(self.floor.port, base, 1, _WARM)
        floor = load.drive(self.floor.port, base, 1, _SECONDS)
        return Cost(sum(map(len, rows)) / len(rows), one, several, *spent, floor)

    def _request(self, path: str) -> bytes:
        return fhir.request("GET", path, self.token)

    def _followed(self, path: str) -> str:
        """`…#9`: what the link to the next page says, nine times over."""
        path, _, pages = path.partition("#")
        for _ in range(int(pages or 0)):
            links = self.client.get(path).raise_for_status().json()["link"]
            path = httpx.URL(next(link["url"] for link in links if link["relation"] == "next")).raw_path.decode()
        return path

    def _rows(self, path: str) -> list[int]:
        return fhir.row_ids(self.connection, self.client.get(path).raise_for_status().json())

    def _database_seconds(self) -> float:
        """Of all the processes of PostgreSQL."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        return sum(load.cpu_seconds(int(pid)) for pid in children)


def _whole(title: str, measured: Mapping[str, Cost]) -> Table:
    several = f"{CLIENTS} clients"
    table = Table("what", "rows", "p50", "p95", "p99", f"p50, {several}", "p95", "p99", title=title)
    for column in ("server CPU µs", "database CPU µs", "floor p50", "ratio"):
        table.add_column(column)
    for name, cost in measured.items():
        times = (f"{of[cut]:.2f}" for of in (cost.one, cost.several) for cut in ("p50", "p95", "p99"))
        ratio = cost.one["p50"] / cost.floor["p50"]
        processor = (f"{cost.server:,.0f}", f"{cost.database:,.0f}", f"{cost.floor['p50']:.2f}", f"{ratio:.1f}")
        table.add_row(name, f"{cost.rows:.1f}", *times, *processor)
    return table


def _growth(measured: Mapping[int, Mapping[str, Cost]]) -> Table:
    smallest, largest = min(measured), max(measured)
    title = f"p50 of one client, ms; {largest:,} patients to be within {MOST_RATIO} × {smallest:,}"
    table = Table("what", *(f"{size:,}" for size in measured), "ratio", "8 clients", "floor", "rows", "", title=title)
    for name in measured[smallest]:
        small, large = measured[smallest][name], measured[largest][name]
        ratio, several, floor = (
            getattr(large, kind)["p50"] / getattr(small, kind)["p50"] for kind in ("one", "several", "floor")
        )
        times = (f"{costs[name].one['p50']:.2f}" for costs in measured.values())
        flag = "" if ratio < MOST_RATIO else "grows"
        ratios = (f"{ratio:.2f}", f"{several:.2f}", f"{floor:.2f}", f"{large.rows / max(small.rows, 1):.1f}")
        table.add_row(name, *times, *ratios, flag)
    return table

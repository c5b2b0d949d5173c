"""Programs killed in the middle of a stream: nothing acknowledged is lost, nothing is applied twice.

FDGW_CRASH_ROUNDS says how often something is killed; the first six times are those of CRASHES, in any order.
"""

import asyncio
import os
import random
import signal
import socket
from base64 import b64decode
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import loading
from conformance.story.mllp import acknowledgement
from conformance.synthetic import messages
from conformance.synthetic.contracts import Contract
from conformance.synthetic.institutions import HOSPITAL_CODE
from conformance.synthetic.messages import Charset, Stay
from profiles import http
from profiles.canonical import VISIT_NO, naming_system
from profiles.policy import ZONE
from tests.processes import Site, print_tails, programs, until

Resource = dict[str, Any]

ROUNDS = int(os.environ.get("FDGW_CRASH_ROUNDS", "6"))
SEED = 20261122
BATCH, CONNECTIONS, WINDOW = 100, 4, 8
"""Messages of a round, connections that share them, messages that a connection sends before it reads."""
EACH = {"Communication": 2, "Composition": 1, "Task": 2}
"""What comes of the admission of a contracted resident."""
GIVEN_UP = 0.25
"""The share of messages whose answer a crash swallowed that are never sent again."""


@dataclass(frozen=True, slots=True)
class Admission:
    control_id: str
    visit_no: str
    charset: Charset
    content: bytes

    @property
    def message_id(self) -> str:
        return f"{messages.SENDER}/{HOSPITAL_CODE}/{self.control_id}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a hospital was answered, by control id, and what it no longer asks for."""

    answers: dict[str, bytes] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)


def kill_adapter(site: Site) -> None:
    site.adapter.kill()
    site.start_adapter()


def kill_gateway(site: Site) -> None:
    site.gateway.kill()
    site.start_gateway()


def kill_both(site: Site) -> None:
    site.gateway.kill()
    site.adapter.kill()
    site.start_adapter()
    site.start_gateway()


def kill_database(site: Site) -> None:
    """The gateway lives on, and starts its database again."""
    os.kill(site.postmaster(), signal.SIGKILL)
    until(site.refused, "the gateway says that its database is away")
    until(site.ready, "the gateway is ready again")


def kill_all(site: Site) -> None:
    os.kill(site.postmaster(), signal.SIGKILL)
    kill_both(site)


CRASHES: Sequence[tuple[Callable[[Site], None], str]] = (
    (kill_adapter, "answered"),
    (kill_adapter, "applied"),
    (kill_both, "answered"),
    (kill_gateway, "applied"),
    (kill_database, "applied"),
    (kill_all, "applied"),
)
"""What is killed, and in what stream: while messages are being answered, or while they are being applied."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with programs(tmp_path) as (data_dir, logs):
        try:
            yield Site(data_dir, logs)
        finally:
            print_tails(logs)


def test_whatever_is_killed_nothing_acknowledged_is_lost_and_nothing_is_applied_twice(site: Site) -> None:
    rng = random.Random(SEED)
    admissions = list(admissions_of(contracts(site), rng))
    crashes = [*rng.sample(CRASHES, len(CRASHES)), *rng.choices(CRASHES, k=ROUNDS)][:ROUNDS]
    heard = Heard()
    for number, (crash, moment) in enumerate(crashes):
        batch = admissions[number * BATCH : (number + 1) * BATCH]
        stream(site, batch, heard, rng, crash, moment)
    answered = [one for one in admissions if one.control_id in heard.answers]
    assert len(answered) + len(heard.given_up) == len(admissions)
    drain(site)
    assert_each_applied_once(site, admissions, {one.visit_no for one in answered})
    with site.client() as client:
        before = [total(client, each) for each in ("Encounter", *EACH, "Provenance", "Binary")]
        deliver(site.mllp, answered, again := Heard(), rng)
        assert again.answers == heard.answers
        drain(site)
        assert [total(client, each) for each in ("Encounter", *EACH, "Provenance", "Binary")] == before
    assert (site.adapter.stop(), site.gateway.stop()) == (0, 143)


def contracts(site: Site) -> Sequence[Contract]:
    """Those of the reference data, which are loaded."""

    async def load() -> Sequence[Contract]:
        with site.client() as known:
            token = known.headers["Authorization"].removeprefix("Bearer ")
        async with http.client(site.base, token) as client:
            people = await loading.reference_data(client, datetime.now(ZONE).date(), lambda _: None)
        return people.contracts

    return asyncio.run(load())


def admissions_of(people: Sequence[Contract], rng: random.Random) -> Iterator[Admission]:
    now = datetime.now(ZONE).replace(microsecond=0)
    for number in range(ROUNDS * BATCH):
        at = now - timedelta(seconds=rng.randrange(5 * 3600))
        stay = Stay(rng.choice(people).resident, f"ZY{number:06}", at, ("内科", "301", "12"))
        control_id, charset = f"M{number:06}", rng.choice(("utf-8", "gb18030"))
        content = messages.adt("A01", stay, control_id, at, charset)
        yield Admission(control_id, stay.visit_no, charset, content)


def stream(
    site: Site,
    admissions: Sequence[Admission],
    heard: Heard,
    rng: random.Random,
    crash: Callable[[Site], None],
    of: str,
) -> None:
    """Sends all over several connections, and crashes when so many more of them are answered, or applied."""
    shares = [admissions[number::CONNECTIONS] for number in range(CONNECTIONS)]
    with site.client() as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        count = partial(total, client, "Encounter") if of == "applied" else heard.answers.__len__
        moment = count() + rng.randrange(1, BATCH // 2)
        sending = [pool.submit(deliver, site.mllp, share, heard, random.Random(rng.random())) for share in shares]
        until(lambda: count() >= moment, f"so many are {of}")
        crash(site)
        for share in sending:
            share.result()


def deliver(mllp: tuple[str, int], admissions: Sequence[Admission], heard: Heard, rng: random.Random) -> None:
    """Over one connection at a time, again and again in the same bytes, until every message is answered or given up."""
    waiting = deque(admissions)

    def done() -> bool:
        with suppress(OSError, EOFError), socket.create_connection(mllp, timeout=30) as line:
            answers = frames(line)
            while waiting:
                exchange(line, answers, waiting, heard, rng)
        return not waiting

    until(done, "every message is answered")


def exchange(
    line: socket.socket, answers: Iterator[bytes], waiting: deque[Admission], heard: Heard, rng: random.Random
) -> None:
    """Sends the first few that wait, and lets go of each that is answered, in their order."""
    unanswered = deque(islice(waiting, WINDOW))
    try:
        line.sendall(b"".join(b"\x0b%b\x1c\r" % one.content for one in unanswered))
        while unanswered:
            answer = acknowledgement(next(answers), unanswered[0].charset)
            assert (answer.code, answer.control_id) == ("AA", unanswered[0].control_id)
            assert unanswered.popleft() is waiting.popleft()
            heard.answers[answer.control_id] = answer.raw
    except (OSError, EOFError):
        for one in unanswered:
            if rng.random() < GIVEN_UP:
                waiting.remove(one)
                heard.given_up.add(one.control_id)
        raise


def frames(line: socket.socket) -> Iterator[bytes]:
    """What the other side frames; `EOFError` where it closes."""
    held = b""
    while True:
        whole, *rest = held.split(b"\x1c\r", 1)
        if rest:
            held = rest[0]
            yield whole.removeprefix(b"\x0b")
        elif more := line.recv(65536):
            held += more
        else:
            raise EOFError


def drain(site: Site) -> None:
    until(lambda: site.queued() == 0, "the adapter has told the gateway everything")


def assert_each_applied_once(site: Site, sent: Sequence[Admission], acknowledged: set[str]) -> None:
    """By what the server shows: every stay once, with what belongs to it, traced to the bytes that told of it."""
    with site.client() as client:
        stays = everything(client, f"Encounter?identifier={VISIT_NO}|")
        visits = Counter(stay["identifier"][0]["value"] for stay in stays)
        assert sorted(acknowledged - visits.keys()) == [], "acknowledged and lost"
        assert [visit for visit, times in visits.items() if times > 1] == [], "applied twice"
        assert [one["id"] for one in stays if "episodeOfCare" not in one or one["meta"]["versionId"] != "1"] == []
        made = consequences(client)
        assert made.keys() == {reference(stay) for stay in stays}
        assert {stay: found for stay, found in made.items() if Counter(map(kind, found)) != EACH} == {}
        traces = traced(client)
        told = {one.visit_no: one for one in sent}
        assert sorted(traces) == sorted(told[visit].message_id for visit in visits)
        assert [message for message, times in traces.items() if len(times) > 1] == [], "applied twice"
        for stay in stays:
            admission = told[stay["identifier"][0]["value"]]
            ((source, targets),) = traces[admission.message_id]
            assert sorted(targets) == sorted([reference(stay), *made[reference(stay)]])
            assert b64decode(client.get(f"/{source}").json()["data"]) == admission.content


def consequences(client: httpx.Client) -> dict[str, list[str]]:
    """What there is because of each stay, by the stay's reference."""
    made = defaultdict(list)
    for one in everything(client, "Communication"):
        made[next(about["reference"] for about in one["about"] if kind(about["reference"]) == "Encounter")].append(one)
    for one in everything(client, "Composition"):
        made[one["encounter"]["reference"]].append(one)
    for one in everything(client, "Task"):
        made[one["focus"]["reference"]].append(one)
    return {stay: [reference(one) for one in found] for stay, found in made.items()}


def traced(client: httpx.Client) -> dict[str, list[tuple[str, list[str]]]]:
    """Each Provenance of each message: where its bytes are, and what it wrote."""
    found = defaultdict(list)
    for one in everything(client, f"Provenance?entity:identifier={naming_system('message-id')}|"):
        source = one["entity"][0]["what"]
        targets = [target["reference"] for target in one["target"]]
        found[source["identifier"]["value"]].append((source["reference"], targets))
    return found


def everything(client: httpx.Client, query: str) -> list[Resource]:
    """All that matches, page by page, and as many as the server counts."""
    found, url = [], f"/{query}{'&' if '?' in query else '?'}_count=200&_total=accurate"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [entry["resource"] for entry in page.get("entry", [])]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert len({reference(one) for one in found}) == len(found) == page["total"]
    return found


def total(client: httpx.Client, resource_type: str) -> int:
    return int(client.get(f"/{resource_type}?_count=0&_total=accurate").json()["total"])


def reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def kind(to: str) -> str:
    return to.partition("/")[0]

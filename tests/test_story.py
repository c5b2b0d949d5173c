"""The story on real processes, as a stranger plays it, and what a client of the API finds of it afterwards."""

import json
import subprocess
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from profiles.canonical import VISIT_NO, code_system, naming_system
from tests.processes import FDGW, Program, environment, fhir_client, print_tails, programs, using

Resource = dict[str, Any]

ANYWHERE = ("--port", "0", "--mllp-port", "0")
RUNS = 2
ADMITTED_TO_CONTRACTED, ADMITTED_TO_OTHERS, HELD = 4, 2, 2
"""Of one run: four admissions of contracted residents, two of others, two messages for a person to look into."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the demonstration printed."""

    exit: int
    rows: list[Resource]
    progress: str


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    with programs(tmp_path_factory.mktemp("story")) as made:
        yield made


@pytest.fixture
def place(folders: tuple[Path, Path]) -> Iterator[tuple[Path, Path]]:
    """Where the data are and the logs go."""
    yield folders
    print_tails(folders[1])


@pytest.fixture(scope="module")
def played(folders: tuple[Path, Path]) -> list[Told]:
    """The story once on nothing, then again on what that left."""
    data_dir, _ = folders
    return [demonstration(data_dir) for _ in range(RUNS)]


@pytest.fixture
def api(place: tuple[Path, Path], played: list[Told]) -> Iterator[httpx.Client]:
    """A gateway started on what the story left."""
    assert len(played) == RUNS
    data_dir, logs = place
    gateway = Program(logs, data_dir, "serve", "--port", "0")
    with fhir_client(gateway.ready(), data_dir) as client:
        yield client
    assert gateway.stop() == 143


def demonstration(data_dir: Path) -> Told:
    command = [FDGW, "demo", "--once", "--json", *ANYWHERE, "--data-dir", str(data_dir)]
    ran = subprocess.run(command, env=environment(data_dir), capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout, f"exit {ran.returncode}\n{ran.stderr[-4000:]}"
    return Told(ran.returncode, json.loads(ran.stdout)["rows"], ran.stderr)


def test_the_story_is_as_it_should_be_on_nothing_and_again_on_the_data_it_left(
    place: tuple[Path, Path], played: list[Told]
) -> None:
    for told in played:
        missed = [(row["note"], check) for row in told.rows for check in row["checks"] if not row["met"]]
        assert missed == []
        assert told.exit == 0, told.progress
        assert Counter(row["ack"].split()[0] for row in told.rows) == {"AA": 12, "AE": 1}
        assert {row["event"] for row in told.rows} == {"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A11"}
    assert not using(place[0])


@pytest.mark.req("JS-2.2.2(1)a")
@pytest.mark.req("JS-2.2.2(1)b")
@pytest.mark.req("JS-2.3.2(1)a")
@pytest.mark.req("JS-2.3.2(2)")
def test_every_message_had_its_effect_once_and_its_duplicate_none(api: httpx.Client) -> None:
    timers = Counter(task["code"]["coding"][0]["code"] for task in found(api, f"Task?code={code_system('timer')}|"))
    assert timers == {
        "admission-push": ADMITTED_TO_CONTRACTED * RUNS,
        "inpatient-contact": ADMITTED_TO_CONTRACTED * RUNS,
        "post-discharge-contact": 2 * RUNS,
        "post-discharge-home-visit": 1 * RUNS,
    }
    stays = found(api, f"Encounter?identifier={VISIT_NO}|")
    linked = [stay for stay in stays if "episodeOfCare" in stay]
    assert (len(stays), len(linked)) == (
        (ADMITTED_TO_CONTRACTED + ADMITTED_TO_OTHERS) * RUNS,
        ADMITTED_TO_CONTRACTED * RUNS,
    )
    assert Counter(stay["status"] for stay in linked) == {
        "finished": 2 * RUNS,
        "in-progress": 1 * RUNS,
        "cancelled": 1 * RUNS,
    }
    assert len(found(api, "Communication")) == 2 * ADMITTED_TO_CONTRACTED * RUNS
    assert len(found(api, "Composition")) == ADMITTED_TO_CONTRACTED * RUNS
    assert len(found(api, f"Task?code={code_system('anomaly-kind')}|&status=on-hold")) == HELD * RUNS


def test_a_cancelled_admission_is_taken_back_with_all_that_came_of_it(api: httpx.Client) -> None:
    (stay, *_) = found(api, f"Encounter?identifier={VISIT_NO}|&status=cancelled")
    about = f"Encounter/{stay['id']}"
    assert [one["status"] for one in found(api, f"Communication?about={about}")] == ["not-done"] * 2
    assert [one["status"] for one in found(api, f"Composition?encounter={about}")] == ["entered-in-error"]
    assert [one["status"] for one in found(api, f"Task?focus={about}")] == ["cancelled"] * 2


def test_a_stay_leads_back_to_the_bytes_that_told_of_it_and_they_agree(api: httpx.Client, played: list[Told]) -> None:
    for told in played:
        row = next(row for row in told.rows if row["charset"].startswith("GB"))
        (provenance,) = found(api, f"Provenance?entity:identifier={naming_system('message-id')}|{message_id(row)}")
        binary = api.get(provenance["entity"][0]["what"]["reference"]).json()
        message = b64decode(binary["data"])
        assert b"\x8f\x7c" in message  # 弢, whose second byte is the field separator
        segments = {line[:3]: line.split("|") for line in message.decode("gb18030").split("\r")}
        (stay,) = found(api, f"Encounter?identifier={VISIT_NO}|{segments['PV1'][19]}")
        person = api.get(stay["subject"]["reference"]).json()
        admitted = datetime.strptime(segments["PV1"][44] + "+0800", "%Y%m%d%H%M%S%z")
        (push,) = found(api, f"Task?focus=Encounter/{stay['id']}&code={code_system('timer')}|admission-push")
        assert person["name"][0]["text"] == "示例弢"
        assert datetime.fromisoformat(stay["period"]["start"]) == admitted
        assert datetime.fromisoformat(push["restriction"]["period"]["end"]) == admitted + timedelta(hours=24)
        assert f"Encounter/{stay['id']}" in [target["reference"] for target in provenance["target"]]


@pytest.mark.parametrize("end", [Program.interrupt, Program.stop])
def test_told_to_end_the_demonstration_leaves_nothing_running(
    place: tuple[Path, Path], end: Callable[[Program], int]
) -> None:
    data_dir, logs = place
    demo = Program(logs, data_dir, "demo", *ANYWHERE)
    demo.says("Ctrl-C")
    commands = " ".join(using(data_dir).values())
    assert all(word in commands for word in ("fdgw demo", "fdgw serve", "fdgw hl7v2", "postgres"))
    assert end(demo) == 0
    assert not using(data_dir)


def message_id(row: Resource) -> str:
    """What the event of a row is identified by: sender, facility, and the control id of its acknowledgement."""
    answered = next(check["found"] for check in row["checks"] if check["name"].endswith("answer"))
    return f"HIS/QJZX/{answered.split()[1]}"


def found(api: httpx.Client, query: str) -> list[Resource]:
    """All that matches, by the server's own count too."""
    answer = api.get(f"/{query}{'&' if '?' in query else '?'}_count=200&_total=accurate")
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    matches = [entry["resource"] for entry in bundle.get("entry", [])]
    assert len(matches) == bundle["total"]
    return matches

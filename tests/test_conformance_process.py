"""The conformance runner as a stranger uses it: a gateway, a feed and the runner, each a process of its own."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import conformance
from conformance import suites
from profiles import validator
from profiles.json import loads
from tests.conformance import broken_feed
from tests.conformance.broken_server import Call, Forward, Reply, spoiling
from tests.conformance.faults import FAULTS
from tests.conformance.left_out import needless, unexplained, verdicts
from tests.processes import FDGW, Program, environment, fhir_client, print_tails, programs, until

SCRIPTS = sorted(Path(conformance.__file__).with_name("testscripts").glob("*.json"))
SAMPLE = (
    *("rest-if-match", "rest-read", "search-pages", "search-strict", "errors-unknown-id", "race-if-match"),
    *("profiles-examples-*", "refused-fd-contract-no-*", "operations-unknown", "v2-no-pid", "smart-configuration"),
)
"""Checks of every suite."""


@dataclass(frozen=True)
class Site:
    """A gateway and its feed; `token` is a file."""

    base: str
    mllp: str
    token: Path
    data_dir: Path
    logs: Path

    def conformance(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [FDGW, "conformance", *arguments]
        variables = environment(self.data_dir)
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=180, check=False)

    def run(self, *arguments: str, base: str = "", mllp: str = "") -> subprocess.CompletedProcess[str]:
        where = ["--target", base or self.base, "--input", f"mllp={mllp or self.mllp}", "--token-file", str(self.token)]
        return self.conformance("run", *arguments, *where, "--preset", "fdgw")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with programs(tmp_path_factory.mktemp("conformance")) as (data_dir, logs):
        gateway = Program(logs, data_dir, "serve", "--port", "0")
        base = gateway.ready()
        feed = Program(logs, data_dir, "hl7v2", "--port", "0", "--status-port", "0", "--gateway", base)
        mllp = feed.ready().removeprefix("mllp://")
        token = data_dir / "token"
        token.write_text(json.loads((data_dir / "tokens.json").read_bytes())["developer"]["token"] + "\n")
        yield Site(base, mllp, token, data_dir, logs)
        print_tails(logs)
        feed.stop()
        gateway.stop()


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run of everything, which ended with exit code 0."""
    out = tmp_path_factory.mktemp("reports")
    ran = site.run("all", "--format", "json,junit,html,testreport", "--out", str(out))
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return out


def test_every_suite_passes_against_the_gateway_and_what_is_left_out_is_explained(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    assert verdicts(report, "fail", "error", "not-run") == {}
    assert unexplained(report) == {}
    assert needless(report) == []
    assert [one["id"] for one in report["suites"]] == [*suites.SUITES]
    assert {one["id"] for one in report["checks"]} == {
        check.id for name in suites.SUITES for check in suites.load(name).checks
    }
    assert report["left"] == []


def test_every_format_is_a_file(site: Site, folder: Path) -> None:
    reports = {f"testreport-{name}.json" for name in suites.SUITES}
    assert {path.name for path in folder.iterdir()} == {"report.json", "junit.xml", "report.html", *reports}
    for name in reports:
        assert validator.check(loads((folder / name).read_bytes())) == [], name
    cases = [*ET.parse(folder / "junit.xml").getroot().iter("testcase")]  # noqa: S314 - our own
    assert len(cases) == len(json.loads((folder / "report.json").read_bytes())["checks"])
    page = (folder / "report.html").read_text("utf-8")
    assert page.count("<details class=") == len(cases)
    secret = site.token.read_text().strip()
    assert all(secret not in path.read_text("utf-8") for path in folder.iterdir())


def test_the_report_can_be_shown_again_and_is_fresh(site: Site, folder: Path) -> None:
    shown = site.conformance("show", str(folder / "report.json"))
    assert shown.returncode == 0, shown.stderr
    assert "every SHALL that applies passes" in shown.stdout
    assert "stale" not in shown.stdout
    assert "\033[" not in shown.stdout


def test_test_scripts_are_run_action_by_action(site: Site, tmp_path: Path) -> None:
    files = [str(path) for path in SCRIPTS]
    where = ["--target", site.base, "--token-file", str(site.token), "--out", str(tmp_path)]
    ran = site.conformance("testscript", *files, *where)
    assert ran.returncode == 0, ran.stderr
    for path in SCRIPTS:
        report = loads((tmp_path / path.name).read_bytes())
        assert validator.check(report) == []
        assert report["result"] == "pass"
    broken = tmp_path / "broken.json"
    (sound,) = (path.read_text("utf-8") for path in SCRIPTS if path.stem == "patient-crud")
    assert sound.count('"responseCode": "200"') == 1
    broken.write_text(sound.replace('"responseCode": "200"', '"responseCode": "299"'))
    failed = site.conformance("testscript", str(broken), *where[:4])
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["result"] == "fail"


def refuses_nothing(call: Call, forward: Forward) -> Reply:
    """And forgets the second page of searches."""
    reply = FAULTS["loses-a-page"](call, forward)
    return replace(reply, status=200) if 400 <= reply.status < 500 else reply


def test_a_server_and_a_feed_that_refuse_nothing_fail_every_suite(site: Site, tmp_path: Path) -> None:
    with (
        spoiling(site.base, refuses_nothing) as base,
        broken_feed.before(site.mllp, broken_feed.WAYS["accepts everything"]) as mllp,
    ):
        chosen = [word for one in SAMPLE for word in ("--only", one)]
        ran = site.run("all", *chosen, "--format", "json,console", "--out", str(tmp_path), base=base, mllp=mllp)
    assert ran.returncode == 1, ran.stderr
    report = json.loads((tmp_path / "report.json").read_bytes())
    failed = {one["suite"] for one in report["checks"] if one["verdict"] == "fail"}
    assert failed == {*suites.SUITES}
    assert {"rest-read", "profiles-examples-stored"} <= verdicts(report, "pass").keys()
    assert re.search(r"^✗ SHALL .* not every SHALL passes", ran.stdout, re.MULTILINE)


def test_a_run_that_is_interrupted_says_so_and_removes_what_it_made(site: Site) -> None:
    where = ("--target", site.base, "--token-file", str(site.token), "--preset", "fdgw")
    with fhir_client(site.base, site.data_dir) as client:

        def patients() -> int:
            return int(client.get("/Patient?_summary=count").json()["total"])

        assert patients() == 0
        runner = Program(site.logs, site.data_dir, "conformance", "run", "profiles", *where)
        until(patients, "the examples are stored")
        assert runner.interrupt() == 130
        assert patients() == 0
    assert runner.says("the run is not complete")


def test_what_is_asked_in_the_wrong_way_is_told_in_both_languages(site: Site) -> None:
    nearest = site.run("fhir-rest")
    assert (nearest.returncode, nearest.stdout) == (2, "")
    assert "did you mean: fhir_rest" in nearest.stderr
    assert "没有套件" in nearest.stderr
    away = site.run("errors", base="http://127.0.0.1:9/fhir")
    assert away.returncode == 4
    assert site.run("errors", "--only", "no-such-check").returncode == 5

"""`fdgw conformance`: what it lists, its exit codes, every format of its report, and when a report is stale."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from conformance import suites
from conformance.cli import conformance
from conformance.report import files, html
from profiles import validator
from profiles.json import loads
from tests.conformance.broken_server import spoiling
from tests.conformance.faults import FAULTS
from tests.conftest import Gateway

CLI = CliRunner()


def invoke(*arguments: str) -> Result:
    return CLI.invoke(conformance, [*arguments])


@pytest.fixture(scope="module")
def folder(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports with passes, failures, warnings, skips and checks that were not run."""
    out = tmp_path_factory.mktemp("reports")
    with spoiling(gateway.base, FAULTS["leaks-500"]) as base:
        options = ["--target", base, "--token", gateway.tokens["developer"], "--input", "client_secret=hidden-value"]
        formats = ["--format", "json,junit,html,testreport", "--out", str(out)]
        assert invoke("run", "errors", "concurrency", *options, *formats).exit_code == 1
    return out


def test_list_tells_every_suite_and_check() -> None:
    told = invoke("list", "--json")
    assert told.exit_code == 0
    listed = json.loads(told.stdout)
    assert [one["id"] for one in listed] == [*suites.SUITES]
    assert {check["strength"] for one in listed for check in one["checks"]} == {"SHALL", "SHOULD", "MAY"}
    assert "errors-unknown-id" in invoke("list", "errors").stdout
    assert invoke("list", "no-such-suite").exit_code == 2


def test_a_report_says_what_was_tested_with_what(gateway: Gateway, folder: Path) -> None:
    report = files.read(folder / "report.json")
    assert report["fhirVersion"] == "4.0.1"
    assert report["target"]["software"] == "fdgw"
    assert report["begun"].endswith("+08:00")
    assert [(one["id"], one["version"]) for one in report["suites"]] == [
        (name, suites.load(name).version) for name in ("errors", "concurrency")
    ]
    assert report["inputs"] == {"client_secret": "***"}
    assert {name for name, count in report["verdicts"].items() if count} == {
        "pass",
        "fail",
        "warning",
        "skip",
        "not-run",
    }
    assert gateway.tokens["developer"] not in json.dumps(report, default=str)


def test_junit_has_every_check(folder: Path) -> None:
    report = files.read(folder / "report.json")
    root = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - our own
    cases = {case.attrib["name"].split()[0]: case for case in root.iter("testcase")}
    assert cases.keys() == {one["id"] for one in report["checks"]}
    kinds = {"fail": "failure", "skip": "skipped", "not-run": "skipped"}
    for one in report["checks"]:
        found = [child.tag for child in cases[one["id"]] if child.tag != "system-out"]
        assert found == [kinds[one["verdict"]] for _ in range(one["verdict"] in kinds)], one["id"]
    counts = {suite.attrib["name"]: int(suite.attrib["failures"]) for suite in root}
    assert sum(counts.values()) == report["verdicts"]["fail"]


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.loads += [value or "" for name, value in attrs if name in {"src", "srcset", "data", "action", "style"}]
        if tag == "link":
            self.loads.append(found.get("href") or "")


def test_the_page_has_every_check_and_asks_nothing_of_anybody(folder: Path) -> None:
    written = (folder / "report.html").read_text("utf-8")
    page = Page()
    page.feed(written)
    report = files.read(folder / "report.json")
    assert {one["id"] for one in report["checks"]} <= page.ids
    assert page.loads == []
    assert not {"script", "link", "img", "iframe", "form", "object"} & page.tags
    assert not re.search(r"url\(|@import", written)
    assert "default-src 'none'" in written
    for name, count in report["verdicts"].items():
        assert f"show-{name}" in page.ids
        assert len(re.findall(f'<details class="row-{name}"', written)) == count
    assert "prefers-color-scheme: dark" in written
    assert "@media print" in written


def test_the_page_escapes_what_a_target_answers(folder: Path) -> None:
    report = files.read(folder / "report.json")
    report["target"]["software"] = "<script>alert(1)</script>\x00"
    drawn = html.drawn(report, [])
    assert "<script>" not in drawn
    assert "\x00" not in drawn


def test_the_test_reports_are_valid_fhir(folder: Path) -> None:
    found = {name: loads((folder / f"testreport-{name}.json").read_bytes()) for name in ("errors", "concurrency")}
    for name, resource in found.items():
        assert validator.check(resource) == []
        assert {one["name"] for one in resource["test"]} == {one.id for one in suites.load(name).checks}
    assert found["errors"]["result"] == "fail"
    assert found["concurrency"]["result"] == "pass"
    assert found["concurrency"]["score"] == 100


def test_the_console_shows_failures_with_their_requests(folder: Path) -> None:
    shown = invoke("show", str(folder / "report.json"))
    assert shown.exit_code == 1
    assert "✗ errors-malformed" in shown.stdout
    assert "/Patient → 500" in shown.stdout
    assert "失败 fail" in shown.stdout


def test_a_report_goes_stale_when_its_suite_moves(folder: Path, tmp_path: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    report["checks"] = [one for one in report["checks"] if one["suite"] == "concurrency"]
    report["requirements"] = [one for one in report["requirements"] if one["id"].startswith("race-")]
    report["suites"] = [one for one in report["suites"] if one["id"] == "concurrency"]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    fresh = invoke("show", str(path))
    assert fresh.exit_code == 0, fresh.output
    assert "stale" not in fresh.stdout
    report["suites"][0]["version"] = "000000000000"
    path.write_text(json.dumps(report))
    shown = invoke("show", str(path))
    assert shown.exit_code == 1
    assert "报告已过期" in shown.stdout
    invoke("show", str(path), "--format", "html", "--out", str(tmp_path))
    assert "报告已过期" in (tmp_path / "report.html").read_text("utf-8")


def test_a_suite_that_is_no_more_makes_a_report_stale(folder: Path, tmp_path: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    report["suites"][0]["id"] = "no-more"
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    assert "no-more" in invoke("show", str(path)).stdout


def test_what_is_no_report_cannot_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for content in ("{}", "[]", "no json"):
        path.write_text(content)
        assert invoke("show", str(path)).exit_code == 2
    assert invoke("show", str(tmp_path / "nothing.json")).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("errors", "--only", "errors-unknown-id"), 0),
        (("all", "--only", "errors-unknown-*", "--only", "race-create"), 0),
        (("errors", "--only", "no-such-check"), 5),
        (("errors", "--only", "errors-too-large"), 5),
        (("no-such-suite",), 2),
        (("errors", "--preset", "no-such-preset"), 2),
        (("errors", "--format", "pdf"), 2),
        (("errors", "--format", "json,html"), 2),
        (("errors", "--input", "no-equals-sign"), 2),
        (("errors", "--token-file", "/no/such/file"), 2),
        ((), 2),
    ],
)
def test_exit_codes(gateway: Gateway, arguments: tuple[str, ...], code: int) -> None:
    token = () if "--token-file" in arguments else ("--token", gateway.tokens["developer"])
    done = invoke("run", *arguments, "--target", gateway.base, *token)
    assert done.exit_code == code, done.output


def test_a_target_that_is_not_there_and_one_that_refuses(gateway: Gateway) -> None:
    away = invoke("run", "errors", "--target", "http://127.0.0.1:9/fhir")
    assert away.exit_code == 4
    assert "无法访问" in away.stderr
    refused = invoke("run", "errors", "--target", gateway.base, "--only", "errors-unknown-id", "--token", "wrong")
    assert refused.exit_code == 1


def test_one_format_goes_to_stdout(gateway: Gateway) -> None:
    options = ["--target", gateway.base, "--token", gateway.tokens["developer"], "--only", "errors-unknown-id"]
    told = invoke("run", "errors", *options, "--format", "json")
    assert told.exit_code == 0
    assert [one["verdict"] for one in json.loads(told.stdout)["checks"]] == ["pass"]


def test_a_preset_of_ones_own(gateway: Gateway, tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text('title_zh = "自用"\ntitle_en = "Mine"\n[inputs]\nbody_limit = "33554432"\n')
    options = ["--target", gateway.base, "--token", gateway.tokens["developer"], "--only", "errors-too-large"]
    told = invoke("run", "errors", *options, "--preset", str(preset), "--format", "json")
    assert json.loads(told.stdout)["preset"] == {"name": "mine", "zh": "自用", "en": "Mine"}
    assert told.exit_code == 0
    preset.write_text("nonsense = 1")
    assert invoke("run", "errors", *options, "--preset", str(preset)).exit_code == 2

"""The suites of the conformance runner against the gateway: nothing missed, nothing left behind, nothing leaked."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance import suites
from conformance.cli import conformance
from conformance.report import files
from conformance.report.document import Document
from profiles.canonical import VISIT_NO
from tests.conformance.judging import badly_worded
from tests.conformance.left_out import needless, unexplained, verdicts
from tests.conformance.test_suite_hl7v2 import feed
from tests.conftest import Gateway

CLI = CliRunner()
RAN = {"pass", "warning"}


@pytest.fixture(scope="module")
def folder(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of one run of all suites, which ended with exit code 0."""
    out, secret = tmp_path_factory.mktemp("reports"), tmp_path_factory.mktemp("secret") / "token"
    secret.write_text(gateway.tokens["developer"] + "\n")
    options = ["--target", gateway.base, "--preset", "fdgw", "--token-file", str(secret), "--out", str(out)]
    with feed(gateway, tmp_path_factory.mktemp("feed")) as mllp:
        formats = ["--format", "json,junit,html,testreport", "--input", f"mllp={mllp}"]
        done = CLI.invoke(conformance, ["run", "all", *options, *formats])
    assert done.exit_code == 0, done.output[-4000:]
    return out


@pytest.fixture(scope="module")
def report(folder: Path) -> Document:
    return files.read(folder / "report.json")


def test_every_check_passes_against_the_gateway_but_for_those_that_do_not_apply(report: Document) -> None:
    assert verdicts(report, "fail", "error", "not-run") == {}
    assert unexplained(report) == {}
    assert needless(report) == []
    assert len(report["checks"]) == sum(len(suites.load(name).checks) for name in suites.SUITES) >= 1290


def test_what_the_checks_made_is_tagged_and_removed(gateway: Gateway, report: Document) -> None:
    """Nothing of the run is still there; its versions in the history have the tag, but for what messages made."""
    assert report["left"] == []
    assert report["removed"] > 250
    for kind in ("Patient", "Observation", "Encounter", "Binary", "ValueSet", "Task", "Provenance", "EpisodeOfCare"):
        assert gateway.client.get(kind).json().get("entry", []) == [], kind
    for kind in ("Patient", "Observation", "Encounter", "ValueSet", "RiskAssessment"):
        history = gateway.client.get(f"{kind}/_history?_count=500").json()
        stored = [one["resource"] for one in history["entry"] if "resource" in one]
        untagged = [one for one in stored if "HTEST" not in {tag["code"] for tag in one["meta"].get("tag", [])}]
        assert [one for one in untagged if not _of_a_message(one)] == [], kind


def _of_a_message(resource: Document) -> bool:
    return VISIT_NO in {one.get("system") for one in resource.get("identifier", [])}


def test_no_report_has_the_token(gateway: Gateway, folder: Path) -> None:
    for path in folder.iterdir():
        assert gateway.tokens["developer"] not in path.read_text("utf-8"), path.name


def test_every_check_says_what_it_asks_for_in_both_languages_and_where_that_stands() -> None:
    found = [suites.load(name) for name in suites.SUITES]
    checks = [one for suite in found for one in suite.checks]
    ids = {one.id for one in checks}
    assert len(ids) == len(checks)
    assert [one for suite in found for one in badly_worded(suite)] == []
    assert all({*one.after} <= ids for one in checks)


def test_every_assertion_belongs_to_its_exchange(report: Document) -> None:
    for check in report["checks"]:
        if check["verdict"] in RAN:
            assert check["assertions"], check["id"]
            places = {one["exchange"] for one in check["assertions"]} - {None}
            assert places <= {*range(len(check["exchanges"]))}, check["id"]


def test_the_matrix_has_every_requirement_once(report: Document) -> None:
    ids = [one["id"] for one in report["requirements"]]
    assert len(ids) == len({*ids})
    proven = {name for one in report["requirements"] for name in one["checks"]}
    assert proven == {one["id"] for one in report["checks"]}

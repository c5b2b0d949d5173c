"""The suites of the conformance runner against the gateway: nothing missed, nothing left behind, nothing leaked."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance import suites
from conformance.cli import conformance
from conformance.report import files
from conformance.report.document import Document
from tests.conftest import Gateway

NAMES = ("fhir_rest", "search", "errors", "concurrency")
CLI = CliRunner()


@pytest.fixture(scope="module")
def folder(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of one run of all four, which ended with exit code 0."""
    out, secret = tmp_path_factory.mktemp("reports"), tmp_path_factory.mktemp("secret") / "token"
    secret.write_text(gateway.tokens["developer"] + "\n")
    options = ["--target", gateway.base, "--preset", "fdgw", "--token-file", str(secret)]
    done = CLI.invoke(
        conformance, ["run", *NAMES, *options, "--format", "json,junit,html,testreport", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def report(folder: Path) -> Document:
    return files.read(folder / "report.json")


def test_every_check_passes_against_the_gateway(report: Document) -> None:
    missed = {one["id"]: one["reason"]["en"] for one in report["checks"] if one["verdict"] != "pass"}
    assert missed == {}
    assert len(report["checks"]) == sum(len(suites.load(name).checks) for name in NAMES) >= 110


def test_what_the_checks_made_is_tagged_and_removed(gateway: Gateway, report: Document) -> None:
    """Nothing of the run is still there; its versions in the history all have the tag."""
    assert report["left"] == []
    assert report["removed"] > 50
    for kind in ("Patient", "Observation", "Encounter", "Binary", "ValueSet", "RiskAssessment"):
        assert gateway.client.get(f"{kind}?_summary=count").json()["total"] == 0
        history = gateway.client.get(f"{kind}/_history?_count=500").json()
        stored = [one["resource"] for one in history["entry"] if "resource" in one]
        untagged = [one for one in stored if "HTEST" not in {tag["code"] for tag in one["meta"].get("tag", [])}]
        bytes_only = [one for one in untagged if kind == "Binary"]
        assert untagged == bytes_only, kind


def test_no_report_has_the_token(gateway: Gateway, folder: Path) -> None:
    for path in folder.iterdir():
        assert gateway.tokens["developer"] not in path.read_text("utf-8"), path.name


def test_every_check_says_what_it_asks_for_in_both_languages_and_where_that_stands() -> None:
    checks = [one for name in NAMES for one in suites.load(name).checks]
    ids = {one.id for one in checks}
    assert len(ids) == len(checks)
    for one in checks:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.zh), one.id
        assert one.en.isascii(), one.id
        assert one.requirement.source.startswith("https://"), one.id
        assert {*one.after} <= ids, one.id


def test_every_assertion_belongs_to_its_exchange(report: Document) -> None:
    for check in report["checks"]:
        assert check["exchanges"], check["id"]
        assert check["assertions"], check["id"]
        places = {one["exchange"] for one in check["assertions"]} - {None}
        assert places <= {*range(len(check["exchanges"]))}, check["id"]


def test_the_matrix_has_every_requirement_once(report: Document) -> None:
    ids = [one["id"] for one in report["requirements"]]
    assert len(ids) == len({*ids})
    proven = {name for one in report["requirements"] for name in one["checks"]}
    assert proven == {one["id"] for one in report["checks"]}

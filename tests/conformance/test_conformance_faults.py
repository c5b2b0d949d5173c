"""A server that is broken in one way: the suites miss exactly what that breaks, and nothing else."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import conformance
from tests.conformance.broken_server import spoiling
from tests.conformance.faults import FAULTS
from tests.conftest import Gateway

CLI = CliRunner()
ALL = "fhir_rest search errors concurrency"
UNTOLD = (
    "malformed unknown-element wrong-type invalid expression id-mismatch id-missing too-large unknown-type unknown-id "
    "deleted diagnostics method content-type operation search-value patch bundle"
)
NOTICED = {
    "none": (ALL, {}),
    "drops-etag": (
        "fhir_rest concurrency",
        {
            "warning": "rest-create-headers rest-read-etag",
            "fail": "rest-if-match race-if-match",
            "not-run": "race-winner-kept",
        },
    ),
    "ignores-if-match": (
        "fhir_rest concurrency",
        {
            "fail": "rest-if-match rest-patch-if-match rest-transaction-if-match race-if-match",
            "not-run": "race-winner-kept",
        },
    ),
    "knows-every-type": ("errors", {"fail": "errors-unknown-type"}),
    "loses-a-page": ("search", {"fail": "search-pages"}),
    "ignores-if-none-exist": (
        "fhir_rest concurrency",
        {
            "fail": "rest-conditional-create-one rest-conditional-create-many race-conditional-create",
            "not-run": "rest-transaction-conditional-create race-transaction-conditional-create",
        },
    ),
    "races-if-none-exist": (
        "concurrency",
        {"fail": "race-conditional-create", "not-run": "race-transaction-conditional-create"},
    ),
    "races-if-match": ("concurrency", {"fail": "race-if-match", "not-run": "race-winner-kept"}),
    "leaks-500": (
        "errors concurrency",
        {
            "fail": "errors-malformed errors-wrong-type errors-invalid errors-bundle errors-never-500",
            "warning": "errors-unknown-element",
            "not-run": "errors-expression",
        },
    ),
    "wrong-last-modified": ("fhir_rest", {"fail": "rest-create-meta rest-read-modified-agrees"}),
    "drops-total": ("search", {"warning": "search-total-accurate search-summary-count"}),
    "counts-the-page": ("search", {"fail": "search-total", "not-run": "search-total-accurate"}),
    "ignores-unknown-parameters": ("search", {"fail": "search-lenient", "warning": "search-strict"}),
    "forgets-deletions": ("fhir_rest errors", {"warning": "rest-delete-gone errors-deleted"}),
    "keeps-client-ids": ("fhir_rest", {"fail": "rest-create-id-ignored"}),
    "loses-decimals": ("fhir_rest", {"fail": "rest-create-decimal"}),
    "splits-transactions": (
        "fhir_rest",
        {
            "fail": "rest-transaction-atomic rest-transaction-order rest-transaction-uuid rest-transaction-duplicate",
            "not-run": "rest-transaction-conditional-create rest-transaction-conditional-reference "
            "rest-transaction-if-match",
        },
    ),
    "misses-open-periods": (
        "search",
        {"fail": " ".join(f"search-date-{one}" for one in ("ne", "gt", "lt", "ge", "le", "sa", "eb"))},
    ),
    "says-nothing": (
        "errors search",
        {
            "warning": "search-strict " + " ".join(f"errors-{one}" for one in UNTOLD.split()),
            "fail": "errors-search-modifier",
        },
    ),
    "includes-as-matches": (
        "search",
        {"fail": "search-include search-revinclude", "not-run": "search-include-iterate"},
    ),
    "never-304": ("fhir_rest", {"fail": "rest-if-none-match rest-if-modified-since"}),
    "not-skips-missing": ("search", {"fail": "search-token-not"}),
    "hides-deletions": ("fhir_rest", {"fail": "rest-history-deleted"}),
    "refuses-modifiers": (
        "search",
        {
            "fail": "search-string-exact search-string-contains search-token-not search-missing search-sort",
            "not-run": "search-sort-keys",
        },
    ),
}
"""Fault → the suites that are run, and verdict → the checks that come to it; all the others pass."""


def test_every_fault_is_in_the_table() -> None:
    assert FAULTS.keys() == NOTICED.keys()


@pytest.mark.parametrize("fault", NOTICED)
def test_a_fault_is_noticed_by_exactly_the_checks_that_look_for_it(
    gateway: Gateway, tmp_path: Path, fault: str
) -> None:
    names, expected = NOTICED[fault]
    with spoiling(gateway.base, FAULTS[fault]) as base:
        options = ["--target", base, "--preset", "fdgw", "--token", gateway.tokens["developer"]]
        done = CLI.invoke(conformance, ["run", *names.split(), *options, "--format", "json", "--out", str(tmp_path)])
    report = json.loads((tmp_path / "report.json").read_bytes())
    found = {one["id"]: one["verdict"] for one in report["checks"] if one["verdict"] != "pass"}
    assert found == {name: verdict for verdict, listed in expected.items() for name in listed.split()}
    assert done.exit_code == (1 if "fail" in expected else 0)


def test_what_no_server_must_know_is_skipped_where_no_preset_expects_it(gateway: Gateway) -> None:
    """The same server that fails as ours passes as anybody's: to refuse a modifier is what R4 asks for."""
    with spoiling(gateway.base, FAULTS["refuses-modifiers"]) as base:
        options = ["--target", base, "--preset", "generic", "--token", gateway.tokens["developer"]]
        done = CLI.invoke(conformance, ["run", "search", *options, "--format", "json"])
    found = {one["id"]: one["verdict"] for one in json.loads(done.stdout)["checks"] if one["verdict"] != "pass"}
    refused = "search-string-exact search-string-contains search-token-not search-missing search-sort search-sort-keys"
    assert found == dict.fromkeys(refused.split(), "skip")
    assert done.exit_code == 0

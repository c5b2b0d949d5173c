"""What of the suites does not apply to the gateway as it is, and why; another check that is skipped fails the build."""

from fnmatch import fnmatchcase

from conformance.report.document import Document

SKIPPED = {
    "v2-a08-update": "the feed maps A01, A02, A03 and A11; it refuses A08 as it should",
    "smart-*": "the gateway does not claim SMART yet",
}
"""Ids of checks → why they do not apply."""


def verdicts(report: Document, *words: str) -> dict[str, str]:
    """Check → what was said of it, of those with one of these verdicts."""
    return {one["id"]: one["reason"]["en"] for one in report["checks"] if one["verdict"] in words}


def unexplained(report: Document) -> dict[str, str]:
    """The checks that were skipped and are not in the list."""
    skipped = verdicts(report, "skip")
    return {name: said for name, said in skipped.items() if not any(fnmatchcase(name, one) for one in SKIPPED)}


def needless(report: Document) -> list[str]:
    """The lines of the list that nothing was skipped for."""
    skipped = verdicts(report, "skip")
    return [one for one in SKIPPED if not any(fnmatchcase(name, one) for name in skipped)]

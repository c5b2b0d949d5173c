"""A report written in the formats that were asked for, and read again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.report import html, junit, testreport
from conformance.report.document import FORM, KIND, Document
from profiles import json

FORMATS = ("console", "json", "junit", "html", "testreport")
"""All but the first can be files."""


class NotReportError(ValueError):
    """The file is not a report of ours."""


def contents(report: Document, formats: Sequence[str], stale: list[str]) -> Iterator[tuple[str, bytes]]:
    """(name of the file, what is in it)."""
    if "json" in formats:
        yield "report.json", json.dumps(report) + b"\n"
    if "junit" in formats:
        yield "junit.xml", junit.drawn(report)
    if "html" in formats:
        yield "report.html", html.drawn(report, stale).encode()
    if "testreport" in formats:
        for suite, resource in testreport.drawn(report).items():
            yield f"testreport-{suite}.json", json.dumps(resource) + b"\n"


def write(folder: Path, report: Document, formats: Sequence[str], stale: list[str]) -> list[Path]:
    """The files that were written; raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in contents(report, formats, stale):
        (folder / name).write_bytes(content)
        written.append(folder / name)
    return written


def read(path: Path) -> Document:
    """Raises `NotReportError`, or `OSError` where there is no such file."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise NotReportError from error
    if not isinstance(found, dict) or (found.get("kind"), found.get("form")) != (KIND, FORM):
        raise NotReportError
    report: Document = found
    return report

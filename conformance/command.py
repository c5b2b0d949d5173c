"""What `fdgw conformance` does: list the suites, run them, show a report again; progress goes to stderr."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import suites
from conformance.checks.check import Suite
from conformance.checks.target import Target
from conformance.presets import Preset
from conformance.report import console, files
from conformance.report.document import Circumstances, Document, document, stale
from conformance.report.words import verdict as worded
from conformance.runner import Result, Selection, Told, run, selected
from profiles.http import AsyncClient, HTTPError
from profiles.policy import ZONE

DONE, FAILED, USAGE, UNREACHABLE, NOTHING, INTERRUPTED = 0, 1, 2, 4, 5, 130
"""Exit codes."""
_RAN = {"pass", "fail", "warning", "error"}


@dataclass(frozen=True, slots=True)
class Wanted:
    suites: tuple[str, ...]
    """Names, `all`, or paths of TestScripts."""
    target: str
    preset: Preset
    token: str | None = None
    formats: tuple[str, ...] = ("console",)
    out: Path | None = None
    only: tuple[str, ...] = ()
    inputs: Mapping[str, str] | None = None
    seconds: float = 30.0
    """For an answer."""


def execute(wanted: Wanted) -> int:
    """The exit code; raises `ValueError` for what cannot be run as it was asked for."""
    selection = selected(found(wanted.suites), wanted.only)
    if not selection:
        _say("没有选中任何检查项 no check was selected")
        return NOTHING
    report = asyncio.run(_reported(wanted, selection))
    if report is None:
        return UNREACHABLE
    return _delivered(report, wanted.formats, wanted.out, []) or verdict(report)


def found(names: Sequence[str]) -> list[Suite]:
    """Raises `ValueError` for a name that is not one."""
    every = [*suites.SUITES] if "all" in names else []
    return [suite(name) for name in dict.fromkeys([*every, *(one for one in names if one != "all")])]


def suite(name: str) -> Suite:
    if name.endswith(".json"):
        from conformance import testscript

        return testscript.suite(Path(name))
    try:
        return suites.load(name)
    except KeyError as error:
        raise ValueError(
            f"没有套件 {name}，可用 there is no such suite; there are: {', '.join(suites.SUITES)}"
        ) from error


async def _reported(wanted: Wanted, selection: Selection) -> Document | None:
    """None when nobody answers at the target."""
    async with AsyncClient(timeout=wanted.seconds) as http:
        inputs = {**wanted.preset.inputs, **(wanted.inputs or {})}
        target = Target(http, wanted.target.rstrip("/"), wanted.token, inputs, wanted.preset.expected)
        begun, started = datetime.now(ZONE), time.monotonic()
        try:
            await target.introduced()
        except HTTPError as error:
            _say(f"{wanted.target}: 无法访问 cannot be reached: {type(error).__name__}")
            return None
        done = await run(target, selection, _progress(selection))
        asked = Circumstances(begun, time.monotonic() - started, wanted.preset, wanted.only)
        return document(done, target, asked)


def verdict(report: Document) -> int:
    """0 only where every SHALL was proved, or does not apply."""
    if report["cutShort"]:
        return INTERRUPTED if report["interrupted"] else UNREACHABLE
    verdicts = report["verdicts"]
    if not any(verdicts[one] for one in _RAN):
        _say("没有检查项得到运行 no check was run")
        return NOTHING
    unproved = [one for one in report["requirements"] if one["strength"] == "SHALL"]
    missed = any(one["verdict"] in {"fail", "error", "not-run"} for one in unproved)
    return FAILED if missed else DONE


def again(path: Path, formats: tuple[str, ...], out: Path | None) -> int:
    """Show a report that was made before: 1 when it is stale or tells of failures."""
    try:
        report = files.read(path)
    except files.NotReportError as error:
        raise ValueError(f"{path}: 不是一致性测试报告 not a conformance report") from error
    moved = stale(report, suites.load)
    delivered = _delivered(report, formats, out, moved)
    return delivered or (FAILED if moved else verdict(report))


def _delivered(report: Document, formats: tuple[str, ...], out: Path | None, moved: list[str]) -> int:
    if "console" in formats:
        console.show(Console(), report, moved)
    others = [one for one in formats if one != "console"]
    if out is None:
        for _, content in files.contents(report, others, moved):
            sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return DONE
    try:
        written = files.write(out, report, others, moved)
    except OSError as error:
        _say(f"{out}: {error.strerror}")
        return FAILED
    _say(" ".join(map(str, written)))
    return DONE


def _progress(selection: Selection) -> Told:
    """A line for each check, where somebody watches."""
    total, begun = sum(len(checks) for _, checks in selection), 0

    def told(result: Result) -> None:
        nonlocal begun
        begun += 1
        if sys.stderr.isatty():
            _say(f"{begun}/{total} {worded(result.verdict)} {result.check.id}")

    return told


def _say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)  # noqa: T201 - stdout is for the report

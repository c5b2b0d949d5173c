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
from conformance.introduction import introduced
from conformance.naming import unknown
from conformance.presets import Preset
from conformance.progress import say, watched
from conformance.report import console, files
from conformance.report.conclusion import proved, ran
from conformance.report.document import Circumstances, Document, document, stale
from conformance.runner import Selection, run, selected
from profiles.http import AsyncClient
from profiles.policy import ZONE

DONE, FAILED, USAGE, UNREACHABLE, NOTHING, INTERRUPTED = 0, 1, 2, 4, 5, 130
"""Exit codes."""


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
        patterns = ", ".join(wanted.only)
        say(f"没有选中任何检查项 no check was selected: {patterns}; 见 see fdgw conformance list SUITE")
        return NOTHING
    report = asyncio.run(_reported(wanted, selection))
    if report is None:
        return UNREACHABLE
    delivered = _delivered(report, wanted.formats, wanted.out, [])
    if _unauthorized(report):
        say("目标应答 401：请给出有效的令牌 the target answers 401, give a token that it takes: --token, --token-file")
    return delivered or verdict(report)


def _unauthorized(report: Document) -> bool:
    """Whether a check failed because the target does not know who asks."""
    failed = [one for one in report["checks"] if one["verdict"] in {"fail", "error"} and one["exchanges"]]
    return any(one["exchanges"][-1]["response"]["status"] == "401" for one in failed)


def found(names: Sequence[str]) -> list[Suite]:
    """Raises `ValueError` for a name that is not one."""
    every = [*suites.SUITES] if "all" in names else []
    return [suite(name) for name in dict.fromkeys([*every, *(one for one in names if one != "all")])]


def suite(name: str) -> Suite:
    if name.endswith(".json"):
        return _script(Path(name))
    if name not in suites.SUITES:
        raise unknown("套件", "suite", name, [*suites.SUITES, "all"])
    return suites.load(name)


def _script(path: Path) -> Suite:
    from conformance import testscript

    try:
        return testscript.suite(path)
    except testscript.ScriptError as error:
        raise ValueError(f"{path}: {error}") from error


async def _reported(wanted: Wanted, selection: Selection) -> Document | None:
    """None when nobody answers at the target."""
    async with AsyncClient(timeout=wanted.seconds) as http:
        inputs = {**wanted.preset.inputs, **(wanted.inputs or {})}
        target = Target(http, wanted.target.rstrip("/"), wanted.token, inputs, wanted.preset.expected)
        begun, started = datetime.now(ZONE), time.monotonic()
        if not await introduced(target):
            return None
        with watched(selection) as told:
            done = await run(target, selection, told)
        asked = Circumstances(begun, time.monotonic() - started, wanted.preset, wanted.only)
        return document(done, target, asked)


def verdict(report: Document) -> int:
    """0 only where every SHALL was proved, or does not apply."""
    if report["cutShort"]:
        return INTERRUPTED if report["interrupted"] else UNREACHABLE
    if not ran(report):
        say("没有检查项得到运行 no check was run")
        return NOTHING
    return DONE if proved(report) else FAILED


def again(path: Path, formats: tuple[str, ...], out: Path | None) -> int:
    """Show a report that was made before: 1 when it is stale or tells of failures."""
    try:
        report = files.read(path)
    except files.NotReportError as error:
        raise ValueError(f"{path}: 不是一致性测试报告 not a conformance report") from error
    except OSError as error:
        raise ValueError(f"{path}: 无法读取 cannot be read: {error.strerror}") from error
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
        say(f"{out}: {error.strerror}")
        return FAILED
    say(f"{out}: {' '.join(path.name for path in written)}")
    return DONE

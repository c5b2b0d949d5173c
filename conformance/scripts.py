"""`fdgw conformance testscript`: TestScripts of others, run action by action. https://hl7.org/fhir/R4/testscript.html"""

import asyncio
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conformance import testscript
from conformance.checks import removal
from conformance.checks.session import Session, Shared
from conformance.checks.target import Target
from conformance.command import DONE, FAILED, UNREACHABLE
from conformance.introduction import introduced
from conformance.progress import say
from conformance.report.words import printable, verdict
from conformance.testscript import ScriptError
from profiles import json
from profiles.http import AsyncClient
from profiles.json import Resource
from profiles.policy import ZONE


@dataclass(frozen=True, slots=True)
class Wanted:
    files: Sequence[Path]
    target: str
    token: str | None
    inputs: Mapping[str, str]
    """Values of variables that have no source of their own."""
    out: Path | None
    """A folder for the TestReports, one `NAME.json` for each `NAME.json`; None: stdout, one on a line."""
    seconds: float


def execute(wanted: Wanted) -> int:
    """The exit code; raises `ValueError` for files that cannot be run, before anything is sent."""
    for path in wanted.files:
        try:
            testscript.load(path)
        except ScriptError as error:
            raise ValueError(f"{path}: {error}") from error
    if wanted.out and len({path.stem for path in wanted.files}) < len(wanted.files):
        raise ValueError("--out: 文件名有重复 two of the files have the same name")
    return asyncio.run(_run(wanted))


async def _run(wanted: Wanted) -> int:
    async with AsyncClient(timeout=wanted.seconds) as http:
        target = Target(http, wanted.target.rstrip("/"), wanted.token, wanted.inputs, ())
        if not await introduced(target):
            return UNREACHABLE
        results = []
        for path in wanted.files:
            try:
                report = await _reported(target, path)
            finally:
                await removal.clear(target)
            _written(report, path, wanted.out)
            results.append(report["result"])
    if target.left:
        say(f"目标未能删除的测试数据 test data that the target did not remove: {', '.join(target.left)}")
    return DONE if {*results} == {"pass"} else FAILED


async def _reported(target: Target, path: Path) -> Resource:
    session = Session(target, secrets.token_hex(6), Shared())
    return await testscript.run(path, session.send, target.base, datetime.now(ZONE), target.inputs)


def _written(report: Resource, path: Path, out: Path | None) -> None:
    content = json.dumps(report) + b"\n"
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{path.stem}.json").write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    sections = [report.get("setup", {}), *report.get("test", ()), report.get("teardown", {})]
    actions = [one for section in sections for action in section.get("action", ()) for one in action.values()]
    said = Counter(one["result"] for one in actions)
    counts = ", ".join(f"{name} {count}" for name, count in said.items())
    say(f"{verdict(report['result'])} {report['name']} ({path}): {counts}")
    for one in actions:
        if one["result"] in {"fail", "error"}:
            say(printable(f"  {one['result']}: {one.get('message', '')}"))

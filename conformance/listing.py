"""What there is to run: suites, their checks, and the requirements that these prove."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance import suites
from conformance.checks.check import Check, Suite
from conformance.command import DONE, suite
from profiles import json


def show(name: str | None, *, as_json: bool) -> int:
    """Raises `ValueError` for a name that is not one."""
    found = [suite(name)] if name else [suites.load(one) for one in suites.SUITES]
    if as_json:
        sys.stdout.buffer.write(json.dumps([_plain(one) for one in found]) + b"\n")
        sys.stdout.buffer.flush()
        return DONE
    console = Console()
    for one in found:
        console.print(_table(one))
    return DONE


def _plain(one: Suite) -> dict[str, object]:
    checks = [_check(check) for check in one.checks]
    return {"id": one.id, "version": one.version, "zh": one.zh, "en": one.en, "checks": checks}


def _check(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "zh": check.zh,
        "en": check.en,
        "requirement": check.requirement.id,
        "strength": check.requirement.strength.value,
        "source": check.requirement.source,
        "claims": check.claims,
        "after": check.after,
        "inputs": check.inputs,
    }


def _table(one: Suite) -> Table:
    drawn = Table(title=f"{one.zh} {one.en} · {one.id} {one.version} · {len(one.checks)}", title_justify="left")
    for column in ("检查项 check", "强度 strength", "内容 what it asks for", "出处 source"):
        drawn.add_column(column, overflow="fold")
    for check in one.checks:
        requirement = check.requirement
        words = Text(f"{check.zh}\n{check.en}")
        drawn.add_row(Text(check.id), requirement.strength.value, words, Text(requirement.source))
    return drawn

"""What there is to run: suites, their checks, and the requirements that these prove."""

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance import suites
from conformance.checks.check import Check, Strength, Suite
from conformance.command import DONE, suite
from profiles import json


def show(name: str | None, *, as_json: bool) -> int:
    """All suites in short, or one with its checks; raises `ValueError` for a name that is not one."""
    found = [suite(name)] if name else [suites.load(one) for one in suites.SUITES]
    if as_json:
        sys.stdout.buffer.write(json.dumps([_plain(one) for one in found]) + b"\n")
        sys.stdout.buffer.flush()
        return DONE
    console = Console()
    console.print(_checks(found[0]) if name else _overview(found))
    if not name:
        console.print("检查项 the checks of one: fdgw conformance list SUITE")
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


def _overview(found: list[Suite]) -> Table:
    drawn = Table()
    for column in ("套件 suite", "内容 what it is about", "版本 version", "输入 inputs"):
        drawn.add_column(column, overflow="fold")
    for strength in Strength:
        drawn.add_column(strength.value, justify="right")
    for one in found:
        inputs = ", ".join(dict.fromkeys(name for check in one.checks for name in check.inputs))
        counts = Counter(check.requirement.strength for check in one.checks)
        numbers = (str(counts[strength] or "") for strength in Strength)
        drawn.add_row(Text(one.id), Text(f"{one.zh}\n{one.en}"), one.version, Text(inputs), *numbers)
    return drawn


def _checks(one: Suite) -> Table:
    drawn = Table(title=f"{one.zh} {one.en} · {one.id} {one.version} · {len(one.checks)}", title_justify="left")
    for column in ("检查项 check", "强度 strength", "内容与出处 what it asks for, and where that stands"):
        drawn.add_column(column, overflow="fold")
    for check in one.checks:
        requirement = check.requirement
        words = Text(f"{check.zh}\n{check.en}\n").append(requirement.source, style="dim")
        drawn.add_row(Text(check.id), requirement.strength.value, words)
    return drawn

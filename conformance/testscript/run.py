"""A script run against a target: setup, tests, teardown. https://hl7.org/fhir/R4/testscript.html"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.testscript import sections
from conformance.testscript.report import Section, report
from conformance.testscript.script import actions, load
from conformance.testscript.sections import Done
from conformance.testscript.state import Send, State
from profiles.json import Resource


async def run(path: Path, send: Send, base: str, issued: datetime, inputs: Mapping[str, str]) -> Resource:
    """The TestReport; `inputs` are values for variables that have no source. Raises `ScriptError`."""
    state = State(load(path), base.rstrip("/"), inputs)
    setup = await set_up(state, send)
    broken = any(one.broken for one in setup)
    tests = []
    for number, test in enumerate(state.script.listed("test"), start=1):
        done = sections.skipped(actions(test)) if broken else await tested(state, send, test)
        tests.append(Section(*named(test, number), done))
    return report(state.script, state.base, issued, (setup, tests, await torn_down(state, send)))


async def set_up(state: State, send: Send) -> list[Done]:
    """Fixtures and setup; the setup is skipped when a fixture could not be created."""
    prepared = await sections.prepared(state, send)
    given = state.script.actions("setup")
    if any(one.broken for one in prepared):
        return prepared + sections.skipped(given)
    return prepared + await sections.actions(state, send, given, stops=True)


async def tested(state: State, send: Send, test: object) -> list[Done]:
    """A test that holds no action is an error: there is nothing that it could have proven."""
    given = actions(test)
    return await sections.actions(state, send, given or [{}], stops=False)


async def torn_down(state: State, send: Send) -> list[Done]:
    done = []
    for action in state.script.actions("teardown"):
        done += await sections.actions(state, send, [action], stops=False)
    return done + await sections.removed(state, send)


def named(test: Any, number: int) -> tuple[str, str]:  # noqa: ANN401 - whatever stands in the list
    """Name and description of a test."""
    given = test if isinstance(test, dict) else {}
    return str(given.get("name") or given.get("id") or f"Test{number}"), str(given.get("description") or "")

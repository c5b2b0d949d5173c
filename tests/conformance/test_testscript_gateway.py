"""TestScripts against the gateway: ours pass, and their reports are FHIR."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import conformance
from conformance import testscript
from conformance.checks.session import Session, Shared
from conformance.checks.target import Target
from profiles import validator
from profiles.http import AsyncClient
from tests.conformance.broken_server import spoiling
from tests.conformance.judging import judged, verdicts

SCRIPTS = sorted(Path(conformance.__file__).with_name("testscripts").glob("*.json"))
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def reported(path, gateway):
    """The TestReport of a script run against a gateway."""

    async def work():
        async with AsyncClient(timeout=30) as http:
            target = Target(http, gateway.base, gateway.tokens["developer"], {}, ())
            return await testscript.run(path, Session(target, "u", Shared()).send, gateway.base, NOW, {})

    return asyncio.run(work())


def results(report):
    """(section, message, result) of every action."""
    sections = [("setup", report.get("setup", {})), *((one["name"], one) for one in report.get("test", ()))]
    sections.append(("teardown", report.get("teardown", {})))
    for name, section in sections:
        for action in section.get("action", ()):
            (one,) = action.values()
            yield name, one["message"], one["result"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_our_scripts_pass_and_leave_a_valid_report(gateway, path):
    report = reported(path, gateway)
    assert [one for one in results(report) if one[2] != "pass"] == []
    assert (report["result"], str(report["score"])) == ("pass", "100.00")
    assert validator.check(report) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_our_scripts_are_valid(path):
    script = testscript.load(path).resource
    assert validator.check(script) == []


def judged_as_suite(path, gateway, base=None):
    return judged(testscript.suite(path), base or gateway.base, gateway.tokens["developer"])


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_a_suite_too(gateway, path):
    found = judged_as_suite(path, gateway)
    assert set(verdicts(found).values()) == {"pass"}
    assert len(found) == 2 + len(testscript.load(path).listed("test"))


def test_a_script_notices_a_broken_server(gateway):
    def conflicting(call, forward):
        reply = forward(call)
        return replace(reply, status=409) if call.method == "PUT" else reply

    (path,) = (one for one in SCRIPTS if one.stem == "patient-crud")
    with spoiling(gateway.base, conflicting) as base:
        found = verdicts(judged_as_suite(path, gateway, base))
    assert found["patientcrud-02"] == "fail"
    assert found["patientcrud-01"] == "pass"


def test_a_script_whose_setup_fails_is_not_run(gateway):
    def refusing(call, forward):
        reply = forward(call)
        return replace(reply, status=403) if call.method == "POST" else reply

    (path,) = (one for one in SCRIPTS if one.stem == "patient-search")
    with spoiling(gateway.base, refusing) as base:
        found = verdicts(judged_as_suite(path, gateway, base))
    assert found["patientsearch-setup"] == "fail"
    assert {one for name, one in found.items() if name[-2:].isdigit()} == {"not-run"}

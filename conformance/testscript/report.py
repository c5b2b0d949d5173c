"""What came of a script, as a TestReport. https://hl7.org/fhir/R4/testreport.html"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from conformance.testscript.script import Script
from conformance.testscript.sections import Done
from profiles.json import Resource

_ENGINE = "https://fdgw.example.org/conformance"


@dataclass(frozen=True, slots=True)
class Section:
    """A test of a script, carried out or skipped."""

    name: str
    description: str
    done: Sequence[Done]

    @property
    def passed(self) -> bool:
        return bool(self.done) and all(one.result in {"pass", "warning"} for one in self.done)


def report(
    script: Script, base: str, issued: datetime, sections: tuple[Sequence[Done], Sequence[Section], Sequence[Done]]
) -> Resource:
    """Of setup, tests and teardown. It passes when the setup and every test did; the score is the share of tests."""
    setup, tests, teardown = sections
    passed = sum(test.passed for test in tests)
    met = passed == len(tests) and not any(one.broken for one in setup)
    found: Resource = {
        "resourceType": "TestReport",
        "name": script.name,
        "status": "completed",
        "testScript": _reference(script),
        "result": "pass" if met else "fail",
        "score": (Decimal(passed * 100) / len(tests)).quantize(Decimal("0.01")) if tests else Decimal(100 * met),
        "tester": "fdgw conformance",
        "issued": issued.isoformat(timespec="seconds"),
        "participant": [
            {"type": "test-engine", "uri": _ENGINE, "display": "fdgw conformance"},
            {"type": "server", "uri": base},
        ],
    }
    if setup:
        found["setup"] = {"action": [_action(one) for one in setup]}
    if tests:
        found["test"] = [_test(test) for test in tests]
    if teardown:
        found["teardown"] = {"action": [_action(one) for one in teardown if one.kind == "operation"]}
    return found


def _reference(script: Script) -> dict[str, Any]:
    url = script.resource.get("url")
    named = {"type": "TestScript", "display": script.name}
    if isinstance(url, str) and url:
        return {**named, "identifier": {"system": "urn:ietf:rfc:3986", "value": url}}
    return named


def _test(test: Section) -> dict[str, Any]:
    named = {"name": test.name, "description": test.description}
    return {**{key: value for key, value in named.items() if value}, "action": [_action(one) for one in test.done]}


def _action(one: Done) -> dict[str, Any]:
    told = {"result": one.result, "message": f"{one.name}: {one.message}" if one.message else one.name}
    if one.detail and one.kind == "operation":
        told["detail"] = one.detail
    return {one.kind: told}

"""A server of prepared answers, and scripts written for it, for tests of the TestScript engine."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from conformance import testscript

BASE = "http://127.0.0.1:9/fhir"
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CODES = "http://terminology.hl7.org/CodeSystem/testscript-operation-codes"
PATIENT = {
    "resourceType": "Patient",
    "id": "7",
    "meta": {"versionId": "3"},
    "active": True,
    "name": [{"family": "示例", "given": ["甲", "乙"]}, {"family": "虚构"}],
    "birthDate": "1950-01-31",
    "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}],
    "multipleBirthInteger": 2,
}


@dataclass
class Answer:
    status: int = 200
    content: bytes = json.dumps(PATIENT).encode()
    headers: dict = field(
        default_factory=lambda: {"Content-Type": "application/fhir+json; charset=utf-8", "ETag": 'W/"3"'}
    )


class Server:
    """Gives its answers in turn, the last again and again, and keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = [*answers] or [Answer()]
        self.sent = []

    async def send(self, method, url, body, *, headers):
        self.sent.append((method, url.removeprefix(BASE), body, dict(headers)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def operation(code="read", **more):
    given = {"resource": "Patient", "encodeRequestUrl": True, "params": "/7"}
    return {"operation": {"type": {"system": CODES, "code": code}, **given, **more}}


def bare(code, **more):
    """An operation without anything that is not told."""
    return {"operation": {"type": {"system": CODES, "code": code}, "encodeRequestUrl": True, **more}}


def asserted(**more):
    return {"assert": {"warningOnly": False, **more}}


def script(*actions, **more):
    """A script of one test."""
    given = {"resourceType": "TestScript", "url": "http://example.org/TestScript/x", "name": "X", "status": "active"}
    return {**given, "test": [{"name": "T", "action": [*actions]}], **more}


def reported(folder, content, server, inputs=None):
    path = folder / "script.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return asyncio.run(testscript.run(path, server.send, BASE, NOW, inputs or {}))


def results(report):
    """Of every action of setup, tests and teardown: its result."""
    sections = [report.get("setup", {}), *report.get("test", ()), report.get("teardown", {})]
    return [one["result"] for section in sections for action in section.get("action", ()) for one in action.values()]


def said(report):
    """What the last action of the first test came to, and why."""
    (one,) = report["test"][0]["action"][-1].values()
    return one["result"], one["message"]

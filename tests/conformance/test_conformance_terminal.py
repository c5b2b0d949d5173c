"""`fdgw conformance` at a terminal: what is told of mistakes, of progress, and of TestScripts."""

import asyncio
import io
import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

import conformance
from conformance import progress
from conformance.checks import Check, Suite, Verdict, removal, shall
from conformance.checks.claims import Claims
from conformance.checks.session import Session
from conformance.checks.target import Target
from conformance.checks.trace import Trace
from conformance.cli import conformance as commands
from conformance.report import console
from conformance.report.document import counted
from conformance.runner import Result as Ran
from conformance.runner import Run
from profiles.http import AsyncClient
from tests.conformance.broken_server import Call, Forward, Reply, spoiling
from tests.conftest import Gateway

CLI = CliRunner()
SCRIPTS = Path(conformance.__file__).with_name("testscripts")
CRUD = SCRIPTS / "patient-crud.json"


def invoke(gateway: Gateway, *arguments: str) -> Result:
    words = [*arguments] if "--target" in arguments else [*arguments, "--target", gateway.base]
    token = [] if {"--token", "--token-file"} & {*arguments} else ["--token", gateway.tokens["developer"]]
    return CLI.invoke(commands, [*words, *token])


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "fhir-rest"), "did you mean: fhir_rest"),
        (("run", "serach"), "did you mean: search"),
        (("run", "zzz"), "there are: fhir_rest, search"),
        (("run", "errors", "--preset", "fdwg"), "did you mean: fdgw"),
        (("run", "errors", "--token-file", "/no/such/file"), "/no/such/file: 无法读取 cannot be read"),
        (("run", "errors", "--token-file", "/"), "cannot be read"),
        (("run", "errors", "--token", ""), "empty, or not a token"),
        (("run", "errors", "--token", "令牌"), "empty, or not a token"),
        (("run", "errors", "--token", "two words"), "empty, or not a token"),
        (("run", "errors", "--token", "a", "--token-file", "b"), "give one of"),
        (("run", "errors", "--input", "no-equals-sign"), "NAME=VALUE"),
        (("run", "errors", "--target", "127.0.0.1:8080/fhir"), "http://HOST:PORT/fhir"),
        (("run", "errors", "--target", "http://127.0.0.1:99999/fhir"), "http://HOST:PORT/fhir"),
        (("run", "/no/such/script.json"), "/no/such/script.json: 文件无法读取"),
        (("testscript", "/no/such/script.json"), "/no/such/script.json: 文件无法读取"),
        (("testscript", str(CRUD), str(CRUD), "--out", "/no/such/folder"), "the same name"),
    ],
)
def test_what_is_asked_in_the_wrong_way_is_told_in_both_languages(
    gateway: Gateway, arguments: tuple[str, ...], said: str
) -> None:
    told = invoke(gateway, *arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told.stderr)


def test_a_token_that_is_wrong_is_never_repeated(gateway: Gateway, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_bytes("机密 confidential".encode())
    assert "confidential" not in invoke(gateway, "run", "errors", "--token-file", str(secret)).output
    secret.write_bytes(b"\xff\xfe")
    assert "not a text file" in invoke(gateway, "run", "errors", "--token-file", str(secret)).stderr


def test_credentials_in_the_address_of_a_target_are_not_repeated(gateway: Gateway) -> None:
    told = invoke(gateway, "run", "errors", "--target", "http://somebody:confidential@127.0.0.1:9/fhir")
    assert told.exit_code == 4
    assert "http://127.0.0.1:9/fhir: 无法访问 cannot be reached" in told.stderr
    assert "confidential" not in told.output


def test_a_target_that_is_no_fhir_server_is_told(gateway: Gateway) -> None:
    told = invoke(
        gateway, "run", "errors", "--target", gateway.base.removesuffix("fhir"), "--only", "errors-unknown-id"
    )
    assert told.exit_code == 5
    assert "没有 CapabilityStatement" in told.stderr


def test_a_token_that_the_target_does_not_take_is_told(gateway: Gateway) -> None:
    told = invoke(gateway, "run", "errors", "--only", "errors-unknown-id", "--token", "nobodys")
    assert told.exit_code == 1
    assert "--token-file" in told.stderr


# TestScripts


def test_test_scripts_give_a_report_on_each_line(gateway: Gateway) -> None:
    told = invoke(gateway, "testscript", *(str(path) for path in sorted(SCRIPTS.glob("*.json"))))
    assert told.exit_code == 0, told.stderr
    reports = [json.loads(line) for line in told.stdout.splitlines()]
    assert [one["name"] for one in reports] == ["ConditionalCreate", "PatientCrud", "PatientSearch"]
    assert {one["result"] for one in reports} == {"pass"}
    assert "✓ 通过 pass PatientCrud" in told.stderr
    assert gateway.client.get("Patient?_summary=count").json()["total"] == 0


def test_a_test_script_that_fails_gives_1_and_its_report(gateway: Gateway, tmp_path: Path) -> None:
    def conflicting(call: Call, forward: Forward) -> Reply:
        reply = forward(call)
        return replace(reply, status=409) if call.method == "PUT" else reply

    with spoiling(gateway.base, conflicting) as base:
        told = invoke(gateway, "testscript", str(CRUD), "--target", base, "--out", str(tmp_path / "new"))
    assert (told.exit_code, told.stdout) == (1, "")
    assert json.loads((tmp_path / "new" / "patient-crud.json").read_bytes())["result"] == "fail"
    assert "✗ 失败 fail PatientCrud" in told.stderr
    assert "  fail: " in told.stderr


def test_a_value_for_a_variable_can_be_given(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "variable.json"
    operation = {"method": "get", "url": "${wanted}", "encodeRequestUrl": True}
    action = [{"operation": operation}, {"assert": {"responseCode": "200", "warningOnly": False}}]
    variable = [{"name": "wanted"}]
    path.write_text(
        json.dumps({"resourceType": "TestScript", "name": "V", "variable": variable, "test": [{"action": action}]})
    )
    assert invoke(gateway, "testscript", str(path), "--input", "wanted=metadata").exit_code == 0
    assert invoke(gateway, "testscript", str(path), "--input", "wanted=NoSuchType/1").exit_code == 1


def test_a_test_script_for_a_target_that_is_not_there_gives_4(gateway: Gateway) -> None:
    assert invoke(gateway, "testscript", str(CRUD), "--target", "http://127.0.0.1:9/fhir").exit_code == 4


# Progress, and what is shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def nothing(_on: Session) -> None:
    """A check that asks for nothing."""


def checks(count: int) -> tuple[Check, ...]:
    named = [shall(f"c-{number}", "http.html", f"检查{number}", f"check {number}") for number in range(count)]
    return tuple(Check(one.id, one, one.zh, one.en, nothing) for one in named)


def test_progress_is_one_line_that_moves_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = Suite("s", "套件", "Suite", checks(3))
    for terminal, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.watched([(suite, suite.checks)]) as told:
            for check, verdict in zip(suite.checks, (Verdict.PASS, Verdict.FAIL, Verdict.PASS), strict=True):
                told(Ran(suite, check, verdict))
        said = terminal.getvalue()
        assert bool(said) == shown
        if shown:
            assert "3/3 ✓ 通过 pass s c-2" in said
            assert said.count("\n") == 1
            assert said.endswith("\r\033[K")


def test_what_was_left_out_for_the_same_reason_is_one_row() -> None:
    words = {"zh": "未声明", "en": "not claimed"}
    rows = [
        {"id": f"c-{number}", "suite": "s", "verdict": "skip", "strength": "SHALL", "reason": words, **words}
        for number in range(438)
    ]
    report = {
        "target": {"url": "http://t/fhir", "software": "", "version": "", "fhirVersion": ""},
        "preset": {"name": "generic", "zh": "任意", "en": "any"},
        "begun": "2026-11-22T08:00:00+08:00",
        "seconds": 1.0,
        "inputs": {},
        "left": [],
        "cutShort": None,
        "suites": [{"id": "s", "version": "0", **words}],
        "requirements": [],
        "checks": rows,
        "verdicts": counted(["skip"] * 438),
    }
    drawn = io.StringIO()
    console.show(Console(file=drawn, width=100), report, [])
    assert "… 共 438 in all" in drawn.getvalue()
    assert len(drawn.getvalue().splitlines()) < 40
    assert "\033[" not in drawn.getvalue()


def test_what_asyncio_prints_of_a_run_is_short() -> None:
    """`asyncio.run` makes a string of its result: with every check and exchange in it that took minutes."""
    suite = Suite("s", "套件", "Suite", checks(1000))
    results = [Ran(suite, one, Verdict.PASS) for one in suite.checks]
    assert len(repr(Run(results))) < 200
    assert len(repr(results[0])) < 1000


# What is claimed, and what is removed


def test_a_question_mark_in_a_preset_stands_for_itself() -> None:
    claims = Claims({}, ("Observation?*", "*.create"))
    assert "Observation?code" in claims
    assert "ObservationDefinition?code" not in claims
    assert "Patient.create" in claims


def test_resources_that_hold_one_another_are_removed(gateway: Gateway) -> None:
    first, second = "urn:uuid:6f1c1f0e-0000-4000-8000-000000000001", "urn:uuid:6f1c1f0e-0000-4000-8000-000000000002"
    entries = [
        {
            "fullUrl": mine,
            "resource": {"resourceType": "Organization", "name": "示例", "partOf": {"reference": other}},
            "request": {"method": "POST", "url": "Organization"},
        }
        for mine, other in ((first, second), (second, first))
    ]

    async def work() -> Target:
        async with AsyncClient(timeout=30) as http:
            target = Target(http, gateway.base, gateway.tokens["developer"], {}, ())
            await target.introduced()
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            answer = await target.send(Trace(), "POST", "", bundle, {}, authorized=True)
            assert answer.status == 200, answer.content
            assert len(target.made) == 2
            await removal.clear(target)
            return target

    target = asyncio.run(work())
    assert (target.left, target.removed) == ([], 2)


def test_what_was_being_made_when_the_run_was_interrupted_is_known(gateway: Gateway) -> None:
    """Its answer is waited for, or nobody would remove it."""
    stored, told = threading.Event(), threading.Event()

    def slow(call: Call, forward: Forward) -> Reply:
        reply = forward(call)
        if call.method == "POST":
            stored.set()
            told.wait(10)
        return reply

    async def work() -> Target:
        async with AsyncClient(timeout=30) as http:
            target = Target(http, base, gateway.tokens["developer"], {}, ())
            await target.introduced()
            patient = {"resourceType": "Patient", "name": [{"text": "示例"}]}
            asking = asyncio.create_task(target.send(Trace(), "POST", "Patient", patient, {}, authorized=True))
            await asyncio.to_thread(stored.wait, 10)
            asking.cancel()
            await asyncio.sleep(0)
            told.set()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert len(target.made) == 1
            await removal.clear(target)
            return target

    with spoiling(gateway.base, slow) as base:
        target = asyncio.run(work())
    assert (target.left, target.removed) == ([], 1)

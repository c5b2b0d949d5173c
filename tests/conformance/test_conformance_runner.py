"""The runner itself, on small suites: verdicts, what stands on what, what is skipped, what ends a run, what is kept."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from conformance.checks import Check, Missed, Session, Suite, Unable, check, may, samples, shall, should
from conformance.checks.redaction import Redaction
from conformance.checks.target import Target
from conformance.checks.verdict import Verdict, of_all
from conformance.runner import Run, run, selected
from profiles import json
from profiles.http import AsyncClient
from tests.conftest import Gateway

Body = Callable[[Session], Awaitable[None]]
HERE = ("http.html", "此处", "here")


async def passes(on: Session) -> None:
    (await on.get("metadata")).expect_status(200)


async def misses(on: Session) -> None:
    (await on.get("metadata")).expect_status(418)


async def advises(on: Session) -> None:
    on.advise(met=False, zh="建议", en="advice")


async def skips(on: Session) -> None:
    on.skip("不适用", "does not apply")


async def cannot(on: Session) -> None:
    await on.create({"resourceType": "NoSuchType"})


async def breaks(_: Session) -> None:
    raise KeyError("subject")


def one(name: str, body: Body, **more: tuple[str, ...]) -> Check:
    return check(shall(name, *HERE), **more)(body)


def ran(gateway: Gateway, *checks: Check, base: str = "", inputs: dict[str, str] | None = None) -> tuple[Run, Target]:
    async def go() -> tuple[Run, Target]:
        async with AsyncClient(timeout=10) as http:
            target = Target(http, base or gateway.base, gateway.tokens["developer"], inputs or {}, ())
            if not base:
                await target.introduced()
            return await run(target, selected([Suite("small", "小", "small", checks)], ()), lambda _: None), target

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("body", "strength", "verdict"),
    [
        (passes, shall, Verdict.PASS),
        (misses, shall, Verdict.FAIL),
        (misses, should, Verdict.WARNING),
        (misses, may, Verdict.WARNING),
        (advises, shall, Verdict.WARNING),
        (skips, shall, Verdict.SKIP),
        (cannot, shall, Verdict.ERROR),
        (breaks, shall, Verdict.ERROR),
    ],
)
def test_what_a_check_comes_to(gateway: Gateway, body: Body, strength: Callable[..., object], verdict: str) -> None:
    requirement = strength("one", *HERE)
    done, _ = ran(gateway, check(requirement)(body))  # type: ignore[arg-type]
    assert [result.verdict for result in done.results] == [verdict]


def test_what_stands_on_a_check_that_failed_is_not_run(gateway: Gateway) -> None:
    second, third = one("second", passes, after=("first",)), one("third", passes, after=("second",))
    done, _ = ran(gateway, one("first", misses), second, third, one("fourth", passes))
    assert [result.verdict for result in done.results] == ["fail", "not-run", "not-run", "pass"]
    assert "first" in done.results[1].reason[1]


def test_what_is_not_claimed_or_lacks_an_input_is_skipped(gateway: Gateway) -> None:
    checks = one("claims", passes, claims=("NoSuchType.create",)), one("inputs", passes, inputs=("secret",))
    done, _ = ran(gateway, *checks)
    assert [result.verdict for result in done.results] == ["skip", "skip"]
    assert "NoSuchType.create" in done.results[0].reason[0]
    given, _ = ran(gateway, checks[1], inputs={"secret": "given"})
    assert given.results[0].verdict == "pass"


def test_a_target_that_goes_away_ends_the_run(gateway: Gateway) -> None:
    done, _ = ran(gateway, one("first", passes), one("second", passes), base="http://127.0.0.1:9/fhir")
    assert [result.verdict for result in done.results] == ["not-run", "not-run"]
    assert done.cut_short is not None
    assert not done.interrupted


def test_an_interrupted_run_still_has_a_result_for_every_check_and_clears_up(gateway: Gateway) -> None:
    async def interrupted(on: Session) -> None:
        await on.create(samples.patient(on.unique))
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)

    done, target = ran(gateway, one("first", passes), one("second", interrupted), one("third", passes))
    assert [result.verdict for result in done.results] == ["pass", "not-run", "not-run"]
    assert done.interrupted
    assert (target.removed, target.left) == (1, [])


def test_what_is_made_once_is_shared_and_its_failure_too(gateway: Gateway) -> None:
    made: list[str] = []

    async def make(on: Session) -> str:
        made.append(on.unique)
        return on.unique

    async def fail(_: Session) -> str:
        raise Missed("不行", "no")

    async def uses(on: Session) -> None:
        on.expect(await on.once(make) == made[0], "相同", "the same")

    async def suffers(on: Session) -> None:
        await on.once(fail)

    checks = [one("a", uses), one("b", uses), one("c", suffers), one("d", suffers)]
    done, _ = ran(gateway, *checks)
    assert [result.verdict for result in done.results] == ["pass", "pass", "fail", "error"]
    assert len(made) == 1


def test_the_token_goes_to_the_target_only(gateway: Gateway) -> None:
    """An absolute URL of another origin gets no credential; neither does a request that is not to be authorized."""

    async def without(on: Session) -> None:
        (await on.get("Patient", authorized=False)).expect_status(401)
        elsewhere = on.base.replace("127.0.0.1", "localhost")
        (await on.get(f"{elsewhere}/Patient")).expect_status(401)
        (await on.get(f"{on.base}/Patient")).expect_status(200)

    done, _ = ran(gateway, one("first", without))
    assert done.results[0].verdict == "pass", done.results[0].reason


def test_what_belongs_to_the_target_is_left_out_of_the_trace(gateway: Gateway) -> None:
    stored = {"resourceType": "Patient", "name": [{"text": "SomebodyElse"}]}
    path = gateway.client.post("Patient", json=stored).headers["Location"].split("/_history")[0]

    async def reads(on: Session) -> None:
        (await on.get(path)).expect_status(200)
        await on.get("Patient?_count=5")
        mine = await on.create(samples.patient(on.unique))
        await on.get(f"Patient/{mine['id']}?_elements=birthDate")

    done, _ = ran(gateway, one("first", reads))
    bodies = [exchange.response_body for exchange in done.results[0].trace.exchanges]
    assert not any("SomebodyElse" in body for body in bodies)
    assert "left out" in bodies[0]
    assert "left out" in bodies[1]
    assert '"1970-03-02"' in bodies[-1]


def test_secrets_are_masked_wherever_they_stand() -> None:
    redaction = Redaction(["s3cret"], lambda _: False)
    headers = redaction.headers({"Authorization": "Bearer s3cret", "Cookie": "a", "Location": "http://x/?t=s3cret"})
    assert headers == {"Location": "http://x/?t=***"}
    assert redaction.sent(b"token=s3cret") == "token=***"
    said = json.dumps({"resourceType": "OperationOutcome", "text": "s3cret"})
    assert "s3cret" not in redaction.received(said, "application/fhir+json")
    assert redaction.received(b"<p>name</p>", "text/html") == "(11 bytes text/html)"


def test_a_requirement_is_as_bad_as_the_worst_of_its_checks() -> None:
    assert of_all([Verdict.PASS, Verdict.SKIP]) == Verdict.PASS
    assert of_all([Verdict.SKIP]) == Verdict.SKIP
    assert of_all([Verdict.PASS, Verdict.WARNING, Verdict.ERROR]) == Verdict.ERROR
    assert of_all([Verdict.ERROR, Verdict.FAIL]) == Verdict.FAIL


def test_the_version_of_a_suite_moves_with_its_checks_and_its_data(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    data.write_text("1")
    checks = one("first", passes), one("second", misses)
    version = Suite("small", "小", "small", checks, (data,)).version
    assert Suite("small", "小", "small", checks, (data,)).version == version
    assert Suite("small", "小", "small", checks[:1], (data,)).version != version
    assert (
        Suite("small", "小", "small", (checks[0], one("second", misses, after=("first",))), (data,)).version != version
    )
    data.write_text("2")
    assert Suite("small", "小", "small", checks, (data,)).version != version


def test_words_of_both_languages_go_with_what_is_raised() -> None:
    raised = Unable("中文", "English")
    assert (raised.zh, raised.en, str(raised)) == ("中文", "English", "English")

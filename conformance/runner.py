"""Runs the checks of suites against a target, one after the other, and clears up behind them."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from conformance.checks import removal
from conformance.checks.check import Check, Suite
from conformance.checks.session import Session, Shared
from conformance.checks.target import Target
from conformance.checks.trace import Trace
from conformance.checks.verdict import Missed, Skipped, Unable, Verdict
from profiles.http import HTTPError

Words = tuple[str, str]
"""In Chinese and in English."""
Told = Callable[["Result"], None]
_NOT_REACHED: Words = ("测试中途目标无法访问", "the target could not be reached any more")
_INTERRUPTED: Words = ("测试被中断", "the run was interrupted")


@dataclass(frozen=True, slots=True)
class Result:
    suite: Suite = field(repr=False)
    check: Check
    verdict: Verdict
    reason: Words = ("", "")
    trace: Trace = field(default_factory=Trace, repr=False)
    seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """What came of a run, in the order of the checks."""

    results: list[Result] = field(default_factory=list, repr=False)
    cut_short: Words | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class _Ended(Exception):
    """Why no further check is run."""

    words: Words


Selection = Sequence[tuple[Suite, Sequence[Check]]]


def selected(suites: Iterable[Suite], only: Sequence[str]) -> Selection:
    """The checks whose id matches one of the patterns; all, where there are none."""
    found = [(suite, [one for one in suite.checks if _wanted(one, only)]) for suite in suites]
    return [(suite, checks) for suite, checks in found if checks]


def _wanted(check: Check, only: Sequence[str]) -> bool:
    return not only or any(fnmatchcase(check.id, pattern) for pattern in only)


async def run(target: Target, selection: Selection, told: Told) -> Run:
    """Every check that was selected has a result, whatever happens; what the checks made is removed."""
    done: dict[str, Verdict] = {}
    run_ = Run()
    for suite, checks in selection:
        shared = Shared()
        for check in checks:
            result = await _result(target, suite, check, shared, done, run_)
            done[check.id] = result.verdict
            run_.results.append(result)
            told(result)
        await _cleared(target, run_)
    return run_


async def _result(  # noqa: PLR0913, PLR0917 - the state of a run
    target: Target, suite: Suite, check: Check, shared: Shared, done: Mapping[str, Verdict], run_: Run
) -> Result:
    if run_.cut_short:
        return Result(suite, check, Verdict.NOT_RUN, run_.cut_short)
    reason = _not_run(check, done)
    if reason:
        return Result(suite, check, Verdict.NOT_RUN, reason)
    reason = _skipped(check, target)
    if reason:
        return Result(suite, check, Verdict.SKIP, reason)
    try:
        return await _ran(target, suite, check, shared)
    except _Ended as ended:
        run_.cut_short = ended.words
        return Result(suite, check, Verdict.NOT_RUN, ended.words)
    except asyncio.CancelledError:
        run_.cut_short, run_.interrupted = _INTERRUPTED, True
        return Result(suite, check, Verdict.NOT_RUN, _INTERRUPTED)


async def _ran(target: Target, suite: Suite, check: Check, shared: Shared) -> Result:
    session = Session(target, secrets.token_hex(6), shared)
    started = time.monotonic()
    try:
        verdict, reason = await _verdict(session, check)
    except HTTPError as error:
        if not await _alive(target):
            raise _Ended(_NOT_REACHED) from error
        name = type(error).__name__
        verdict, reason = Verdict.ERROR, (f"请求没有得到响应（{name}）", f"a request got no answer ({name})")
    return Result(suite, check, verdict, reason, session.trace, time.monotonic() - started)


async def _verdict(session: Session, check: Check) -> tuple[Verdict, Words]:
    try:
        await check.body(session)
    except Missed as missed:
        verdict = Verdict.FAIL if check.requirement.strength == "SHALL" else Verdict.WARNING
        return verdict, (missed.zh, missed.en)
    except Skipped as skipped:
        return Verdict.SKIP, (skipped.zh, skipped.en)
    except Unable as unable:
        return Verdict.ERROR, (unable.zh, unable.en)
    except HTTPError:
        raise
    except Exception as error:  # noqa: BLE001 - what a stranger's server answers may be of any shape
        name = type(error).__name__
        return Verdict.ERROR, (f"检查项自身出错（{name}）", f"the check itself broke ({name})")
    unheeded = session.trace.unheeded
    if unheeded:
        return Verdict.WARNING, (unheeded[0].zh, unheeded[0].en)
    return Verdict.PASS, ("", "")


def _not_run(check: Check, done: Mapping[str, Verdict]) -> Words | None:
    for earlier in check.after:
        if done.get(earlier, Verdict.PASS) in {Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN}:
            return f"所依赖的 {earlier} 未通过", f"it stands on {earlier}, which did not pass"
    return None


def _skipped(check: Check, target: Target) -> Words | None:
    unclaimed = [one for one in check.claims if one not in target.claims]
    if unclaimed:
        said = ", ".join(unclaimed)
        return f"CapabilityStatement 未声明 {said}", f"the CapabilityStatement does not claim {said}"
    missing = [one for one in check.inputs if not target.inputs.get(one)]
    if missing:
        said = ", ".join(missing)
        return f"未给出输入 {said}", f"no input {said} was given"
    return None


async def _alive(target: Target) -> bool:
    try:
        await target.send(Trace(), "GET", "metadata", None, {}, authorized=True)
    except HTTPError:
        return False
    return True


async def _cleared(target: Target, run_: Run) -> None:
    try:
        await removal.clear(target)
    except (HTTPError, asyncio.CancelledError) as error:
        run_.interrupted = run_.interrupted or isinstance(error, asyncio.CancelledError)
        run_.cut_short = run_.cut_short or (_INTERRUPTED if run_.interrupted else _NOT_REACHED)

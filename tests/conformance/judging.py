"""A suite run in a test against any server: what it says of each check."""

import asyncio

from conformance.checks.target import Target
from conformance.runner import run, selected
from profiles.http import AsyncClient


def judged(suite, base, token="", inputs=None, expected=(), only=()):
    """The results by check id."""
    found = []

    async def work():
        async with AsyncClient(timeout=30) as http:
            target = Target(http, base, token, inputs or {}, expected)
            await target.introduced()
            await run(target, selected([suite], only), found.append)

    # Not as the result of the task: asyncio prints that for a handler of signals, minutes long, and throws it away.
    asyncio.run(work())
    return {result.check.id: result for result in found}


def verdicts(results):
    """Check id → verdict, as a word."""
    return {name: str(result.verdict) for name, result in results.items()}


def reasons(results, *words):
    """What was said of the checks with one of these verdicts."""
    return {name: (str(one.verdict), one.reason[1]) for name, one in results.items() if str(one.verdict) in words}


def badly_worded(suite):
    """The checks that do not say what they ask for in both languages, and where that stands."""
    return [
        one.id
        for one in suite.checks
        if not any("\u4e00" <= letter <= "\u9fff" for letter in one.zh)
        or not any("a" <= letter <= "z" for letter in one.en)
        or not (one.requirement.source.startswith("https://") or one.requirement.source.startswith("JS-"))
    ]

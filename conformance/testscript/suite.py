"""A TestScript as a suite: a check for its setup, one for every test, one for its teardown. https://hl7.org/fhir/R4/testscript.html"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from conformance.checks import Check, Missed, Requirement, Session, Skipped, Strength, Suite, Unable
from conformance.testscript.run import named, set_up, tested, torn_down
from conformance.testscript.script import Script, load
from conformance.testscript.sections import Done
from conformance.testscript.state import State

_Begin = Callable[[Session], Awaitable[State]]


def suite(path: Path) -> Suite:
    """Raises `ScriptError` for what cannot be run."""
    script = load(path)

    async def begin(on: Session) -> State:
        return State(script, on.base, on.inputs)

    title = str(script.resource.get("title") or script.name)
    return Suite(_slug(script.name), title, title, tuple(_checks(script, begin)), data=(path,))


def _checks(script: Script, begin: _Begin) -> Iterator[Check]:
    slug = _slug(script.name)
    setup = f"{slug}-setup"
    yield _check(script, setup, ("准备", "setup"), partial(_set_up, begin))
    for number, test in enumerate(script.listed("test"), start=1):
        name, _ = named(test, number)
        body = partial(_tested, begin, test)
        yield _check(script, f"{slug}-{number:02}", (name, name), body, after=(setup,))
    yield _check(script, f"{slug}-teardown", ("清理", "teardown"), partial(_torn_down, begin))


def _check(
    script: Script,
    id_: str,
    title: tuple[str, str],
    body: Callable[[Session], Awaitable[None]],
    *,
    after: tuple[str, ...] = (),
) -> Check:
    source = str(script.resource.get("url") or "https://hl7.org/fhir/R4/testscript.html")
    return Check(id_, Requirement(id_, Strength.SHALL, source, *title), *title, body, after=after)


async def _set_up(begin: _Begin, on: Session) -> None:
    _judge(on, await set_up(await on.once(begin), on.send))


async def _tested(begin: _Begin, test: object, on: Session) -> None:
    _judge(on, await tested(await on.once(begin), on.send, test))


async def _torn_down(begin: _Begin, on: Session) -> None:
    _judge(on, await torn_down(await on.once(begin), on.send))


def _judge(on: Session, done: Sequence[Done]) -> None:
    """The worst of the actions is the verdict; warnings are told beside it."""
    for one in done:
        on.advise(one.result != "warning", *_words(one))
    for result, verdict in (("error", Unable), ("fail", Missed), ("skip", Skipped)):
        if found := [one for one in done if one.result == result]:
            raise verdict(*_words(found[0]))


def _words(one: Done) -> tuple[str, str]:
    """A script speaks one language."""
    words = f"{one.name}: {one.message}"
    return words, words


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "testscript"

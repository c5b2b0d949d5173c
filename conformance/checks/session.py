"""What a check receives: the target, its inputs, and a place for its assertions."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from conformance.checks.answer import Answer, place
from conformance.checks.target import Body, Target
from conformance.checks.trace import Exchange, Trace
from conformance.checks.verdict import Missed, Skipped, Unable
from profiles.json import Resource

_T = TypeVar("_T")
_NOTHING: Mapping[str, str] = {}


@dataclass(slots=True)
class Shared:
    """What the checks of one suite have in common: set-up that is done once."""

    made: dict[Callable[..., object], "asyncio.Future[Any]"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """One check's conversation with the target."""

    target: Target
    unique: str
    """Another one for every check of every run, of a–z and 0–9."""
    shared: Shared
    trace: Trace = field(default_factory=Trace)

    @property
    def base(self) -> str:
        return self.target.base

    @property
    def inputs(self) -> Mapping[str, str]:
        return self.target.inputs

    @property
    def capability(self) -> Resource:
        return self.target.capability

    def claims(self, key: str) -> bool:
        return key in self.target.claims

    # Requests

    async def send(
        self,
        method: str,
        path: str,
        body: Body = None,
        *,
        headers: Mapping[str, str] = _NOTHING,
        authorized: bool = True,
    ) -> Answer:
        """`path` is relative to the base, or absolute. Raises `HTTPError` when there is no answer."""
        return await self.target.send(self.trace, method, path, body, headers, authorized=authorized)

    async def get(self, path: str, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True) -> Answer:
        return await self.send("GET", path, headers=headers, authorized=authorized)

    async def head(self, path: str, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True) -> Answer:
        return await self.send("HEAD", path, headers=headers, authorized=authorized)

    async def delete(self, path: str, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True) -> Answer:
        return await self.send("DELETE", path, headers=headers, authorized=authorized)

    async def post(
        self, path: str, body: Body, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True
    ) -> Answer:
        return await self.send("POST", path, body, headers=headers, authorized=authorized)

    async def put(
        self, path: str, body: Body, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True
    ) -> Answer:
        return await self.send("PUT", path, body, headers=headers, authorized=authorized)

    async def patch(
        self, path: str, body: Body, *, headers: Mapping[str, str] = _NOTHING, authorized: bool = True
    ) -> Answer:
        return await self.send("PATCH", path, body, headers=headers, authorized=authorized)

    # Set-up

    async def create(self, resource: Resource) -> Resource:
        """The resource as it is stored; raises `Unable`."""
        kind = resource["resourceType"]
        answer = await self.post(kind, resource)
        found = _placed(answer, kind)
        if answer.status != 201 or not found:
            zh, en = f"准备数据时未能新建 {kind}（{answer.status}）", f"could not create a {kind} to begin with"
            raise Unable(zh, f"{en} ({answer.status})")
        return await self.read(f"{kind}/{found}")

    async def read(self, reference: str) -> Resource:
        """The resource at `Type/id`; raises `Unable`."""
        answer = await self.get(reference)
        if answer.status != 200:
            raise Unable(f"准备的数据无法读取（{answer.status}）", f"what was made could not be read ({answer.status})")
        return answer.resource

    def remember(self, reference: str) -> None:
        self.target.remember(reference)

    async def once(self, make: Callable[["Session"], Awaitable[_T]]) -> _T:
        """What `make` gave when it was first asked for in this suite; raises `Unable` when it then failed."""
        if make not in self.shared.made:
            self.shared.made[make] = asyncio.get_running_loop().create_future()
            await self._make(make)
        made: _T | None = await asyncio.shield(self.shared.made[make])
        if made is None:
            raise Unable("公共的测试数据未能准备好", "the data that these checks have in common could not be made")
        return made

    async def _make(self, make: Callable[["Session"], Awaitable[object]]) -> None:
        try:
            self.shared.made[make].set_result(await make(self))
        except BaseException:
            self.shared.made[make].set_result(None)
            raise

    # Assertions

    def expect(self, met: bool, zh: str, en: str) -> None:  # noqa: FBT001 - what it is about
        """Raises `Missed` when it is not met. The words hold no value of a person."""
        self.trace.expect(met, zh, en, self.trace.last)

    def advise(self, met: bool, zh: str, en: str) -> None:  # noqa: FBT001 - what it is about
        """Something that is only recommended: a warning when it is not met."""
        self.trace.advise(met, zh, en, self.trace.last)

    def skip(self, zh: str, en: str) -> NoReturn:
        raise Skipped(zh, en)

    def record(self, protocol: str, address: str, sent: bytes, received: bytes) -> None:
        """An exchange that is not HTTP; the next assertions are about it."""
        hidden = self.target.redaction
        shown = hidden.sent(sent), hidden.sent(received)
        self.trace.add(Exchange(protocol, address, {}, shown[0], "", {}, shown[1], 0))


def _placed(answer: Answer, kind: str) -> str:
    """The id of what was created, by Location or else by the body."""
    found = place(answer.headers.get("Location", ""))
    if found:
        return found[1]
    try:
        body = answer.resource
    except Missed:
        return ""
    return str(body.get("id", "")) if body["resourceType"] == kind else ""

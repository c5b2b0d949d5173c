"""The way from the inbox to the gateway: one patient's messages in the order of commit, patients side by side."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog

from adapters.fhir_client import Verdict
from adapters.hl7v2 import questions
from adapters.hl7v2.breaker import Breaker
from adapters.hl7v2.inbox import Inbox, NotStoredError
from adapters.hl7v2.questions import Waiting
from adapters.hl7v2.statements import Settlement, State
from profiles import json

_log = structlog.get_logger()


class Delivery(NamedTuple):
    """How an attempt ended, the state that the message has then, and what the gateway said."""

    verdict: Verdict
    state: State
    outcome: json.Resource


class Pace(NamedTuple):
    """Messages and seconds: how many at once, how many known at once, how often to look, how long to wait."""

    parallel: int = 8
    window: int = 20_000
    look: float = 1.0
    first_wait: float = 0.5
    longest_wait: float = 300.0
    longest_pause: float = 10.0


class Lanes:
    """Keeps which message of which lane is next; a lane has at most one message under way.

    The inbox is the queue: only references are held here, about `pace.window` of them, and all can be read again
    after a crash. `clock` gives seconds since 1970, `jitter` a number in [0, 1).
    """

    def __init__(
        self,
        inbox: Inbox,
        deliver: Callable[[int], Awaitable[Delivery]],
        pace: Pace,
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self.breaker = Breaker()
        self._inbox = inbox
        self._deliver = deliver
        self._pace = pace
        self._clock = clock
        self._jitter = jitter
        self._lanes: dict[str, list[int]] = {}  # heaps; the first is next or under way
        self._attempts: dict[int, int] = {}  # of every message known here
        self._ready: list[tuple[int, str]] = []
        self._later: list[tuple[float, str]] = []
        self._flying: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._cursor = 0

    async def run(self) -> None:
        """Forwards until cancelled; raises what no attempt may raise, such as an inbox that cannot be read."""
        looked = 0.0
        while True:
            self._inbox.committed.clear()
            now = self._clock()
            if looking := now - looked >= self._pace.look:
                looked = now
                await self._look_back()
            # Under load the next are read a thousand at a time, not one by one as they come.
            if looking or (len(self._ready) < self._pace.parallel and not self.breaker.open):
                await self._read_on()
            self._start()
            timer = asyncio.get_running_loop().call_later(self._until_due(), self._inbox.committed.set)
            await self._inbox.committed.wait()
            timer.cancel()
            if self._failure:
                raise self._failure

    async def drain(self, seconds: float) -> None:
        """Waits for what is under way; the rest stays in the inbox."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=seconds)
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

    async def _read_on(self) -> None:
        room = min(self._pace.window - len(self._attempts), 1000)
        if room <= 0:
            return
        rows = await self._inbox.ask(questions.waiting, self._cursor, room)
        for row in rows:
            self._add(row)
            self._cursor = row.seq

    async def _look_back(self) -> None:
        """Finds messages behind the cursor that were asked for again."""
        if await self._inbox.ask(questions.waiting_until, self._cursor) <= len(self._attempts):
            return
        known = set(self._attempts)
        for row in await self._inbox.ask(questions.waiting, 0, self._pace.window):
            if row.seq <= self._cursor and row.seq not in known:
                self._add(row)

    def _add(self, row: Waiting) -> None:
        self._attempts[row.seq] = row.attempts
        lane = self._lanes.setdefault(row.lane, [])
        heapq.heappush(lane, row.seq)
        if len(lane) == 1:
            self._queue(row.lane, row.next_at)

    def _queue(self, lane: str, due: float) -> None:
        if due > self._clock():
            heapq.heappush(self._later, (due, lane))
        else:
            heapq.heappush(self._ready, (self._lanes[lane][0], lane))

    def _start(self) -> None:
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            _, lane = heapq.heappop(self._later)
            heapq.heappush(self._ready, (self._lanes[lane][0], lane))
        for _ in range(self.breaker.room(self._pace.parallel, len(self._flying), now)):
            if not self._ready:
                break
            _, lane = heapq.heappop(self._ready)
            task = asyncio.create_task(self._attempt(lane, self._lanes[lane][0]))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        if not task.cancelled():
            self._failure = self._failure or task.exception()
        self._inbox.committed.set()

    def _until_due(self) -> float:
        waits = [self._pace.look]
        if self._later:
            waits.append(self._later[0][0] - self._clock())
        if self.breaker.open:
            waits.append(self.breaker.retry_at - self._clock())
        return max(0.001, min(waits))

    async def _attempt(self, lane: str, seq: int) -> None:
        delivery = await self._deliver(seq)
        now = self._clock()
        attempts = self._attempts[seq] + 1
        due: float | None = None
        match delivery.verdict:
            case Verdict.AWAY:
                due = now
                self._away(now, delivery)
            case Verdict.LATER:
                due = now + self._wait(attempts, self._pace.longest_wait)
            case _:
                self._back()
        outcome = json.dumps(delivery.outcome).decode()
        try:
            await self._inbox.settle(Settlement(delivery.state, attempts, due, outcome, seq))
        except NotStoredError:
            due = due or now + self._wait(attempts, self._pace.longest_wait)
        if due is None:
            self._finished(lane, seq)
        else:
            self._attempts[seq] = attempts
            self._queue(lane, due)

    def _finished(self, lane: str, seq: int) -> None:
        del self._attempts[seq]
        left = self._lanes[lane]
        if left[0] == seq:
            heapq.heappop(left)
        else:  # an older one came back meanwhile
            left.remove(seq)
            heapq.heapify(left)
        if left:
            self._queue(lane, 0)
        else:
            del self._lanes[lane]

    def _away(self, now: float, delivery: Delivery) -> None:
        if not self.breaker.open:
            _log.warning("gateway away", cause=delivery.outcome["issue"][0]["diagnostics"])
        self.breaker.failed(now, lambda failures: self._wait(failures, self._pace.longest_pause))

    def _back(self) -> None:
        if self.breaker.open:
            _log.info("gateway answers")
        self.breaker.passed()

    def _wait(self, attempts: int, longest: float) -> float:
        exponential = min(longest, self._pace.first_wait * 2.0 ** min(attempts - 1, 30))
        return exponential * (0.5 + self._jitter() / 2)

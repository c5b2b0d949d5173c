"""The durable inbox: one thread writes, committing together whatever waits; another reads.

https://sqlite.org/wal.html
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Concatenate, ParamSpec, TypeVar

from adapters.hl7v2 import statements
from adapters.hl7v2.statements import LARGEST_COMMIT, Arrival, Receipt, Settlement, Storing

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Work = TypeVar("_Work", Arrival, Settlement)

Done = Callable[[Receipt], None]
_Job = tuple[Arrival | Settlement, Done]

_FAILED = Receipt(Storing.FAILED, b"")


class NotStoredError(Exception):
    """The inbox could not write: the disk is full, or the database is broken."""


class Inbox:
    """Opened and used within one event loop; `committed` is set whenever something was written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.committed = asyncio.Event()
        self.failing = False
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Job] = []
        self._jobs: SimpleQueue[list[_Job]] = SimpleQueue()  # an empty list is the last
        self._written = statements.connect(path)
        self._read = statements.connect(path)
        self._readers = ThreadPoolExecutor(1, "inbox-reader")
        self._writer = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
        self._writer.start()

    def store(self, arrival: Arrival, done: Done) -> None:
        """Calls `done` in the loop once the message is durable, was so before, or cannot be."""
        self._put((arrival, done))

    async def settle(self, settlement: Settlement) -> None:
        """Raises `NotStoredError`."""
        settled: asyncio.Future[Receipt] = self._loop.create_future()

        def done(receipt: Receipt) -> None:
            if not settled.done():
                settled.set_result(receipt)

        self._put((settlement, done))
        if (await settled).storing is Storing.FAILED:
            raise NotStoredError

    async def ask(
        self, question: Callable[Concatenate[sqlite3.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """The answer of a function of `questions`."""
        return await self._loop.run_in_executor(self._readers, lambda: question(self._read, *args, **kwargs))

    async def close(self) -> None:
        """Writes what waits, then lets go of the file."""
        self._hand_over()
        self._jobs.put([])
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown()
        self._read.close()
        self._written.close()

    def _put(self, job: _Job) -> None:
        # Handed over once per turn of the loop: to wake the writer for each would make two threads fight for one lock.
        self._gathered.append(job)
        if len(self._gathered) == 1:
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._gathered:
            self._jobs.put(self._gathered)
            self._gathered = []

    def _write(self) -> None:
        closing = False
        while not closing:
            jobs: list[_Job] = []
            while not jobs or not self._jobs.empty():
                more = self._jobs.get()
                jobs += more
                if closing := not more:
                    break
            for at in range(0, len(jobs), LARGEST_COMMIT):
                part = jobs[at : at + LARGEST_COMMIT]
                receipts = self._commit([work for work, _ in part])
                self._loop.call_soon_threadsafe(self._resolve, part, receipts)

    def _commit(self, work: Sequence[Arrival | Settlement]) -> list[Receipt]:
        arrivals = [item for item in work if isinstance(item, Arrival)]
        stored = self._written_or_not(statements.record, arrivals)
        if len(arrivals) == len(work):
            return stored
        settlements = [item for item in work if isinstance(item, Settlement)]
        settled, recorded = iter(self._written_or_not(statements.settle, settlements)), iter(stored)
        return [next(recorded if isinstance(item, Arrival) else settled) for item in work]

    def _written_or_not(
        self, write: Callable[[sqlite3.Connection, Sequence[_Work]], list[Receipt]], work: Sequence[_Work]
    ) -> list[Receipt]:
        try:
            return write(self._written, work) if work else []
        except (sqlite3.Error, ValueError, OverflowError, MemoryError):
            return [_FAILED] * len(work)

    def _resolve(self, jobs: Sequence[_Job], receipts: Sequence[Receipt]) -> None:
        self.failing = receipts[0].storing is Storing.FAILED
        for (_, done), receipt in zip(jobs, receipts, strict=True):
            done(receipt)
        self.committed.set()

"""The durable inbox: one thread writes, committing together whatever waits; another reads.

https://sqlite.org/wal.html
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Concatenate, ParamSpec, TypeVar

from adapters.hl7v2 import statements
from adapters.hl7v2.statements import Arrival, Receipt, Settlement, Storing

_P = ParamSpec("_P")
_T = TypeVar("_T")

Done = Callable[[Receipt], None]
_Job = tuple[Arrival | Settlement, Done]

_LARGEST_COMMIT = 1024
_STORED = Receipt(Storing.NEW, b"")
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
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._written = statements.connect(path)
        self._read = statements.connect(path)
        self._readers = ThreadPoolExecutor(1, "inbox-reader")
        self._writer = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
        self._writer.start()

    def store(self, arrival: Arrival, done: Done) -> None:
        """Calls `done` in the loop once the message is durable, was so before, or cannot be."""
        self._jobs.put((arrival, done))

    async def settle(self, settlement: Settlement) -> None:
        """Raises `NotStoredError`."""
        settled: asyncio.Future[Receipt] = self._loop.create_future()

        def done(receipt: Receipt) -> None:
            if not settled.done():
                settled.set_result(receipt)

        self._jobs.put((settlement, done))
        if (await settled).storing is Storing.FAILED:
            raise NotStoredError

    async def ask(
        self, question: Callable[Concatenate[sqlite3.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """The answer of a function of `questions`."""
        return await self._loop.run_in_executor(self._readers, lambda: question(self._read, *args, **kwargs))

    async def close(self) -> None:
        """Writes what waits, then lets go of the file."""
        self._jobs.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown()
        self._read.close()
        self._written.close()

    def _write(self) -> None:
        while jobs := self._waiting():
            receipts = self._commit([job[0] for job in jobs])
            self._loop.call_soon_threadsafe(self._resolve, jobs, receipts)

    def _waiting(self) -> list[_Job]:
        """All jobs that wait, at least one; none once the inbox closes."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        try:
            while job is not None:
                jobs.append(job)
                if len(jobs) >= _LARGEST_COMMIT:
                    return jobs
                job = self._jobs.get_nowait()
        except Empty:
            return jobs
        if jobs:
            self._jobs.put(None)
        return jobs

    def _commit(self, work: Sequence[Arrival | Settlement]) -> list[Receipt]:
        arrivals = [item for item in work if isinstance(item, Arrival)]
        settlements = [item for item in work if isinstance(item, Settlement)]
        try:
            self._written.execute("BEGIN IMMEDIATE")
            statements.settle(self._written, settlements)
            receipts = iter(statements.record(self._written, arrivals))
            self._written.execute("COMMIT")
        except (sqlite3.Error, ValueError, OverflowError, MemoryError):
            self._abandon()
            return [_FAILED] * len(work)
        return [next(receipts) if isinstance(item, Arrival) else _STORED for item in work]

    def _abandon(self) -> None:
        """SQLite may have rolled back by itself."""
        try:
            if self._written.in_transaction:
                self._written.execute("ROLLBACK")
        except sqlite3.Error:
            return

    def _resolve(self, jobs: Sequence[_Job], receipts: Sequence[Receipt]) -> None:
        self.failing = receipts[0].storing is Storing.FAILED
        for (_, done), receipt in zip(jobs, receipts, strict=True):
            done(receipt)
        self.committed.set()

"""Requests that are answered later: `Prefer: respond-async`. https://hl7.org/fhir/R4/async.html"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime

import psycopg
import psycopg_pool
import structlog

from gateway import clock
from gateway.errors import Busy, FhirError
from gateway.jobs import LEASE_SECONDS, Job, Jobs
from gateway.records import Records
from gateway.rest import failures, outcome
from gateway.rest.exchange import FHIR_JSON, Request, Response
from profiles import json

Handler = Callable[[Request, Records], Awaitable[Response]]

_AT_ONCE = 4
"""Requests that are worked on at the same time; others wait their turn."""
_MOST = 64
"""Requests that are kept in memory."""
_BEAT_SECONDS = LEASE_SECONDS / 10
_log = structlog.get_logger()


class Later:
    """The requests of this process that are to be answered later."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def accept(self, request: Request, records: Records, handle: Handler) -> Response:
        """202 and where the answer will be."""
        if len(self._tasks) >= _MOST:
            raise Busy(
                "FD-ASYNC-MANY",
                "等待异步处理的请求过多,请稍后重试。",
                "Too many requests wait to be answered later; try again in a moment.",
            )
        job = self._jobs.new(records.grant.tenant, "request", records.grant.actor)
        await self._jobs.add(job)
        task = asyncio.ensure_future(self._answer(job, request, records, handle))
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return accepted(request, job.id)

    async def _answer(self, job: Job, request: Request, records: Records, handle: Handler) -> None:
        async with self._turns:
            try:
                entry = _entry(await handle(request, records))
            except Exception as error:  # noqa: BLE001 - as at the front: an OperationOutcome whatever it is
                entry = refused(failures.told(error, request.id, handle.__name__))
            try:
                await self._jobs.advance(job, job._replace(state="done", answer=bundle(entry)))
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
                _log.error("database-away", request=request.id, error=type(error).__name__)

    async def beat(self) -> None:
        """Says that they are being worked on; one that was cancelled or given up is stopped."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            own = dict(self._tasks)
            try:
                kept = await self._jobs.keep(own) if own else set[str]()
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
                _log.error("database-away", error=type(error).__name__)
                continue
            for job_id in own.keys() - kept:
                own[job_id].cancel()

    async def stop(self) -> None:
        """Whoever waits for their answers is told at once that there will be none."""
        own = dict(self._tasks)
        for task in own.values():
            task.cancel()
        await asyncio.gather(*own.values(), return_exceptions=True)
        if own:
            await self._jobs.release(own)


@asynccontextmanager
async def running(jobs: Jobs) -> AsyncIterator[Later]:
    later = Later(jobs)
    beat = asyncio.ensure_future(later.beat())
    try:
        yield later
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)
        await later.stop()


def accepted(request: Request, job_id: str) -> Response:
    return Response(202, headers=((b"content-location", f"{request.base}/_async/{job_id}".encode()),))


def bundle(entry: bytes) -> bytes:
    return b'{"resourceType":"Bundle","type":"batch-response","entry":[%s]}' % entry


def refused(error: FhirError) -> bytes:
    return json.dumps({"response": {"status": str(error.status), "outcome": outcome.outcome(error.issues)}})


def _entry(response: Response) -> bytes:
    """The answer as the entry of a batch has it."""
    said = dict(response.headers)
    about = {"status": str(response.status)}
    for name, header in (("location", b"location"), ("etag", b"etag")):
        if header in said:
            about[name] = said[header].decode()
    if b"last-modified" in said:
        modified = parsedate_to_datetime(said[b"last-modified"].decode())
        about["lastModified"] = clock.instant(clock.milliseconds(modified))
    return b'{%s"response":%s}' % (_resource(response), json.dumps(about))


def _resource(response: Response) -> bytes:
    """What is no FHIR stands in a Binary."""
    if not response.body:
        return b""
    if response.media_type == FHIR_JSON:
        return b'"resource":%s,' % response.body
    data = b64encode(response.body).decode()
    binary = {"resourceType": "Binary", "contentType": response.media_type.decode(), "data": data}
    return b'"resource":%s,' % json.dumps(binary)

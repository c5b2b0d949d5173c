"""Puts the parts together: the only constructor of the store, the audit, the worker and the web application."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

import psycopg
import psycopg_pool
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from gateway import audit, clock, worker
from gateway.access import Tokens
from gateway.metrics import Metrics
from gateway.records import Source
from gateway.rest.dispatcher import Dispatcher, Send
from gateway.rest.incoming import BASE_PATH, Receive, Scope
from gateway.settings import Settings, development_tokens
from gateway.storage import store
from gateway.workflows import RULEBOOK

_WORKER_SILENCE_SECONDS = 60


class App:
    """The ASGI application: FHIR requests go to the dispatcher, everything else to FastAPI."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        now: clock.Clock = clock.now,
        revive: worker.Revive = lambda: None,
    ) -> None:
        self._settings = settings
        self._database_url = database_url
        self._now = now
        self._revive = revive
        self._metrics = Metrics()
        self._fhir: Dispatcher | None = None
        self._web = self._operations()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._fhir is not None and _is_fhir(scope["path"]):
            await self._fhir(scope, receive, send)
        else:
            await self._web(scope, receive, send)

    def _operations(self) -> FastAPI:
        web = FastAPI(title="fdgw", version=version("fdgw"), lifespan=self._lifespan, openapi_url=None)

        @web.get("/livez")
        async def livez() -> dict[str, str]:
            return {"status": "ok"}

        @web.get("/readyz")
        async def readyz() -> JSONResponse:
            checks = {"database": await self._database_answers(), "worker": self._worker_runs()}
            told = {name: "ok" if fine else "unavailable" for name, fine in checks.items()}
            ready = all(checks.values())
            return JSONResponse({"status": "ok" if ready else "unavailable", "checks": told}, 200 if ready else 503)

        @web.get("/metrics")
        async def metrics() -> Response:
            return Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

        return web

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(1):
                await self._source.store.query("SELECT 1", {})
        except (psycopg.Error, psycopg_pool.PoolTimeout, TimeoutError):
            return False
        return True

    def _worker_runs(self) -> bool:
        return time.time() - self._metrics.worker_ran_at < _WORKER_SILENCE_SECONDS + self._settings.worker_seconds

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        settings = self._settings
        async with store.opened(self._database_url) as opened, audit.running(opened) as trail:
            self._source = Source(opened, trail, RULEBOOK, self._now, clock.RowIds())
            tokens = Tokens(development_tokens(settings.data_dir))
            self._fhir = Dispatcher(self._source, tokens, self._metrics, settings.body_limit, settings.base_url)
            rounds = asyncio.ensure_future(
                worker.run(
                    self._source,
                    self._metrics,
                    seconds=settings.worker_seconds,
                    outbox_days=settings.outbox_days,
                    revive=self._revive,
                )
            )
            try:
                yield
            finally:
                rounds.cancel()
                with suppress(asyncio.CancelledError):
                    await rounds


def _is_fhir(path: str) -> bool:
    return path.startswith(BASE_PATH) and path[len(BASE_PATH) : len(BASE_PATH) + 1] in {"", "/"}

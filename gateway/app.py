"""Puts the parts together: the only constructor of the store, the audit, the worker and the web application."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import psycopg
import psycopg_pool
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from gateway import audit, clock, compilable, worker
from gateway.access import Tokens
from gateway.errors import FhirError
from gateway.guides import KINDS, Guides
from gateway.jobs import Jobs
from gateway.metrics import Metrics
from gateway.records import Source
from gateway.rest import later, openapi, outcome, routes, tagged
from gateway.rest.dispatcher import Dispatcher, Send
from gateway.rest.incoming import BASE_PATH, Receive, Scope
from gateway.search import paging
from gateway.search.paging import Seals
from gateway.search.parameters import Catalogue
from gateway.search_parameters import SearchParameters
from gateway.settings import Settings, development_tokens
from gateway.storage import store
from gateway.work import Ground, Rulebook
from gateway.worker import Learned
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

        @web.get("/openapi.json")
        async def openapi_document(request: Request) -> Response:
            return self._described(request)

        return web

    def _described(self, request: Request) -> Response:
        server = self._settings.base_url or BASE_PATH
        try:
            types = openapi.types(request.query_params.getlist("type"))
        except FhirError as error:
            told = outcome.response(error)
            return Response(told.body, told.status, media_type=told.media_type.decode())
        content = openapi.document(routes.ROUTES, self._source.ground.catalogue, types, server)
        headers = {"ETag": tagged.tag(content), "Cache-Control": "no-cache"}
        if tagged.is_known(request.headers.get("if-none-match", "").encode("latin-1"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/json")

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(1):
                await self._source.ground.store.query("SELECT 1", {})
        except (psycopg.Error, psycopg_pool.PoolTimeout, TimeoutError):
            return False
        return True

    def _worker_runs(self) -> bool:
        return time.time() - self._metrics.worker_ran_at < _WORKER_SILENCE_SECONDS + self._settings.worker_seconds

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        settings = self._settings
        async with store.opened(self._database_url) as opened, audit.running(opened) as trail:
            guides = Guides(opened, 1)
            await guides.learn()
            ground = Ground(
                opened,
                _rulebook(),
                Catalogue(),
                self._now,
                clock.RowIds(),
                guides.current,
                integrity=settings.referential_integrity,
            )
            jobs = Jobs(opened, self._now)
            search_parameters = SearchParameters(opened, jobs, ground.catalogue, 1, 2 * settings.worker_seconds)
            await search_parameters.learn()
            seals = Seals(await opened.site("page-links", paging.new_key))
            follow = {**dict.fromkeys(KINDS, guides.follow), "SearchParameter": search_parameters.follow}
            self._source = Source(ground, trail, seals, jobs, follow, multiple_delete=settings.multiple_delete)
            learned = Learned(guides, search_parameters)
            tokens = Tokens(development_tokens(settings.data_dir))
            rounds = worker.running(self._source, self._metrics, learned, settings, self._revive)
            async with later.running(jobs) as answers, rounds:
                self._fhir = Dispatcher(self._source, tokens, self._metrics, settings, answers)
                yield


def _rulebook() -> Rulebook:
    """The rules of the domain, and what the server itself asks of the resources that it works by."""
    rules = {**RULEBOOK.rules, "SearchParameter": (compilable.require,)}
    return Rulebook(rules, {**RULEBOOK.claims, "SearchParameter": compilable.claims})


def _is_fhir(path: str) -> bool:
    return path.startswith(BASE_PATH) and path[len(BASE_PATH) : len(BASE_PATH) + 1] in {"", "/"}

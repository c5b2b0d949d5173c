"""The floor of the gateway's numbers: the same bytes through a bare ASGI application and the bare grouped statements.

No routing, access, validation, index extraction or audit; what remains is HTTP, the driver and PostgreSQL.
"""

import os
import socket
from typing import Any

import uvicorn

from gateway import clock
from gateway.search import index
from gateway.storage import store
from gateway.storage.rows import Change, Rows, Stored, Unit
from gateway.work import render
from profiles import json

row_id = clock.RowIds()


class Floor:
    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            self._opened = store.opened(self._database_url)
            self._store = await self._opened.__aenter__()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._opened.__aexit__(None, None, None)
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = await self._get(scope["path"]) if scope["method"] == "GET" else await self._post(receive)
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async def _get(self, path: str) -> bytes:
        _, _, kind, resource_id = path.split("/")
        found = await self._store.reader.by_id.get(1, [(kind, resource_id)])
        return found[kind, resource_id].content

    async def _post(self, receive: Any) -> bytes:
        message = await receive()
        if not hasattr(self, "_rows"):
            resource = json.loads(message["body"])
            self._rows = index.rows(resource)
            self._content = render({**resource, "id": clock.uuid7()}, 1, 0)
        stored = Stored("Patient", clock.uuid7(), row_id(), 1, 0, deleted=False, content=self._content)
        await self._store.writer.commit(Unit(1, (Change(stored, "create", row_id(), self._rows, Rows()),)))
        return self._content


if __name__ == "__main__":
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)
    print(f"floor ready at http://127.0.0.1:{listening.getsockname()[1]}/fhir", flush=True)
    config = uvicorn.Config(Floor(os.environ["FDGW_DATABASE_URL"]), log_config=None, access_log=False)
    uvicorn.Server(config).run([listening])

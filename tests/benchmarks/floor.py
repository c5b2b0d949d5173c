"""The floor of the gateway's numbers: the same bytes through a bare ASGI application and the bare statements.

No routing, access, validation, index extraction or audit; what remains is HTTP, the driver and PostgreSQL. Below
`/fhir/echo` not even those: as many bytes as the query asks for, or as were sent.
"""

import os
import socket
from typing import Any

import uvicorn

from gateway import clock
from gateway.drafts import render
from gateway.search import index
from gateway.search.parameters import Catalogue
from gateway.storage import store
from gateway.storage.rows import Change, Rows, Stored, Unit
from profiles import json

TENANT = 1
row_id = clock.RowIds()
_ROWS = "SELECT content FROM resource WHERE tenant = %(tenant)s::smallint AND rid = ANY(%(rid)s::bigint[])"


class Floor:
    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._catalogue = Catalogue()
        self._made: dict[str, list[tuple[str, bytes, Rows]]] = {}

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
        body = await self._answer(scope["method"], scope["path"], scope["query_string"].decode(), receive)
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, method: str, path: str, query: str, receive: Any) -> bytes:
        match method, path.removeprefix("/fhir").split("/"):
            case "GET", ["", "echo"]:
                return b" " * int(query)
            case _, ["", "echo"]:
                return await _body(receive)
            case "GET", ["", "rows"]:
                found = await self._store.query(_ROWS, {"tenant": TENANT, "rid": f"{{{query}}}"})
                return b"".join(content for (content,) in found)
            case "GET", ["", kind, own]:
                found = await self._store.reader.by_id.get(TENANT, [(kind, own)])
                return found[kind, own].content
            case "PUT", ["", kind, own]:
                return await self._update(kind, own, await _body(receive))
            case _:
                return await self._create(path, await _body(receive))

    async def _update(self, kind: str, own: str, body: bytes) -> bytes:
        """The next version with other content; the index stays as it is."""
        old = (await self._store.reader.by_id.get(TENANT, [(kind, own)]))[kind, own]
        stored = old._replace(version=old.version + 1, content=body)
        change = Change(stored, 0, 0, "update", row_id(), Rows(), Rows())
        await self._store.writer.commit(Unit(TENANT, (change,)))
        return body

    async def _create(self, path: str, body: bytes) -> bytes:
        """What was sent there first, under new ids."""
        if path not in self._made:
            sent = json.loads(body)
            resources = [entry["resource"] for entry in sent["entry"]] if "entry" in sent else [sent]
            self._made[path] = [
                (one["resourceType"], render({**one, "id": clock.uuid7()}, 1, 0), index.rows(self._catalogue, one))
                for one in resources
            ]
        changes = []
        for kind, content, rows in self._made[path]:
            rid = row_id()
            stored = Stored(kind, clock.uuid7(), rid, 1, 0, deleted=False, content=content)
            changes.append(Change(stored, rid, rows.sort, "create", row_id(), rows, Rows()))
        await self._store.writer.commit(Unit(TENANT, tuple(changes)))
        return b"".join(content for _, content, _ in self._made[path])


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    return body


if __name__ == "__main__":
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)
    print(f"floor ready at http://127.0.0.1:{listening.getsockname()[1]}/fhir", flush=True)
    config = uvicorn.Config(Floor(os.environ["FDGW_DATABASE_URL"]), log_config=None, access_log=False)
    uvicorn.Server(config).run([listening])

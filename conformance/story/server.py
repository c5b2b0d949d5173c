"""What the story asks of a FHIR server. https://hl7.org/fhir/R4/http.html"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from conformance.errors import ServerError
from profiles import json
from profiles.http import AsyncClient, Response
from profiles.json import Resource

_PAUSE = 0.05


async def search(http: AsyncClient, resource_type: str, parameters: dict[str, str]) -> list[Resource]:
    """The first hundred that match."""
    answer = await http.get(resource_type, params={**parameters, "_count": "100"})
    return [entry["resource"] for entry in _body(answer).get("entry", ())]


async def read(http: AsyncClient, reference: str) -> Resource | None:
    """The resource at `Type/id`; None where there is none."""
    answer = await http.get(reference)
    return None if answer.status_code in {404, 410} else _body(answer)


async def transact(http: AsyncClient, bundle: Resource) -> None:
    """Applies a transaction Bundle; `ServerError` with what the server says about it."""
    _body(await http.post(str(http.base_url).rstrip("/"), content=json.dumps(bundle)))


async def until(probe: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Asks again and again until it is so, or for so long."""
    deadline = time.monotonic() + seconds
    while not await probe():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_PAUSE)
    return True


def _body(answer: Response) -> Any:  # noqa: ANN401 - any resource
    if answer.is_success:
        return json.loads(answer.content)
    # The query may name a resident; the path does not.
    asked = f"{answer.request.method} {answer.request.url.path}"
    raise ServerError(asked, answer.status_code, answer.text[:2000])

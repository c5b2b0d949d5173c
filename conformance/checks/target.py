"""The server under test: its address, what it says of itself, and what this run made on it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conformance.checks.answer import Answer, place
from conformance.checks.claims import Claims
from conformance.checks.redaction import Redaction, secret_name
from conformance.checks.trace import Exchange, Trace
from profiles import json
from profiles.http import AsyncClient, HTTPError, Response
from profiles.json import Resource

_FHIR = "application/fhir+json"

Body = Resource | list[object] | str | bytes | None


@dataclass(slots=True)
class Target:
    http: AsyncClient
    base: str
    token: str | None
    inputs: Mapping[str, str]
    expected: tuple[str, ...]
    """Patterns of claims that the preset takes for granted."""
    capability: Resource = field(default_factory=dict)
    made: dict[str, None] = field(default_factory=dict)
    """`Type/id`, in the order in which they came into being."""
    left: list[str] = field(default_factory=list)
    """What could not be removed."""
    removed: int = 0
    claims: Claims = field(init=False)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.claims = Claims(self.capability, self.expected)

    @property
    def redaction(self) -> Redaction:
        hidden = [value for name, value in self.inputs.items() if secret_name(name)]
        secrets = [one for one in (self.token or "", *hidden) if len(one) >= 4]
        return Redaction(secrets, self._known.__contains__)

    async def introduced(self) -> Answer:
        """Ask for the CapabilityStatement and keep it; raises `HTTPError` where nobody answers."""
        answer = await self.send(Trace(), "GET", "metadata", None, {}, authorized=True)
        try:
            found = json.loads(answer.content)
        except ValueError:
            found = {}
        if isinstance(found, dict) and found.get("resourceType") == "CapabilityStatement":
            self.capability = found
            self.claims = Claims(found, self.expected)
        return answer

    async def send(  # noqa: PLR0913 - a request has these parts
        self, trace: Trace, method: str, path: str, body: Body, headers: Mapping[str, str], *, authorized: bool
    ) -> Answer:
        """One request; raises `HTTPError` when there is no answer."""
        url, content = self.url(path), _bytes(body)
        sent = self._headers(url, headers, content is not None, authorized=authorized)
        started = time.monotonic()
        response = await self._response(method, url, content, sent)
        milliseconds = round((time.monotonic() - started) * 1000)
        self._note(method, url, response)
        exchange = self._exchange(f"{method} {url}", sent, content or b"", response, milliseconds)
        return Answer(response.status_code, response.headers, response.content, trace, trace.add(exchange))

    async def _response(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """A request under way comes to its end although the run is interrupted, or what it made would stay behind."""
        asking = asyncio.ensure_future(self.http.request(method, url, content=content, headers=headers))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            with suppress(HTTPError):
                self._note(method, url, await asking)
            raise

    def url(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else f"{self.base}/{path}".rstrip("/")

    def remember(self, reference: str) -> None:
        self.made[reference] = None
        self._known.add(reference)

    def _headers(self, url: str, given: Mapping[str, str], has_body: bool, *, authorized: bool) -> dict[str, str]:  # noqa: FBT001
        headers = {"Accept": _FHIR}
        if has_body:
            headers["Content-Type"] = _FHIR
        if authorized and self.token and _origin(url) == _origin(self.base):
            headers["Authorization"] = f"Bearer {self.token}"
        named = {name.lower() for name in given}
        return {**{name: value for name, value in headers.items() if name.lower() not in named}, **given}

    def _note(self, method: str, url: str, response: Response) -> None:
        """Remember what a request made."""
        if response.status_code == 201:
            self._remember_place(response.headers.get("Location", url if method == "PUT" else ""))
        if method == "POST" and response.status_code == 200 and b"-response" in response.content[:2000]:
            for entry in _entries(response.content):
                answered = entry.get("response")
                if isinstance(answered, dict) and str(answered.get("status", "")).startswith("201"):
                    self._remember_place(str(answered.get("location", "")))

    def _remember_place(self, location: str) -> None:
        found = place(urlsplit(location).path)
        if found:
            self.remember(f"{found[0]}/{found[1]}")

    def _exchange(
        self, request: str, sent: Mapping[str, str], content: bytes, response: Response, milliseconds: int
    ) -> Exchange:
        hidden = self.redaction
        media = response.headers.get("Content-Type", "")
        return Exchange(
            "HTTP",
            hidden.text(request),
            hidden.headers(sent),
            hidden.sent(content),
            str(response.status_code),
            hidden.headers(response.headers),
            hidden.received(response.content, media),
            milliseconds,
        )


def _bytes(body: Body) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _entries(content: bytes) -> list[Resource]:
    try:
        found = json.loads(content)
    except ValueError:
        return []
    entries = found.get("entry") if isinstance(found, dict) else None
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []

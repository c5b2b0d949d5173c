"""HTTP as our programs speak it to others, with limits on time and connections; the only import of httpx."""

from httpx import AsyncClient, HTTPError, Limits, Response, Timeout

__all__ = ["AsyncClient", "HTTPError", "Response", "client"]

_HEADERS = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}


def client(base_url: str, token: str, *, seconds: float = 30, connections: int = 16) -> AsyncClient:
    """A pooled client of one FHIR server; requests are relative to `base_url`."""
    return AsyncClient(
        base_url=base_url,
        headers={**_HEADERS, "Authorization": f"Bearer {token}"},
        timeout=Timeout(seconds, connect=5),
        limits=Limits(max_connections=connections, max_keepalive_connections=connections),
    )

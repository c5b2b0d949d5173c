"""What a version of a resource says of itself in HTTP headers. https://hl7.org/fhir/R4/http.html#versioning"""

import re
from email.utils import formatdate
from functools import lru_cache

from gateway.errors import BadRequest
from gateway.rest import conditions
from gateway.rest.exchange import Request, Response
from gateway.storage.rows import Stored

_ETAG = re.compile(rb'(?:W/)?"(\d{1,9})"')


def versioned(stored: Stored) -> tuple[tuple[bytes, bytes], ...]:
    return (b"etag", b'W/"%d"' % stored.version), (b"last-modified", _http_date(stored.last_updated // 1000))


@lru_cache(maxsize=4096)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def located(request: Request, stored: Stored) -> tuple[tuple[bytes, bytes], ...]:
    location = f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}"
    return *versioned(stored), (b"location", location.encode())


def if_match(request: Request) -> int | None:
    """The version that the client expects to replace."""
    value = request.headers.get(b"if-match")
    if value is None:
        return None
    return etag_version(value)


def etag_version(value: bytes) -> int:
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise BadRequest("FD-IF-MATCH", 'If-Match 应写作 W/"版本号"。', 'If-Match is written W/"version".')
    return int(match.group(1))


def unchanged(request: Request, stored: Stored) -> Response | None:
    """304 for a client that already has this version."""
    if conditions.known(request.headers, stored.version, stored.last_updated):
        return Response(304, headers=versioned(stored))
    return None

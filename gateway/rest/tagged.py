"""An answer that is the same until something changes: with an ETag of its content, and 304 for who has it.

https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
"""

import hashlib

from gateway.rest import fields
from gateway.rest.exchange import Request, Response


def answer(request: Request, body: bytes) -> Response:
    own = tag(body)
    about = (b"etag", own.encode()), (b"cache-control", b"no-cache")
    if is_known(request.headers.get(b"if-none-match", b""), own):
        return Response(304, headers=about)
    return Response(200, body, about)


def tag(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def is_known(given: bytes, own: str) -> bool:
    """Whether If-None-Match names the tag; weak and strong tags are compared alike."""
    asked = fields.split(given.decode("latin-1"), ",")
    return asked == ["*"] or own.removeprefix("W/") in {one.removeprefix("W/") for one in asked}

"""Which pages of other origins may use the API from a browser. https://fetch.spec.whatwg.org/#http-cors-protocol"""

from collections.abc import Iterable, Mapping

Headers = tuple[tuple[bytes, bytes], ...]

_EXPOSED = b"ETag, Location, Content-Location, Last-Modified, Retry-After, X-Request-Id"
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_ALLOWED = (
    b"Authorization, Content-Type, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, "
    b"X-Request-Id, X-Security-Context"
)
_REMEMBERED_SECONDS = b"600"


def headers(origins: Iterable[str], method: str, asked: Mapping[bytes, bytes]) -> Headers:
    """What an answer says to the browser: nothing, unless the origin is one of `origins` or these have `*`.

    Cookies are never asked for: who may do what is in the token, and a page must have been given it.
    """
    known = frozenset(origins)
    if not known:
        return ()
    anybody = "*" in known
    varies: Headers = () if anybody else ((b"vary", b"Origin"),)
    origin = asked.get(b"origin")
    if origin is None or not (anybody or origin.decode("latin-1") in known):
        return varies
    allowed: Headers = (*varies, (b"access-control-allow-origin", b"*" if anybody else origin))
    if method == "OPTIONS" and b"access-control-request-method" in asked:
        return (*allowed, *_PREFLIGHT)
    return (*allowed, (b"access-control-expose-headers", _EXPOSED))


_PREFLIGHT: Headers = (
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", _ALLOWED),
    (b"access-control-max-age", _REMEMBERED_SECONDS),
)

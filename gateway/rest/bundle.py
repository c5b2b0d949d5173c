"""Bundles by joining stored bytes: nothing is decoded to be sent. https://hl7.org/fhir/R4/bundle.html"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from gateway.clock import instant
from gateway.errors import Issue
from gateway.finding import Found, Place
from gateway.histories import Sight
from gateway.rest import outcome, shaping
from gateway.rest.exchange import Request
from gateway.rest.shaping import Shape
from gateway.storage.rows import Stored, Version
from profiles import json

_OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""An id that the server gave, as it gives one to everything that is created by POST."""
_WHOLE = Shape()


def searchset(request: Request, place: Place, found: Found, shape: Shape = _WHOLE) -> bytes:
    base = "/".join(part for part in (request.base, place.path) if part)
    links = [("self", _link(base, found.query.applied))]
    if found.cursor:
        links.append(("next", _link(base, [("_cursor", found.cursor)])))
    entries = [_entry(request, stored, "match", shape) for stored in found.matches]
    entries += [_entry(request, stored, "include", shape) for stored in found.included]
    issues = (
        [_ignored(name) for name in found.query.ignored]
        + ([_CUT] if found.cut else [])
        + ([_DROPPED] if found.dropped else [])
    )
    if issues:
        entries.append(json.dumps({"resource": outcome.outcome(issues), "search": {"mode": "outcome"}}))
    return _bundle("searchset", links, entries, found.total)


def _entry(request: Request, stored: Stored, mode: str, shape: Shape) -> bytes:
    content = shaping.shaped(stored.content, shape, included=mode == "include")
    url = f"{request.base}/{stored.type}/{stored.id}"
    return b'{"fullUrl":"%s","resource":%s,"search":{"mode":"%s"}}' % (url.encode(), content, mode.encode())


def history(request: Request, sight: Sight, versions: Sequence[Version], cursor: str | None) -> bytes:
    """The total is told of a whole history of one resource."""
    base = f"{request.base}/{sight.path}"
    shape = shaping.shape(request.query)
    links = [("self", _link(base, request.query))]
    if cursor:
        links.append(("next", _link(base, [("_cursor", cursor)])))
    total = versions[0].stored.version if sight.id and not sight.is_partial and versions else None
    return _bundle("history", links, [_version(request, version, shape) for version in versions], total)


def _version(request: Request, version: Version, shape: Shape) -> bytes:
    stored = version.stored
    url = f"{stored.type}/{stored.id}"
    created = version.after_deletion is not False
    posted = version.after_deletion is None and stored.version == 1 and _OURS.fullmatch(stored.id)
    method = "DELETE" if stored.deleted else "POST" if posted else "PUT"
    status = "204" if stored.deleted else "201" if created else "200"
    about = {
        "request": {"method": method, "url": stored.type if posted else url},
        "response": {"status": status, "etag": f'W/"{stored.version}"', "lastModified": instant(stored.last_updated)},
    }
    resource = b"" if stored.deleted else b'"resource":%s,' % shaping.shaped(stored.content, shape)
    return b'{"fullUrl":"%s/%s",%s%s' % (request.base.encode(), url.encode(), resource, json.dumps(about)[1:])


def _bundle(kind: str, links: list[tuple[str, str]], entries: Iterable[bytes], total: int | None) -> bytes:
    head = {"resourceType": "Bundle", "type": kind}
    counted = head if total is None else {**head, "total": total}
    linked = json.dumps({**counted, "link": [{"relation": name, "url": url} for name, url in links]})
    joined = b",".join(entries)
    return b'%s,"entry":[%s]}' % (linked[:-1], joined) if joined else linked


def _link(base: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs), safe="/:,|")
    return f"{base}?{query}" if query else base


_CUT = Issue(
    "incomplete",
    "FD-INCLUDE-CUT",
    "随附的资源超过一页所能容纳的数量;其余在下一页(link next)。",
    "There are more included resources than a page holds; the rest is on the next page (link next).",
    severity="warning",
)


_DROPPED = Issue(
    "incomplete",
    "FD-INCLUDE-DROPPED",
    "随附的资源过多,只给出其中一部分;请减小 _count 或减少 _include、_revinclude。",
    "There are too many included resources, and some are left out; ask for fewer matches (_count) or fewer includes.",
    severity="warning",
)


def _ignored(name: str) -> Issue:
    return Issue(
        "not-supported",
        "FD-SEARCH-IGNORED",
        f"已忽略未知的检索参数 {name[:64]}。",
        f"The unknown search parameter {name[:64]} was ignored.",
        severity="warning",
    )

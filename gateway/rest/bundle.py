"""Bundles by joining stored bytes: nothing is decoded to be sent. https://hl7.org/fhir/R4/bundle.html"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from gateway.clock import instant
from gateway.errors import Issue
from gateway.records import Page
from gateway.rest import outcome
from gateway.rest.exchange import Request
from gateway.storage.rows import Stored
from profiles import json

_OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""An id that the server gave, as it gives one to everything that is created by POST."""


def searchset(request: Request, resource_type: str, page: Page) -> bytes:
    base = f"{request.base}/{resource_type}"
    links = [("self", _link(base, page.query.applied))]
    if page.cursor:
        links.append(("next", _link(base, (*page.query.applied, ("_cursor", page.cursor)))))
    prefix = f'{{"fullUrl":"{base}/'.encode()
    entries = [
        b"".join((prefix, stored.id.encode(), b'","resource":', stored.content, b',"search":{"mode":"match"}}'))
        for stored in page.matches
    ]
    if page.query.ignored:
        entries.append(_ignored(page.query.ignored))
    return _bundle("searchset", links, entries, page.total)


def history(request: Request, versions: Sequence[Stored], count: int) -> bytes:
    """The `count` newest of all versions; the total is that of all."""
    newest = versions[0]
    base = f"{request.base}/{newest.type}/{newest.id}"
    links = [("self", _link(f"{base}/_history", [("_count", str(count))]))]
    pairs = zip(versions[:count], [*versions[1:], None], strict=False)
    return _bundle("history", links, [_version(base, stored, before) for stored, before in pairs], len(versions))


def _version(base: str, stored: Stored, before: Stored | None) -> bytes:
    created = before is None or before.deleted
    posted = before is None and _OURS.fullmatch(stored.id)
    method = "DELETE" if stored.deleted else "POST" if posted else "PUT"
    status = "204" if stored.deleted else "201" if created else "200"
    about = {
        "request": {"method": method, "url": stored.type if posted else f"{stored.type}/{stored.id}"},
        "response": {"status": status, "etag": f'W/"{stored.version}"', "lastModified": instant(stored.last_updated)},
    }
    resource = b"" if stored.deleted else b'"resource":' + stored.content + b","
    return b'{"fullUrl":"%s",%s%s' % (base.encode(), resource, json.dumps(about)[1:])


def _bundle(kind: str, links: list[tuple[str, str]], entries: Iterable[bytes], total: int | None) -> bytes:
    head = {"resourceType": "Bundle", "type": kind}
    counted = head if total is None else {**head, "total": total}
    linked = json.dumps({**counted, "link": [{"relation": name, "url": url} for name, url in links]})
    joined = b",".join(entries)
    return b'%s,"entry":[%s]}' % (linked[:-1], joined) if joined else linked


def _link(base: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs), safe="/:,|")
    return f"{base}?{query}" if query else base


def _ignored(names: Iterable[str]) -> bytes:
    issues = [
        Issue(
            "not-supported",
            "FD-SEARCH-IGNORED",
            f"已忽略未知的检索参数 {name[:64]}。",
            f"The unknown search parameter {name[:64]} was ignored.",
            severity="warning",
        )
        for name in names
    ]
    return json.dumps({"resource": outcome.outcome(issues), "search": {"mode": "outcome"}})

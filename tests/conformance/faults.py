"""The ways in which a server may be broken, by name; the suites must notice each."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

import httpx

from profiles.definitions import resource_types
from tests.conformance.broken_server import Call, Fault, Forward, Reply

_PAUSE = 0.1
"""Seconds between looking and writing."""


def _no_fault(call: Call, forward: Forward) -> Reply:
    return forward(call)


def _drops_etag(call: Call, forward: Forward) -> Reply:
    return forward(call).without("ETag")


def _ignores_if_match(call: Call, forward: Forward) -> Reply:
    return forward(_entries_without(call.without("If-Match"), "ifMatch"))


def _entries_without(call: Call, name: str) -> Call:
    bundle = call.resource
    if bundle.get("resourceType") != "Bundle":
        return call
    for entry in bundle.get("entry") or []:
        entry.get("request", {}).pop(name, None)
    return call.with_resource(bundle)


def _knows_every_type(call: Call, forward: Forward) -> Reply:
    kind = (call.segments or ["metadata"])[0]
    reply = forward(call)
    if kind in resource_types() or kind == "metadata" or kind[0] in "_$" or reply.status != 404:
        return reply
    return replace(reply, status=200).with_resource({"resourceType": "Bundle", "type": "searchset", "total": 0})


def _loses_a_page(call: Call, forward: Forward) -> Reply:
    """The next link of the first page of a search leads to the third."""
    reply = forward(call)
    bundle = reply.resource
    following = [one for one in bundle.get("link", []) if one["relation"] == "next"]
    if bundle.get("type") != "searchset" or not following or "_id=" not in call.path:
        return reply
    second = urlsplit(following[0]["url"])
    skipped = forward(replace(call, path=f"{second.path}?{second.query}")).resource
    others = [one for one in bundle["link"] if one["relation"] != "next"]
    return reply.with_resource(
        {**bundle, "link": others + [one for one in skipped["link"] if one["relation"] == "next"]}
    )


def _ignores_if_none_exist(call: Call, forward: Forward) -> Reply:
    return forward(_entries_without(call.without("If-None-Exist"), "ifNoneExist"))


def _races_if_none_exist(call: Call, forward: Forward) -> Reply:
    """Looks first, creates afterwards: right as long as nobody else does the same."""
    criteria = call.headers.get("If-None-Exist")
    if call.method != "POST" or not criteria:
        return forward(call)
    found = forward(replace(call, method="GET", path=f"{call.path}?{criteria}", body=b"").without("If-None-Exist"))
    if found.resource.get("entry"):
        return forward(call)
    time.sleep(_PAUSE)
    return forward(call.without("If-None-Exist"))


def _races_if_match(call: Call, forward: Forward) -> Reply:
    """Compares first, writes afterwards."""
    wanted = call.headers.get("If-Match")
    if call.method != "PUT" or not wanted:
        return forward(call)
    current = forward(replace(call, method="GET", body=b"").without("If-Match"))
    if current.headers.get("ETag") != wanted:
        return forward(call)
    time.sleep(_PAUSE)
    return forward(call.without("If-Match"))


def _leaks_500(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    if reply.status not in {400, 422} or call.method != "POST":
        return reply
    return Reply(500, httpx.Headers({"content-type": "text/html"}), b"<h1>NullPointerException</h1>")


def _wrong_last_modified(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    said = reply.headers.get("Last-Modified")
    if not said:
        return reply
    wrong = format_datetime(parsedate_to_datetime(said) + timedelta(hours=8), usegmt=True)
    return replace(reply, headers=httpx.Headers({**reply.headers, "last-modified": wrong}))


def _drops_total(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    bundle = reply.resource
    if bundle.get("type") != "searchset":
        return reply
    return reply.with_resource({name: value for name, value in bundle.items() if name != "total"})


def _counts_the_page(call: Call, forward: Forward) -> Reply:
    """The total is that of the page."""
    reply = forward(call)
    bundle = reply.resource
    if bundle.get("type") != "searchset" or "entry" not in bundle:
        return reply
    return reply.with_resource({**bundle, "total": len(bundle["entry"])})


def _ignores_unknown_parameters(call: Call, forward: Forward) -> Reply:
    """And claims in the self link that they were applied."""
    reply = forward(call.with_header("Prefer", "handling=lenient") if call.method == "GET" else call)
    bundle = reply.resource
    if bundle.get("type") != "searchset" or "no-such-parameter" not in call.path:
        return reply
    for link in bundle["link"]:
        if link["relation"] == "self":
            link["url"] += "&no-such-parameter=1"
    return reply.with_resource(bundle)


def _forgets_deletions(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    return replace(reply, status=404) if reply.status == 410 else reply


def _keeps_client_ids(call: Call, forward: Forward) -> Reply:
    given = call.resource.get("id")
    if call.method != "POST" or len(call.segments) != 1 or not given:
        return forward(call)
    return forward(replace(call, method="PUT", path=f"{call.path}/{given}"))


def _loses_decimals(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    return reply.with_resource(reply.resource) if reply.resource.get("resourceType") == "Observation" else reply


def _splits_transactions(call: Call, forward: Forward) -> Reply:
    """Runs a transaction as a batch."""
    bundle = call.resource
    if bundle.get("type") != "transaction":
        return forward(call)
    reply = forward(call.with_resource({**bundle, "type": "batch"}))
    answered = reply.resource
    return reply.with_resource({**answered, "type": "transaction-response"}) if reply.status == 200 else reply


def _misses_open_periods(call: Call, forward: Forward) -> Reply:
    """In searches by date, a period needs both ends."""
    reply = forward(call)
    bundle = reply.resource
    if call.segments != ["Encounter"] or "date=" not in call.path:
        return reply
    entries = [one for one in bundle.get("entry", []) if len(one["resource"].get("period", {})) == 2]
    return reply.with_resource({**bundle, "entry": entries})


def _says_nothing(call: Call, forward: Forward) -> Reply:
    """Errors have no OperationOutcome."""
    reply = forward(call)
    if reply.status < 400:
        return reply
    return Reply(reply.status, httpx.Headers({**reply.headers, "content-type": "text/plain"}), b"an error")


def _includes_as_matches(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    bundle = reply.resource
    if bundle.get("type") != "searchset":
        return reply
    for entry in bundle.get("entry", []):
        if entry["search"]["mode"] == "include":
            entry["search"]["mode"] = "match"
    return reply.with_resource(bundle)


def _never_304(call: Call, forward: Forward) -> Reply:
    return forward(call.without("If-None-Match").without("If-Modified-Since"))


def _not_skips_missing(call: Call, forward: Forward) -> Reply:
    """`:not` leaves out what has no such element."""
    asked = [name for name, _ in parse_qsl(urlsplit(call.path).query) if name.endswith(":not")]
    if not asked:
        return forward(call)
    return forward(replace(call, path=f"{call.path}&{asked[0].removesuffix(':not')}:missing=false"))


def _hides_deletions(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    bundle = reply.resource
    if bundle.get("type") != "history":
        return reply
    entries = [one for one in bundle.get("entry", []) if one["request"]["method"] != "DELETE"]
    return reply.with_resource({**bundle, "entry": entries})


def _refuses_modifiers(call: Call, forward: Forward) -> Reply:
    """And sorting: with 400, as R4 asks of those that know neither."""
    asked = {name for name, _ in parse_qsl(urlsplit(call.path).query)}
    modified = {name for name in asked if name.partition(":")[2] in {"exact", "contains", "not", "missing"}}
    if not modified and "_sort" not in asked:
        return forward(call)
    issue = {"severity": "error", "code": "not-supported", "diagnostics": "not supported"}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    return Reply(400, httpx.Headers({"content-type": "application/fhir+json"}), body)


FAULTS: dict[str, Fault] = {
    "none": _no_fault,
    "drops-etag": _drops_etag,
    "ignores-if-match": _ignores_if_match,
    "knows-every-type": _knows_every_type,
    "loses-a-page": _loses_a_page,
    "ignores-if-none-exist": _ignores_if_none_exist,
    "races-if-none-exist": _races_if_none_exist,
    "races-if-match": _races_if_match,
    "leaks-500": _leaks_500,
    "wrong-last-modified": _wrong_last_modified,
    "drops-total": _drops_total,
    "counts-the-page": _counts_the_page,
    "ignores-unknown-parameters": _ignores_unknown_parameters,
    "forgets-deletions": _forgets_deletions,
    "keeps-client-ids": _keeps_client_ids,
    "loses-decimals": _loses_decimals,
    "splits-transactions": _splits_transactions,
    "misses-open-periods": _misses_open_periods,
    "says-nothing": _says_nothing,
    "includes-as-matches": _includes_as_matches,
    "never-304": _never_304,
    "not-skips-missing": _not_skips_missing,
    "hides-deletions": _hides_deletions,
    "refuses-modifiers": _refuses_modifiers,
}

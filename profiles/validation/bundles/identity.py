"""Whether each entry says under which URL its resource is known. https://hl7.org/fhir/R4/bundle.html#bundle-unique"""

import re
from collections.abc import Iterator

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, restful, text, thing
from profiles.validation.wordings_bundles import found

_WITHOUT = {"transaction", "transaction-response", "batch", "batch-response"}
"""A resource that is yet to be created has no identity."""

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.+", re.DOTALL)
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|urn:oid:[0-2](\.(0|[1-9][0-9]*))+")


def issues(bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    required = text(bundle.get("type")) not in _WITHOUT
    for entry in held:
        if entry.full_url:
            yield from _of_url(entry)
        elif required and entry.resource and not _is_outcome(entry) and "fullUrl" not in entry.content:
            yield found("FD-BUNDLE-FULLURL-REQUIRED", f"{entry.expression}.fullUrl")


def _is_outcome(entry: Entry) -> bool:
    """What went wrong in a search is nothing that anybody could read again."""
    return thing(entry.content.get("search")).get("mode") == "outcome" and not entry.id


def _of_url(entry: Entry) -> Iterator[Issue]:
    url, place = entry.full_url, f"{entry.expression}.fullUrl"
    if not _ABSOLUTE.fullmatch(url):
        yield found("FD-BUNDLE-FULLURL-ABSOLUTE", place)
    elif url.startswith(("urn:uuid:", "urn:oid:")) and not _URN.fullmatch(url):
        yield found("FD-BUNDLE-FULLURL-URN", place)
    elif entry.resource and (address := restful(url)) and address[1:] != (entry.type, entry.id):
        yield found("FD-BUNDLE-FULLURL-ID", place)

"""Whether the requests of a batch or transaction can be carried out. https://hl7.org/fhir/R4/http.html#transaction"""

import re
from collections.abc import Iterator

from profiles.definitions import resource_types
from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, text, thing
from profiles.validation.wordings_bundles import found

_INSTANCE = re.compile(r"([A-Z][A-Za-z]*)/([A-Za-z0-9\-.]{1,64})")
_TYPE = re.compile(r"([A-Z][A-Za-z]*)")
_OPERATION = re.compile(r"(?:([A-Z][A-Za-z]*)/(?:[A-Za-z0-9\-.]{1,64}/)?)?(?:\$[A-Za-z0-9\-]+|_search)")

FORMS = {
    "POST": "Type, Type/$operation, Type/_search",
    "PUT": "Type/id, Type?criteria",
    "PATCH": "Type/id, Type?criteria",
    "DELETE": "Type/id, Type?criteria",
}
_WITH_RESOURCE = {"PUT", "PATCH"}


def requests(_bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    for entry in held:
        request = thing(entry.content.get("request"))
        method, url = text(request.get("method")), text(request.get("url"))
        if method in FORMS and url and ":" not in url.partition("?")[0]:
            yield from _of_url(entry, method, url.removeprefix("/"))
        if method in _WITH_RESOURCE and "resource" not in entry.content:
            yield found("FD-BUNDLE-REQUEST-RESOURCE", f"{entry.expression}.resource", method=method)


def _of_url(entry: Entry, method: str, url: str) -> Iterator[Issue]:
    place = f"{entry.expression}.request.url"
    path, _, criteria = url.partition("?")
    if method == "POST" and _OPERATION.fullmatch(path):
        return
    instance = _INSTANCE.fullmatch(path)
    matched = _TYPE.fullmatch(path) if method == "POST" or criteria else instance
    if matched is None or matched[1] not in resource_types():
        yield found("FD-BUNDLE-REQUEST-URL", place, method=method, form=FORMS[method])
    elif method in {"POST", "PUT"} and entry.resource and not _is_of(entry, matched):
        yield found("FD-BUNDLE-REQUEST-TYPE", place)


def _is_of(entry: Entry, address: re.Match[str]) -> bool:
    """A binary is sent as whatever it is; a resource that is yet to be created need have no id."""
    if address[1] not in {entry.type, "Binary"}:
        return False
    return address.re is not _INSTANCE or not entry.id or entry.id == address[2]


def overlaps(_bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    """The outcome of a transaction does not depend on the order of its entries."""
    seen: set[str] = set()
    for entry in held:
        request = thing(entry.content.get("request"))
        url = text(request.get("url")).removeprefix("/")
        if text(request.get("method")) in {"PUT", "PATCH", "DELETE"} and _INSTANCE.fullmatch(url):
            if url in seen:
                yield found("FD-BUNDLE-REQUEST-REPEATED", f"{entry.expression}.request.url")
            seen.add(url)

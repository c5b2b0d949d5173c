"""What OpenAPI says of every call of the table of routes. https://spec.openapis.org/oas/v3.1.1.html"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.rest.capability.declared import Call

_SEARCHING = (
    "_id",
    "_lastUpdated",
    "_filter",
    "_list",
    "_text",
    "_content",
    "_sort",
    "_count",
    "_total",
    "_include",
    "_revinclude",
    "_summary",
    "_elements",
    "_contained",
    "_cursor",
    "Prefer",
)
_HISTORY = ("_since", "_at", "_count", "_cursor", "_summary", "_elements")
_CHANGE = ("If-Match", "Prefer")
_WRITTEN = {"200": "Resource", "201": "Created"}
_DELETED = {"200": "Outcome", "204": "NoContent"}
_FOUND = {"200": "Bundle"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A call in OpenAPI's words: names of components."""

    name: str
    summary: str
    answers: Mapping[str, str]
    """Status → response."""
    parameters: tuple[str, ...] = ()
    body: str = ""
    own: bool = False
    """It takes the search parameters of the type."""


CALLS: Mapping[Call, Facts] = {
    ((), "POST"): Facts("transact", "Batch or transaction", {"200": "Bundle"}, ("Prefer",), "Bundle"),
    ((), "GET"): Facts("search", "Search several types", _FOUND, ("_type", *_SEARCHING)),
    (("_search",), "GET"): Facts("searchByGet", "Search several types", _FOUND, ("_type", *_SEARCHING)),
    (("_search",), "POST"): Facts("searchByPost", "Search several types", _FOUND, ("Prefer",), "Search"),
    (("_history",), "GET"): Facts("history", "Versions of all resources, newest first", _FOUND, _HISTORY),
    (("metadata",), "GET"): Facts(
        "metadata",
        "What this server can do",
        {"200": "Resource", "304": "NotModified"},
        ("mode", "_summary", "_elements", "If-None-Match"),
    ),
    (("_async", "*"), "GET"): Facts(
        "jobStatus", "How far a job is, or what came of it", {"200": "Resource", "202": "Accepted"}
    ),
    (("_async", "*"), "DELETE"): Facts("jobCancel", "Give up a job", {"202": "Accepted"}),
    (("*",), "GET"): Facts("search", "Search", _FOUND, _SEARCHING, own=True),
    (("*", "_search"), "GET"): Facts("searchByGet", "Search, with the parameters of GET [type]", _FOUND, _SEARCHING),
    (("*", "_search"), "POST"): Facts("searchByPost", "Search by form", _FOUND, ("Prefer",), "Search"),
    (("*",), "POST"): Facts("create", "Create", _WRITTEN, ("If-None-Exist", "Prefer"), "Resource"),
    (("*",), "PUT"): Facts("updateMatching", "Update what matches", _WRITTEN, ("criteria", *_CHANGE), "Resource"),
    (("*",), "PATCH"): Facts(
        "patchMatching", "Patch what matches", {"200": "Resource"}, ("criteria", *_CHANGE), "Patch"
    ),
    (("*",), "DELETE"): Facts("deleteMatching", "Delete what matches", _DELETED, ("criteria", "Prefer")),
    (("*", "_history"), "GET"): Facts("historyOf", "Versions of all resources of the type", _FOUND, _HISTORY),
    (("*", "*"), "GET"): Facts(
        "read",
        "Read",
        {"200": "Resource", "304": "NotModified"},
        ("_summary", "_elements", "If-None-Match", "If-Modified-Since"),
    ),
    (("*", "*"), "PUT"): Facts("update", "Update, or create under this id", _WRITTEN, _CHANGE, "Resource"),
    (("*", "*"), "PATCH"): Facts("patch", "Patch", {"200": "Resource"}, _CHANGE, "Patch"),
    (("*", "*"), "DELETE"): Facts("delete", "Delete", _DELETED, _CHANGE),
    (("*", "*", "_history"), "GET"): Facts("historyOfOne", "Versions of one resource", _FOUND, _HISTORY),
    (("*", "*", "_history", "*"), "GET"): Facts(
        "vread", "Read a version", {"200": "Resource"}, ("_summary", "_elements")
    ),
    (("*", "*", "*"), "GET"): Facts("searchCompartment", "Search in the compartment", _FOUND, _SEARCHING),
    (("*", "*", "*", "_search"), "GET"): Facts(
        "searchCompartmentByGet", "Search in the compartment", _FOUND, _SEARCHING
    ),
    (("*", "*", "*", "_search"), "POST"): Facts(
        "searchCompartmentByPost", "Search in the compartment by form", _FOUND, ("Prefer",), "Search"
    ),
}

"""The table of every URL of the FHIR API: method and shape of the path → handler; `*` is a type or an id."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from gateway.errors import MethodNotAllowed, NotFound
from gateway.records import Records
from gateway.rest import (
    capability,
    interactions,
    jobs,
    messaging,
    operations,
    outcome,
    searching,
    terminology,
    transaction,
)
from gateway.rest.exchange import Request, Response

Handler = Callable[[Request, Records], Awaitable[Response]]


def handler(method: str, segments: tuple[str, ...]) -> tuple[str, Handler]:
    """The name of the interaction and its handler; raises `NotFound` for an address that is not in the table."""
    methods = _methods(segments)
    found = options if method == "OPTIONS" else methods.get("GET" if method == "HEAD" else method, not_allowed)
    return found.__name__, found


def _send(method: str, segments: tuple[str, ...]) -> tuple[str, Handler]:
    return handler(method, segments)


def _table() -> Mapping[tuple[str, ...], Mapping[str, Handler]]:
    return ROUTES


_capabilities = capability.telling(_table)
ROUTES: dict[tuple[str, ...], dict[str, Handler]] = {
    (): {"POST": transaction.processing(_send), "GET": searching.search_all},
    ("metadata",): {"GET": _capabilities},
    ("_search",): {"POST": searching.search_all, "GET": searching.search_all},
    ("_history",): {"GET": searching.history},
    ("$process-message",): {"POST": messaging.process_message},
    ("$reindex",): {"POST": jobs.reindex},
    ("_async", "*"): {"GET": jobs.status, "DELETE": jobs.cancel},
    **terminology.OPERATIONS,
    **operations.OPERATIONS,
    ("*",): {
        "GET": searching.search,
        "POST": interactions.create,
        "PUT": interactions.update_matching,
        "PATCH": interactions.change_matching,
        "DELETE": interactions.delete_matching,
    },
    ("*", "_search"): {"POST": searching.search, "GET": searching.search},
    ("*", "_history"): {"GET": searching.history},
    ("*", "*"): {
        "GET": interactions.read,
        "PUT": interactions.update,
        "PATCH": interactions.change,
        "DELETE": interactions.delete,
    },
    ("*", "*", "_history"): {"GET": searching.history},
    ("*", "*", "_history", "*"): {"GET": interactions.vread},
    ("*", "*", "*"): {"GET": searching.search_compartment},
    ("*", "*", "*", "_search"): {"POST": searching.search_compartment, "GET": searching.search_compartment},
}


async def options(request: Request, _: Records) -> Response:
    return Response(204, headers=((b"allow", _allowed(request).encode()),))


async def not_allowed(request: Request, _: Records) -> Response:
    allowed = _allowed(request)
    error = MethodNotAllowed("FD-METHOD", f"此地址只支持 {allowed}。", f"This address takes {allowed} only.")
    return outcome.response(error, [(b"allow", allowed.encode())])


PUBLIC: frozenset[Handler] = frozenset({_capabilities, options, not_allowed})
"""What is told to everybody, without a token."""


AT_ONCE: frozenset[Handler] = frozenset({jobs.reindex, jobs.status, jobs.cancel})
"""What is answered at once whatever the client prefers: these are about what is answered later."""


def _methods(segments: tuple[str, ...]) -> dict[str, Handler]:
    shape = tuple(segment if segment[:1] in {"$", "_"} else "*" for segment in segments)
    methods = ROUTES.get(segments) or ROUTES.get((*segments[:1], *shape[1:])) or ROUTES.get(shape)
    if methods is None:
        raise NotFound(
            "FD-URL",
            "FHIR 接口没有这个地址;可从 GET /fhir/metadata 查看支持的内容。",
            "The FHIR API has no such address; GET /fhir/metadata tells what there is.",
        )
    return methods


def _allowed(request: Request) -> str:
    methods: Iterable[str] = _methods(request.segments)
    return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])

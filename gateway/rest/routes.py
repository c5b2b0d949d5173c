"""The table of every URL of the FHIR API: method and shape of the path → handler; `*` is a type or an id."""

from collections.abc import Awaitable, Callable

from gateway.errors import MethodNotAllowed, NotFound
from gateway.records import Records
from gateway.rest import interactions, messaging, transaction
from gateway.rest.exchange import Request, Response

Handler = Callable[[Request, Records], Awaitable[Response]]

ROUTES: dict[tuple[str, ...], dict[str, Handler]] = {
    (): {"POST": transaction.process},
    ("$process-message",): {"POST": messaging.process_message},
    ("*",): {"GET": interactions.search, "POST": interactions.create},
    ("*", "_search"): {"POST": interactions.search, "GET": interactions.search},
    ("*", "*"): {"GET": interactions.read, "PUT": interactions.update, "DELETE": interactions.delete},
    ("*", "*", "_history"): {"GET": interactions.history},
    ("*", "*", "_history", "*"): {"GET": interactions.vread},
}


def handler(method: str, segments: tuple[str, ...]) -> tuple[str, Handler]:
    """The name of the interaction and its handler; raises `NotFound` or `MethodNotAllowed`."""
    shape = tuple(segment if segment[:1] in {"$", "_"} else "*" for segment in segments)
    methods = ROUTES.get(shape)
    if methods is None:
        raise NotFound(
            "FD-URL",
            "FHIR 接口没有这个地址;可从 GET /fhir/metadata 查看支持的内容。",
            "The FHIR API has no such address; GET /fhir/metadata tells what there is.",
        )
    found = methods.get("GET" if method == "HEAD" else method)
    if found is None:
        allowed = ", ".join(methods)
        raise MethodNotAllowed("FD-METHOD", f"此地址只支持 {allowed}。", f"This address takes {allowed} only.")
    return found.__name__, found

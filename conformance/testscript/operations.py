"""The operations of a script as HTTP requests. https://hl7.org/fhir/R4/codesystem-testscript-operation-codes.html"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.testscript import bodies
from conformance.testscript.errors import Undone
from conformance.testscript.messages import Place, place
from conformance.testscript.script import unsupported
from conformance.testscript.state import State
from profiles import terminology

_SYSTEMS = {
    "http://terminology.hl7.org/CodeSystem/testscript-operation-codes",
    "http://hl7.org/fhir/testscript-operation-codes",
}
_METHODS = {
    "read": "GET",
    "vread": "GET",
    "update": "PUT",
    "updateCreate": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deleteCondSingle": "DELETE",
    "deleteCondMultiple": "DELETE",
    "history": "GET",
    "create": "POST",
    "search": "GET",
    "batch": "POST",
    "transaction": "POST",
    "capabilities": "GET",
}
_CODES = "http://hl7.org/fhir/ValueSet/testscript-operation-codes"
_MIME = {"json": "application/fhir+json", "xml": "application/fhir+xml", "none": "", "ttl": "text/turtle"}
_FORM = "application/x-www-form-urlencoded"
_RESERVED = "!#$&'()*+,/:;=?@[]%~"
"""What an encoded URL keeps: its own punctuation, and what is escaped already."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


def request(state: State, operation: Mapping[str, Any]) -> Request:
    """What to send; raises `Undone` for what is not supported or lacks what it needs."""
    if unknown := sorted(unsupported("TestScript.setup.action.operation", operation)):
        raise Undone(f"elements that are not supported: {', '.join(unknown)}")
    for end in ("destination", "origin"):
        if operation.get(end, 1) != 1:
            raise Undone(f"more than one {end} is not supported")
    code = _code(operation)
    body = _body(state, operation)
    method = str(operation.get("method", "")).upper() or _method(code, has_body=body is not None)
    url = _url(state, operation, code, method)
    if code == "search" and method == "POST" and body is None:
        url, _, form = url.partition("?")
        return Request(method, url, _headers(state, operation, _FORM), form.encode())
    body = body if method in {"POST", "PUT", "PATCH"} else None
    return Request(method, url, _headers(state, operation, _MIME["json"] if body is not None else ""), body)


def _code(operation: Mapping[str, Any]) -> str:
    """Empty where a method and a url say everything."""
    kind = operation.get("type")
    if not isinstance(kind, dict) or not kind.get("code"):
        if "method" in operation and "url" in operation:
            return ""
        raise Undone("the operation has neither a type nor a method and a url")
    code = str(kind["code"])
    if kind.get("system", next(iter(_SYSTEMS))) not in _SYSTEMS:
        raise Undone(f"operation codes of another system are not supported: {code}")
    if code not in _METHODS and not _named(code):
        raise Undone(f"there is no operation {code}")
    return code


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for _, code in terminology.shipped().codes_in(_CODES) or ())


def _named(code: str) -> bool:
    """Whether it is an operation with a name of its own: `everything` or `$everything`."""
    return code not in _METHODS and (code.startswith("$") or code in _codes())


def _method(code: str, *, has_body: bool) -> str:
    return _METHODS.get(code) or ("POST" if has_body else "GET")


# The address


def _url(state: State, operation: Mapping[str, Any], code: str, method: str) -> str:
    if "url" in operation:
        found = state.filled(str(operation["url"]))
        found = found if ":" in found.split("/")[0] else f"{state.base}/{found.removeprefix('/')}"
    else:
        params = state.filled(str(operation.get("params", "")))
        found = "/".join([state.base, *_steps(state, operation, code, method, params)]) + _joint(params)
    found = quote(found, safe=_RESERVED) if operation.get("encodeRequestUrl", True) else found
    if _origin(found) != _origin(state.base):
        raise Undone("the url leads to another server than the target")
    return found


def _joint(params: str) -> str:
    if not params or params[0] in "?/":
        return params
    return f"/{params}" if params.startswith("$") else f"?{params}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _steps(state: State, operation: Mapping[str, Any], code: str, method: str, params: str) -> list[str]:
    """The path below the base, without what `params` add to it."""
    resource_type = str(operation.get("resource", ""))
    if code == "capabilities":
        return ["metadata"]
    if code in {"batch", "transaction"}:
        return []
    steps = [resource_type] if resource_type else []
    if target := _target(state, operation, code, params):
        steps = [target.type or resource_type, target.id]
        if code == "vread":
            if not target.version:
                raise Undone("the version of the target is not known")
            steps += ["_history", target.version]
    elif not steps and code in {"create", "update", "updateCreate"}:
        steps = [str((state.message(str(operation.get("sourceId"))).resource or {}).get("resourceType", ""))]
    return steps + _last(code, method, params)


def _last(code: str, method: str, params: str) -> list[str]:
    name = code.removeprefix("$")
    if code == "history" and "_history" not in params:
        return ["_history"]
    if code == "search" and method == "POST":
        return ["_search"]
    return [f"${name}"] if _named(code) and f"${name}" not in params else []


def _target(state: State, operation: Mapping[str, Any], code: str, params: str) -> Place | None:
    """The instance meant: of targetId, or for an update without an address that of its body."""
    if "targetId" in operation:
        name = str(operation["targetId"])
        found = state.stored.get(name) or place(state.message(name))
        if not found.id:
            raise Undone(f"the id of {name} on the server is not known")
        return found
    if code in {"update", "updateCreate"} and not params:
        found = place(state.message(str(operation.get("sourceId"))))
        if not found.id:
            raise Undone("an update needs params, a url, a targetId or a body with an id")
        return found
    if code in {"read", "vread"} and not params:
        raise Undone(f"a {code} needs params, a url or a targetId")
    return None


# Headers and body


def _headers(state: State, operation: Mapping[str, Any], content_type: str) -> dict[str, str]:
    given = {"Accept": _mime(operation.get("accept", "json"))}
    if content_type:
        given["Content-Type"] = _mime(operation["contentType"]) if "contentType" in operation else content_type
    for header in operation.get("requestHeader", ()):
        name = str(header["field"])
        given = {known: value for known, value in given.items() if known.lower() != name.lower()}
        given[name] = state.filled(str(header["value"]))
    return {name: value for name, value in given.items() if value}


def _mime(code: object) -> str:
    return _MIME.get(str(code), str(code))


def _body(state: State, operation: Mapping[str, Any]) -> bytes | None:
    """The fixture with its variables; under the id that the server gave where the target is a stored fixture."""
    if "sourceId" not in operation:
        return None
    message = state.message(str(operation["sourceId"]))
    content_type = _mime(operation.get("contentType", "json"))
    if "xml" in content_type or "turtle" in content_type:
        raise Undone(f"bodies as {content_type} are not supported")
    return bodies.content(state, operation, message, content_type)

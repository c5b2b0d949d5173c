"""The assertions of a script. https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from conformance.testscript import contents, links, operators, profiles_of
from conformance.testscript.errors import Undone, Unmet
from conformance.testscript.messages import Message
from conformance.testscript.paths import text
from conformance.testscript.script import unsupported
from conformance.testscript.state import Send, State, extracted

_RESPONSES = {
    "okay": 200,
    "created": 201,
    "noContent": 204,
    "notModified": 304,
    "bad": 400,
    "forbidden": 403,
    "notFound": 404,
    "methodNotAllowed": 405,
    "conflict": 409,
    "gone": 410,
    "preconditionFailed": 412,
    "unprocessable": 422,
}
_TYPES = {"json": "json", "xml": "xml", "ttl": "turtle", "none": ""}

_COMPARED = (("compareToSourceExpression", "expression"), ("compareToSourcePath", "path"))

Assert = Mapping[str, Any]


async def evaluate(state: State, send: Send, asserted: Assert) -> None:
    """Raises `Unmet` where it does not hold, and `Undone` where it cannot be evaluated."""
    if unknown := sorted(unsupported("TestScript.setup.action.assert", asserted)):
        raise Undone(f"elements that are not supported: {', '.join(unknown)}")
    kinds = [kind for kind in _KINDS if kind in asserted]
    if not kinds:
        raise Undone("the assert holds no assertion that is supported")
    if len(kinds) > 1 and set(kinds) != {"requestMethod", "requestURL"}:
        raise Undone(f"more than one assertion in one assert: {', '.join(kinds)}")
    for kind in kinds:
        await _KINDS[kind](state, send, asserted)


def _message(state: State, asserted: Assert) -> Message:
    if "sourceId" in asserted:
        return state.message(str(asserted["sourceId"]))
    return state.last(request=asserted.get("direction") == "request")


def _operator(asserted: Assert) -> str:
    return str(asserted.get("operator", "equals"))


def _value(state: State, asserted: Assert) -> list[str]:
    return [state.filled(str(asserted["value"]))] if "value" in asserted else []


# What was sent and received


async def _response(state: State, _: Send, asserted: Assert) -> None:
    if asserted["response"] not in _RESPONSES:
        raise Undone(f"there is no response code {asserted['response']}")
    operators.hold(_operator(asserted), [_message(state, asserted).status], str(_RESPONSES[asserted["response"]]))


async def _response_code(state: State, _: Send, asserted: Assert) -> None:
    wanted = state.filled(str(asserted["responseCode"]))
    operators.hold(_operator(asserted), [_message(state, asserted).status], wanted)


async def _content_type(state: State, _: Send, asserted: Assert) -> None:
    found = _message(state, asserted).headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = str(asserted["contentType"])
    # A short name means every MIME type of that syntax: application/json, application/fhir+json.
    shown = found.rpartition("/")[2].rpartition("+")[2] if wanted in _TYPES else found
    operators.hold(_operator(asserted), [shown], _TYPES.get(wanted, wanted.lower()))


async def _header_field(state: State, _: Send, asserted: Assert) -> None:
    await _extracted(state, asserted, "headerField", _message(state, asserted))


async def _request_method(state: State, _: Send, asserted: Assert) -> None:
    method = _request(state, asserted).method.lower()
    operators.hold(_operator(asserted), [method], str(asserted["requestMethod"]).lower())


async def _request_url(state: State, _: Send, asserted: Assert) -> None:
    found, wanted = _request(state, asserted).url, state.filled(str(asserted["requestURL"]))
    if "://" not in wanted:
        found = found.removeprefix(state.base)
        wanted = f"/{wanted.removeprefix('/')}" if _operator(asserted) in {"equals", "notEquals"} else wanted
    operators.hold(_operator(asserted), [found], wanted)


def _request(state: State, asserted: Assert) -> Message:
    return state.message(str(asserted["sourceId"])) if "sourceId" in asserted else state.last(request=True)


# Content


async def _expression(state: State, _: Send, asserted: Assert) -> None:
    await _extracted(state, asserted, "expression", _with_content(state, asserted))


async def _path(state: State, _: Send, asserted: Assert) -> None:
    await _extracted(state, asserted, "path", _with_content(state, asserted))


async def _extracted(state: State, asserted: Assert, kind: str, message: Message) -> None:
    found = extracted(message, kind, state.filled(str(asserted[kind])))
    wanted = _compared(state, asserted, kind) if "compareToSourceId" in asserted else _value(state, asserted)
    if not wanted and ("operator" not in asserted or asserted["operator"] == "eval"):
        _truth(kind, found)
    elif asserted.get("operator") == "eval":
        raise Undone("operator eval takes no value")
    else:
        operators.hold(_operator(asserted), found, *wanted)


def _truth(kind: str, found: list[Any]) -> None:
    """An expression alone is a condition; a path or header alone says that something is there."""
    if kind != "expression":
        operators.hold("notEmpty", found)
    elif found != [True]:
        raise Unmet(f"expected true, found {'false' if found == [False] else len(found)}")


def _compared(state: State, asserted: Assert, kind: str) -> list[str]:
    """The values in the other message that these are held against; raises `Undone` where there are none."""
    other = state.message(str(asserted["compareToSourceId"]))
    ways = [(name, way) for name, way in _COMPARED if name in asserted] or [(kind, kind)]
    name, way = ways[0]
    if name == kind and kind != "headerField":
        raise Undone("compareToSourceId needs compareToSourceExpression or compareToSourcePath")
    found = extracted(other, way, state.filled(str(asserted[name])))
    if not found:
        raise Undone(f"{name} finds nothing to compare with")
    return [text(value) for value in found]


async def _resource(state: State, _: Send, asserted: Assert) -> None:
    resource = _message(state, asserted).resource
    found = [] if resource is None else [resource["resourceType"]]
    operators.hold(_operator(asserted), found, str(asserted["resource"]))


async def _minimum(state: State, _: Send, asserted: Assert) -> None:
    least, found = state.message(str(asserted["minimumId"])).resource, _with_content(state, asserted).resource
    if least is None:
        raise Undone("minimumId does not name a resource")
    if missing := contents.lacking(least, found or {}):
        raise Unmet(f"not as in {asserted['minimumId']}: {', '.join(missing)}")


async def _profile(state: State, _: Send, asserted: Assert) -> None:
    resource = _with_content(state, asserted).resource
    profiles_of.conform(state.script, str(asserted["validateProfileId"]), resource)


async def _links(state: State, send: Send, asserted: Assert) -> None:
    if asserted["navigationLinks"] is True:
        await links.lead(state, send, _with_content(state, asserted).resource)


def _with_content(state: State, asserted: Assert) -> Message:
    """The message, when there is a resource in it that can be read."""
    message = _message(state, asserted)
    if message.resource is None and message.content and "json" not in message.headers.get("content-type", "json"):
        raise Undone("content that is not JSON is not supported")
    if message.resource is None:
        raise Unmet("there is no resource")
    return message


_KINDS: Mapping[str, Callable[[State, Send, Assert], Awaitable[None]]] = {
    "response": _response,
    "responseCode": _response_code,
    "contentType": _content_type,
    "headerField": _header_field,
    "requestMethod": _request_method,
    "requestURL": _request_url,
    "expression": _expression,
    "path": _path,
    "resource": _resource,
    "minimumId": _minimum,
    "validateProfileId": _profile,
    "navigationLinks": _links,
}

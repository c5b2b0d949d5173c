"""The setup, tests and teardown of a script, action by action. https://hl7.org/fhir/R4/testscript.html"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.testscript import assertions, messages, operations
from conformance.testscript.errors import Undone, Unmet
from conformance.testscript.messages import Message, located, place
from conformance.testscript.operations import Request
from conformance.testscript.script import contained_or_file
from conformance.testscript.state import Send, State
from profiles.http import HTTPError

Result = Literal["pass", "skip", "fail", "warning", "error"]
_CREATED = {200, 201}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one action; `name` is its label or description."""

    kind: Literal["operation", "assert"]
    name: str
    result: Result
    message: str = ""
    detail: str = ""

    @property
    def broken(self) -> bool:
        return self.result in {"fail", "error"}


async def prepared(state: State, send: Send) -> list[Done]:
    """The fixtures read, and those with autocreate put on the server."""
    done: list[Done] = []
    for one in state.script.listed("fixture"):
        if not isinstance(one, dict):
            continue
        name = str(one.get("id", ""))
        try:
            state.messages[name] = await _fixture(state, send, one)
        except (Undone, HTTPError) as error:
            state.absent[name] = str(error) or type(error).__name__
        if one.get("autocreate") is True:
            done += await actions(state, send, _autocreate(name), stops=True)
    return done


def _autocreate(name: str) -> list[Any]:
    label = f"autocreate {name}"
    create = {"label": label, "type": {"code": "create"}, "sourceId": name}
    return [{"operation": create}, {"assert": {"label": label, "responseCode": "200,201", "operator": "in"}}]


async def removed(state: State, send: Send) -> list[Done]:
    """The fixtures with autodelete, the last first: others may refer to the first."""
    fixtures = [one for one in state.script.listed("fixture") if isinstance(one, dict)]
    names = [str(one.get("id", "")) for one in fixtures if one.get("autodelete") is True]
    return [
        await _operation(state, send, {"type": {"code": "delete"}, "targetId": name}, f"autodelete {name}")
        for name in reversed(names)
        if name in state.stored
    ]


async def actions(state: State, send: Send, section: Sequence[Any], *, stops: bool) -> list[Done]:
    """All of a section. After an operation that could not be done nothing that follows says anything, and is skipped;
    where the section `stops`, as setup does, so after everything that failed.
    """
    done: list[Done] = []
    broken = False
    for action in section:
        kind, element = _taken(action)
        name = str(element.get("label") or element.get("description") or kind)
        if broken:
            done.append(Done(kind, name, "skip", "an earlier action failed"))
            continue
        done.append(await (_operation if kind == "operation" else _assert)(state, send, element, name))
        broken = done[-1].broken and (stops or kind == "operation")
    return done


def skipped(section: Sequence[Any]) -> list[Done]:
    """All of a section, when setup has failed."""
    taken = [_taken(action) for action in section]
    return [Done(kind, str(element.get("label") or kind), "skip", "setup failed") for kind, element in taken]


def _taken(action: object) -> tuple[Literal["operation", "assert"], Mapping[str, Any]]:
    """An action that is neither comes out as an assert with nothing in it, which is an error."""
    given = action if isinstance(action, dict) else {}
    operation, asserted = given.get("operation"), given.get("assert")
    if isinstance(operation, dict) and asserted is None:
        return "operation", operation
    return "assert", asserted if isinstance(asserted, dict) and operation is None else {}


async def _operation(state: State, send: Send, element: Mapping[str, Any], name: str) -> Done:
    state.response = None
    try:
        request = operations.request(state, element)
    except Undone as error:
        return Done("operation", name, "error", str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Done("operation", name, "error", f"the operation is malformed: {type(error).__name__}")
    try:
        status = await _exchanged(state, send, request, element)
    except HTTPError as error:
        return Done("operation", name, "error", f"{request.method} {request.url}: no answer ({type(error).__name__})")
    return Done("operation", name, "pass", f"{request.method} {request.url} → {status}", request.url)


async def _exchanged(state: State, send: Send, request: Request, element: Mapping[str, Any]) -> int:
    answer = await send(request.method, request.url, request.body, headers=request.headers)
    state.request = Message(request.body or b"", _lower(request.headers), 0, request.method, request.url)
    state.response = Message(answer.content, _lower(answer.headers), answer.status)
    if "requestId" in element:
        state.messages[str(element["requestId"])] = state.request
    if "responseId" in element:
        state.messages[str(element["responseId"])] = state.response
    source = str(element.get("sourceId", ""))
    if source and request.method in {"POST", "PUT"} and answer.status in _CREATED:
        found = (located(request.url) if request.method == "PUT" else None) or place(state.response)
        if found.id and found.type == (state.messages[source].resource or {}).get("resourceType"):
            state.stored[source] = found
    return answer.status


async def _assert(state: State, send: Send, element: Mapping[str, Any], name: str) -> Done:
    try:
        await assertions.evaluate(state, send, element)
    except Unmet as error:
        return Done("assert", name, "warning" if element.get("warningOnly") is True else "fail", str(error))
    except Undone as error:
        return Done("assert", name, "error", str(error))
    except (HTTPError, KeyError, TypeError, ValueError) as error:
        return Done("assert", name, "error", f"it could not be evaluated: {type(error).__name__}")
    return Done("assert", name, "pass")


async def _fixture(state: State, send: Send, fixture: Mapping[str, Any]) -> Message:
    given = fixture.get("resource")
    reference = given.get("reference") if isinstance(given, dict) else None
    if not isinstance(reference, str):
        raise Undone("it names no resource")
    if (found := contained_or_file(state.script, reference)) is not None:
        return messages.fixture(found)
    if reference.startswith("#"):
        raise Undone("it is not contained in the script")
    return await _served(state, send, reference)


async def _served(state: State, send: Send, reference: str) -> Message:
    """The fixture as a resource of the target."""
    read = operations.request(state, {"method": "get", "url": reference})
    answer = await send(read.method, read.url, None, headers=read.headers)
    message = Message(answer.content, _lower(answer.headers))
    if answer.status != 200 or message.resource is None:
        raise Undone(f"{reference} is neither a file beside the script nor on the target ({answer.status})")
    return messages.fixture(message.resource)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

"""What operations send: a fixture with its variables filled in. https://hl7.org/fhir/R4/testscript.html"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from conformance.testscript.errors import Undone
from conformance.testscript.messages import Message
from conformance.testscript.state import State
from profiles import json


def content(state: State, operation: Mapping[str, Any], message: Message, content_type: str) -> bytes:
    """A Binary of the operation's own content type is sent as what it holds: how a JSON Patch is a fixture.

    An update of a stored fixture (`targetId`) carries the id that the server gave it.
    """
    resource = message.resource
    if resource is None:
        raise Undone("the source is not a resource as JSON")
    if resource["resourceType"] == "Binary" and resource.get("contentType") == content_type:
        return state.filled_body(b64decode(str(resource.get("data", ""))).decode()).encode()
    target = state.stored.get(str(operation.get("targetId")))
    kind = operation.get("type")
    code = kind.get("code") if isinstance(kind, dict) else None
    if target and code in {"update", "updateCreate"}:
        resource = {**resource, "id": target.id}
    return state.filled_body(json.dumps(resource).decode()).encode()

"""The operations of a FHIRPath Patch as its Parameters resource says them. https://hl7.org/fhir/R4/fhirpatch.html"""

import re
from dataclasses import dataclass
from typing import Any

from gateway.errors import BadRequest, FhirError, TooLarge
from gateway.rest.patching.values import Part, checked_parts
from profiles.json import Resource

MOST_OPERATIONS = 250

_PARTS = {
    "add": ("path", "name", "value"),
    "insert": ("path", "index", "value"),
    "delete": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "source", "destination"),
}
"""Type of operation → the parts it must have."""
_KINDS: dict[str, type] = {"type": str, "path": str, "name": str, "index": int, "source": int, "destination": int}
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'?")


@dataclass(frozen=True, slots=True)
class Operation:
    number: int
    """From 1."""
    type: str
    """add, insert, delete, replace or move; the parts that this one must have are there, the others are empty."""
    path: str
    name: str
    value: Part
    index: int
    source: int
    destination: int


def operations(parameters: Resource) -> list[Operation]:
    """Raises `BadRequest` for what is no FHIRPath Patch, `TooLarge` for one that is too long."""
    every = checked_parts(parameters.get("parameter", []))
    if len(every) > MOST_OPERATIONS:
        raise TooLarge(
            "FD-PATCH-LONG",
            f"补丁超过 {MOST_OPERATIONS} 个操作;请分开提交,或用 PUT。",
            f"The patch has more than {MOST_OPERATIONS} operations; send it in parts, or use PUT.",
        )
    return [_operation(number, one) for number, one in enumerate(every, 1)]


def numbered(error: FhirError, operation: Operation) -> FhirError:
    """The error with the number of its operation and its path, less what that quotes: it may be about a person."""
    path = _QUOTED.sub("'…'", operation.path)[:200]
    return _told(error, operation.number, f" {operation.type} {path}", path)


def _told(error: FhirError, number: int, what: str, expression: str) -> FhirError:
    issue = error.issues[0]
    zh, en = f"第 {number} 个操作{what}:{issue.zh}", f"Operation {number}{what}: {issue.en}"
    return type(error)(issue.key, zh, en, expression)


def _operation(number: int, operation: Part) -> Operation:
    try:
        return _read(number, operation)
    except FhirError as error:
        raise _told(error, number, "", f"Parameters.parameter[{number - 1}]") from None


def _read(number: int, operation: Part) -> Operation:
    if operation["name"] != "operation":
        raise BadRequest(
            "FD-PATCH-OP", "每个 parameter 的 name 应为 operation。", "The name of every parameter must be `operation`."
        )
    parts = _named(checked_parts(operation.get("part")))
    kind = parts.get("type")
    needed = _PARTS.get(kind) if isinstance(kind, str) else None
    if needed is None:
        raise BadRequest(
            "FD-PATCH-OP",
            "type 应为 add、insert、delete、replace 或 move。",
            "`type` must be add, insert, delete, replace or move.",
        )
    if missing := [name for name in needed if name not in parts]:
        raise BadRequest("FD-PATCH-PART", f"{kind} 缺少 {', '.join(missing)}。", f"{kind} has no {', '.join(missing)}.")
    given = {name: parts[name] for name in needed}
    empty = {"name": "", "value": {}, "index": 0, "source": 0, "destination": 0}
    return Operation(**{"number": number, "type": kind, **empty, **given})


def _named(parts: list[Part]) -> dict[str, Any]:
    """By name: the whole part of `value`, the strings and integers of the others."""
    named: dict[str, Any] = {}
    for part in parts:
        name = part["name"]
        if name in named:
            raise BadRequest(
                "FD-PATCH-PART",
                f"part {name[:64]!r} 重复。",
                f"The part {name[:64]!r} is there twice.",
            )
        named[name] = _scalar(part, _KINDS[name]) if name in _KINDS else part
    return named


def _scalar(part: Part, kind: type) -> Any:
    found = [value for key, value in part.items() if key.startswith("value")]
    if len(found) == 1 and type(found[0]) is kind:
        return found[0]
    wanted = {str: "valueString (type: valueCode)", int: "valueInteger"}[kind]
    raise BadRequest("FD-PATCH-PART", f"{part['name']} 应为 {wanted}。", f"`{part['name']}` must be a {wanted}.")

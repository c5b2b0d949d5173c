"""JSON Patch over decoded JSON; what is patched is never changed, the result shares what it left alone. https://www.rfc-editor.org/rfc/rfc6902"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.errors import BadRequest, FhirError, TooLarge, Unprocessable
from gateway.rest.patching import json_pointer
from gateway.rest.patching.json_pointer import INDEX, Tokens, at, key, missing
from profiles import json

MOST_OPERATIONS = 1000
LARGEST_COPIES = 8 * 1024 * 1024
"""Bytes of JSON that the `copy` operations of one patch may make: a copy of a copy of a copy grows as 2^n."""
_END = {"-"}


def apply(document: Any, operations: object) -> Any:
    """The document after every operation, or none: raises `BadRequest` for what is no JSON Patch, `Unprocessable`
    for an operation that cannot be done, with its number (from 1) and its pointer.
    """
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise BadRequest(
            "FD-PATCH-FORM",
            "JSON Patch 应为由操作对象组成的数组。",
            "A JSON Patch is an array of operations, each an object.",
        )
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(
            "FD-PATCH-LONG",
            f"补丁超过 {MOST_OPERATIONS} 个操作;请分开提交,或用 PUT。",
            f"The patch has more than {MOST_OPERATIONS} operations; send it in parts, or use PUT.",
        )
    left = LARGEST_COPIES
    for number, operation in enumerate(operations, 1):
        try:
            document, left = _applied(document, operation, left)
        except FhirError as error:
            raise _numbered(error, number, operation) from None
    return document


def _numbered(error: FhirError, number: int, operation: dict[str, Any]) -> FhirError:
    issue = error.issues[0]
    pointers = [one[:200] for one in (operation.get("from"), operation.get("path")) if isinstance(one, str)]
    where = f" {' → '.join(map(repr, pointers))}" if pointers else ""
    return type(error)(issue.key, f"第 {number} 个操作{where}:{issue.zh}", f"Operation {number}{where}: {issue.en}")


def _applied(document: Any, operation: dict[str, Any], left: int) -> tuple[Any, int]:
    path = _pointer(operation, "path")
    match operation.get("op"):
        case "add":
            return _added(document, path, _value(operation)), left
        case "remove":
            return _removed(document, path), left
        case "replace":
            return _replaced(document, path, _value(operation)), left
        case "move":
            return _moved(document, _pointer(operation, "from"), path), left
        case "copy":
            value = at(document, _pointer(operation, "from"))
            return _added(document, path, value), _paid(value, left)
        case "test":
            return _tested(document, path, _value(operation)), left
    raise BadRequest(
        "FD-PATCH-OP",
        "op 应为 add、remove、replace、move、copy 或 test。",
        "`op` must be add, remove, replace, move, copy or test.",
    )


# The parts of an operation


def _pointer(operation: dict[str, Any], member: str) -> Tokens:
    return json_pointer.tokens(operation.get(member), member)


def _value(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise BadRequest("FD-PATCH-VALUE", "缺少 value。", "`value` is missing.")
    return operation["value"]


# Writing


def _edited(value: Any, tokens: Tokens, change: Callable[[Any, str], None]) -> Any:
    """A copy of the way to the last token, whose holder, copied too, is changed."""
    if not isinstance(value, dict | list):
        raise missing()
    copy: Any = value.copy()
    if len(tokens) == 1:
        change(copy, tokens[0])
    else:
        first = key(copy, tokens[0])
        copy[first] = _edited(copy[first], tokens[1:], change)
    return copy


def _added(document: Any, path: Tokens, value: Any) -> Any:
    def change(holder: Any, token: str) -> None:
        if isinstance(holder, dict):
            holder[token] = value
        elif token in _END:
            holder.append(value)
        elif INDEX.fullmatch(token) and int(token) <= len(holder):
            holder.insert(int(token), value)
        else:
            raise missing()

    return _edited(document, path, change) if path else value


def _removed(document: Any, path: Tokens) -> Any:
    def change(holder: Any, token: str) -> None:
        del holder[key(holder, token)]

    if not path:
        raise Unprocessable("FD-PATCH-ROOT", "不能移除整个文档。", "The whole document cannot be removed.")
    return _edited(document, path, change)


def _replaced(document: Any, path: Tokens, value: Any) -> Any:
    def change(holder: Any, token: str) -> None:
        holder[key(holder, token)] = value

    return _edited(document, path, change) if path else value


def _moved(document: Any, source: Tokens, path: Tokens) -> Any:
    value = at(document, source)
    if path == source:
        return document
    if path[: len(source)] == source:
        raise Unprocessable("FD-PATCH-MOVE", "不能把值移入其自身。", "A value cannot be moved into itself.")
    return _added(_removed(document, source), path, value)


def _paid(value: object, left: int) -> int:
    left -= len(json.dumps(value))
    if left < 0:
        raise TooLarge(
            "FD-PATCH-LONG",
            f"copy 操作共复制超过 {LARGEST_COPIES} 字节;请改用 PUT。",
            f"The copy operations make more than {LARGEST_COPIES} bytes; use PUT.",
        )
    return left


# Comparing


def _tested(document: Any, path: Tokens, value: object) -> Any:
    if not same(at(document, path), value):
        raise Unprocessable(
            "FD-PATCH-TEST",
            "test 未通过:该处的值与所给的不同;资源未作更改,请先重新读取。",
            "The test failed: the value there is another; nothing was changed, read the resource again first.",
        )
    return document


def same(one: object, other: object) -> bool:
    """Equal as JSON: numbers by value, a boolean is no number, members in any order. RFC 6902 §4.6"""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
    return _kind(one) == _kind(other) and one == other


def _kind(value: object) -> type:
    return Decimal if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else type(value)

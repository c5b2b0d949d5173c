"""JSON Pointer: where a place in decoded JSON is, and what is there. https://www.rfc-editor.org/rfc/rfc6901"""

import re
from typing import Any

from gateway.errors import BadRequest, Unprocessable

DEEPEST = 100
"""More members than any valid resource has on a way."""

Tokens = list[str]
INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")


def tokens(pointer: object, called: str) -> Tokens:
    """Raises `BadRequest` for what is no pointer, by the name that the pointer has in its document."""
    if not isinstance(pointer, str) or not _POINTER.fullmatch(pointer):
        raise BadRequest(
            "FD-PATCH-POINTER",
            f"{called} 应为 JSON Pointer:空,或以 / 开头,~ 写作 ~0,/ 写作 ~1。",
            f"`{called}` must be a JSON Pointer: empty or starting with /, with ~ written ~0 and / written ~1.",
        )
    found = pointer.split("/", DEEPEST + 1)[1:]
    if len(found) > DEEPEST:
        raise missing()
    return [token.replace("~1", "/").replace("~0", "~") for token in found]


def at(value: Any, path: Tokens) -> Any:
    """Raises `Unprocessable` where the path leads to nothing."""
    for token in path:
        value = value[key(value, token)]
    return value


def key(holder: object, token: str) -> Any:
    """Where the token leads in what is there."""
    if isinstance(holder, dict) and token in holder:
        return token
    if isinstance(holder, list) and INDEX.fullmatch(token) and int(token) < len(holder):
        return int(token)
    raise missing()


def missing() -> Unprocessable:
    return Unprocessable(
        "FD-PATCH-PATH",
        "路径所指不存在;请核对资源当前的内容。",
        "The path leads to nothing; look at what the resource has now.",
    )

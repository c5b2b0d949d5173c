"""Paths walked to the elements they lead to, not to their values. https://hl7.org/fhirpath/N1/"""

from collections.abc import Callable
from typing import Any

from gateway.errors import NotSupported, TooLarge, Unprocessable
from gateway.rest.patching import edits
from gateway.rest.patching.elements import Node, children

MOST_VISITED = 250_000
"""Elements that the paths of one patch may look at, all together."""
ASKING = 25
"""To ask a condition of an element costs as much as to look at so many."""

Tree = dict[str, Any]
"""A node of the tree that `profiles.fhirpath.grammar` makes: `type`, `children`, `text`, `terminalNodeText`."""


class Walk:
    """The walks of one patch, which together may look at so many elements and no more."""

    def __init__(self, holds: Callable[[Tree, Node], bool]) -> None:
        self._holds = holds
        self._left = MOST_VISITED

    def nodes(self, tree: Tree, focus: list[Node]) -> list[Node]:
        """What an expression leads to."""
        match tree["type"], tree.get("children", []):
            case (("TermExpression" | "InvocationTerm" | "ParenthesizedTerm"), [inner]):
                return self.nodes(inner, focus)
            case "InvocationExpression", [left, right]:
                return self.nodes(right, self.nodes(left, focus))
            case "IndexerExpression", [left, index]:
                at = _number(index)
                return self.nodes(left, focus)[at : at + 1]
            case "TypeExpression", [left, kind] if tree["terminalNodeText"] == ["as"]:
                return _typed(self.nodes(left, focus), kind)
            case "MemberInvocation", [name]:
                return self._members(focus, name_of(name))
            case "FunctionInvocation", [{"children": [name, *arguments]}]:
                return self._function(name_of(name), [one for each in arguments for one in each["children"]], focus)
        raise unsupported(tree["type"])

    def repeating(self, tree: Tree, top: Node) -> tuple[Node, str]:
        """The one element that holds a list, and the name of the list, which may be empty."""
        match tree:
            case {"type": "InvocationExpression", "children": [left, {"type": "MemberInvocation", "children": [name]}]}:
                return edits.only(self.nodes(left, [top])), name_of(name)
            case {
                "type": "TermExpression",
                "children": [{"children": [{"type": "MemberInvocation", "children": [name]}]}],
            }:
                if not name_of(name)[:1].isupper():
                    return top, name_of(name)
        raise Unprocessable(
            "FD-PATCH-LIST",
            "insert 与 move 的路径应以可重复元素的名称结尾,不带下标或条件。",
            "The path of an insert or a move must end in the name of a repeating element, with no index or condition.",
        )

    def _members(self, focus: list[Node], name: str) -> list[Node]:
        if name[:1].isupper():
            return [node for node in focus if _is_root(node, name)]
        found = [child for node in focus for child in children(node, name)]
        self._visited(len(found))
        return found

    def _function(self, name: str, arguments: list[Tree], focus: list[Node]) -> list[Node]:
        match name, arguments:
            case "where", [condition]:
                self._visited(len(focus) * ASKING)
                return [node for node in focus if self._holds(condition, node)]
            case (("first" | "last" | "tail" | "skip" | "take"), _):
                return focus[_slice(name, arguments)]
            case "single", []:
                return [edits.only(focus)] if focus else []
            case (("ofType" | "as"), [kind]):
                return _typed(focus, kind)
            case "extension", [url]:
                wanted = _string(url)
                found = self._members(focus, "extension")
                return [one for one in found if one.members.get("url") == wanted]
        raise unsupported(f"{name}()")

    def _visited(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TooLarge(
                "FD-PATCH-LONG",
                f"补丁的路径共经过超过 {MOST_VISITED} 个元素;请改用 PUT。",
                f"The paths of the patch look at more than {MOST_VISITED} elements; use PUT.",
            )


def _is_root(node: Node, name: str) -> bool:
    """The name of a type at the beginning of a path is a check. https://hl7.org/fhirpath/N1/#path-selection"""
    if node.above is None and name in {node.type, "DomainResource", "Resource"}:
        return True
    raise Unprocessable(
        "FD-PATCH-TYPE",
        f"路径以类型名 {name[:64]} 开头,但资源是 {node.type}。",
        f"The path begins with the type {name[:64]}, and this is not one at its root.",
    )


# Literals, names and types in a parse tree


def name_of(tree: Tree) -> str:
    return str(tree["text"]).strip("`")


def _text(tree: Tree, literal: str) -> str | None:
    match tree:
        case {"children": [{"type": "LiteralTerm", "children": [{"type": kind}], "text": str(text)}]} if (
            kind == literal
        ):
            return text
    return None


def _number(tree: Tree) -> int:
    text = _text(tree, "NumberLiteral") or ""
    if text.isdecimal() and len(text) <= 10:
        return int(text)
    raise unsupported("[…]")


def _slice(name: str, arguments: list[Tree]) -> slice:
    match name, arguments:
        case "first", []:
            return slice(0, 1)
        case "last", []:
            return slice(-1, None)
        case "tail", []:
            return slice(1, None)
        case "skip", [count]:
            return slice(_number(count), None)
        case "take", [count]:
            return slice(0, _number(count))
    raise unsupported(f"{name}()")


def _string(tree: Tree) -> str:
    text = _text(tree, "StringLiteral")
    if text is None or "\\" in text:
        raise unsupported("extension(…)")
    return text[1:-1]


def _typed(nodes: list[Node], kind: Tree) -> list[Node]:
    return [node for node in nodes if node.type == str(kind["text"]).replace("`", "").removeprefix("FHIR.")]


def unsupported(what: str) -> NotSupported:
    return NotSupported(
        "FD-PATCH-FHIRPATH",
        f"补丁的路径不支持 {what[:64]};可用元素名、下标、where、first、last、"
        "tail、skip、take、single、ofType、as、extension。",
        f"{what[:64]} is not supported in the path of a patch; there are names, indexes, where, first, last, tail, "
        "skip, take, single, ofType, as and extension.",
    )

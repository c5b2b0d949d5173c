"""FHIRPath Patch: paths parsed to elements, conditions evaluated on them. https://hl7.org/fhir/R4/fhirpatch.html"""

from functools import lru_cache
from typing import Any

from gateway.errors import BadRequest, FhirError, NotSupported, Unprocessable
from gateway.rest.patching import edits, values
from gateway.rest.patching.elements import Node, copied, root
from gateway.rest.patching.operations import Operation, numbered, operations
from gateway.rest.patching.paths import Tree, Walk, name_of, unsupported
from profiles import fhirpath
from profiles.json import Resource

LONGEST_PATH = 2000

_ASKED = frozenset(
    {
        *(
            "where",
            "exists",
            "empty",
            "not",
            "all",
            "count",
            "first",
            "last",
            "tail",
            "ofType",
            "as",
            "is",
            "extension",
        ),
        *("startsWith", "endsWith", "contains", "lower", "upper", "length", "trim"),
    }
)
"""The functions for a condition: none that prints, reads a clock, or takes time or memory without bound."""
_REFUSED = frozenset({"ExternalConstantTerm", "IndexInvocation", "TotalInvocation"})


def apply(resource: Resource, parameters: Resource) -> Resource:
    """A patched copy. Raises `BadRequest` for what is no FHIRPath Patch, and `Unprocessable`, with number and path,
    for an operation that cannot be done.
    """
    patched: Resource = copied(resource)
    walk = Walk(_holds)
    for operation in operations(parameters):
        try:
            _apply(walk, root(patched), operation)
        except FhirError as error:
            raise numbered(error, operation) from None
    return patched


def _apply(walk: Walk, top: Node, operation: Operation) -> None:
    tree = _parsed(operation.path)
    match operation.type:
        case "add":
            values.add(edits.only(walk.nodes(tree, [top])), operation.name, operation.value)
        case "insert":
            edits.insert(*walk.repeating(tree, top), operation.index, operation.value)
        case "delete":
            edits.delete(walk.nodes(tree, [top]))
        case "replace":
            edits.replace(walk.nodes(tree, [top]), operation.value)
        case "move":
            edits.move(*walk.repeating(tree, top), operation.source, operation.destination)


# The grammar


@lru_cache(maxsize=256)
def _parsed(path: str) -> Tree:
    try:
        parsed = fhirpath.parsed(path) if len(path) <= LONGEST_PATH else None
    except fhirpath.NotFhirPathError:
        parsed = None
    if parsed is None:
        raise BadRequest(
            "FD-PATCH-PATH-FORM",
            f"path 不是不超过 {LONGEST_PATH} 个字符的 FHIRPath;请检查括号、引号与点。",
            f"`path` is no FHIRPath of up to {LONGEST_PATH} characters; check brackets, quotes and dots.",
        )
    _require_plain(parsed)
    return parsed


# Conditions


def _require_plain(tree: Tree, *, inside: bool = False) -> None:
    """Refuses what may not, or cannot rightly, be asked in a condition."""
    kind, inner = tree["type"], tree.get("children", [])
    if kind in _REFUSED or (kind == "EqualityExpression" and tree["terminalNodeText"][0] in {"~", "!~"}):
        raise unsupported(" ".join(tree["terminalNodeText"]) or kind)
    if kind == "Functn" and inside:
        _require_asked(name_of(inner[0]), inner[1:])
    for one in inner:
        _require_plain(one, inside=inside or kind == "ParamList")


def _require_asked(name: str, arguments: list[Tree]) -> None:
    if name not in _ASKED:
        raise unsupported(f"{name}()")
    if name in {"where", "exists"} and any(_is_bare(one) for each in arguments for one in each["children"]):
        # A name alone asks whether the element is there, except of a boolean, and is easily taken for the other.
        raise NotSupported(
            "FD-PATCH-CONDITION-FORM",
            f"条件中的 {name}(…) 应为比较或函数;请写作 {name}(active = true) 或 {name}(period.exists())。",
            f"{name}(…) in a condition must compare or ask; write {name}(active = true) or {name}(period.exists()).",
        )


def _is_bare(tree: Tree) -> bool:
    """A path that ends in a name or an index, whose value is not compared with anything."""
    if tree["type"] in {"MemberInvocation", "IndexerExpression", "ThisInvocation"}:
        return True
    inner = tree.get("children", [])
    return tree["type"] in {"TermExpression", "InvocationTerm", "InvocationExpression", "ParenthesizedTerm"} and (
        _is_bare(inner[-1])
    )


def _holds(condition: Tree, node: Node) -> bool:
    """The condition of one element, `$this`; nothing is false, and one thing that is no boolean is true.

    https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections
    """
    match _answers(condition, node):
        case []:
            return False
        case [bool(answer)]:
            return answer
        case [_]:
            return True
    raise _unanswered()


def _answers(condition: Tree, node: Node) -> list[Any]:
    value, side = node.pair
    focus = (value, node.type, side)
    try:
        found = fhirpath.compiled_tree("", condition).items(focus, fhirpath.World(focus, focus))
    except fhirpath.UndecidedError:
        raise _unanswered() from None
    return [fhirpath.plain(one) for one in found]


def _unanswered() -> Unprocessable:
    return Unprocessable(
        "FD-PATCH-CONDITION",
        "where 的条件不适用于资源的内容;请检查所比较的值的类型和个数。",
        "The condition in where() does not fit what the resource has; check types and number of what it compares.",
    )

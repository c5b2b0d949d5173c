"""The edits of a FHIRPath Patch besides `add`. https://hl7.org/fhir/R4/fhirpatch.html"""

from gateway.errors import Unprocessable
from gateway.rest.patching.elements import Node, Pair, places, put, slots, store
from gateway.rest.patching.values import Part, placed


def insert(node: Node, name: str, index: int, part: Part) -> None:
    member, pairs = _list(node, name)
    member, pair = placed({member: places(node.type, member)[1][member]}, part)
    _require_within("index", index, len(pairs))
    store(node, member, [*pairs[:index], pair, *pairs[index:]])


def move(node: Node, name: str, source: int, destination: int) -> None:
    """`destination` counts in the list without what is moved."""
    member, pairs = _list(node, name)
    _require_within("source", source, len(pairs) - 1)
    _require_within("destination", destination, len(pairs) - 1)
    pair = pairs.pop(source)
    pairs.insert(destination, pair)
    store(node, member, pairs)


def delete(nodes: list[Node]) -> None:
    """One element, or none: what is away already need not be deleted."""
    if nodes:
        put(_inner(only(nodes)), None)


def replace(nodes: list[Node], part: Part) -> None:
    node = _inner(only(nodes))
    assert node.above is not None  # noqa: S101 - `_inner` has seen to it
    assert node.element is not None  # noqa: S101 - only the root has none
    _, members = places(node.above.type, node.element.name.removesuffix("[x]"))
    member, pair = placed(members, part)
    if member == node.member:
        put(node, pair)
    else:
        # A choice with another type: first the new one, so that what holds it is never without content.
        store(node.above, member, [pair])
        node.above.members.pop(node.member, None)
        node.above.members.pop(f"_{node.member}", None)


def only(nodes: list[Node]) -> Node:
    if len(nodes) != 1:
        raise Unprocessable(
            "FD-PATCH-PATH",
            f"路径应恰好指向一个元素,现指向 {len(nodes)} 个;请补充下标或 where 条件,或先 add。",
            f"The path must lead to exactly one element and leads to {len(nodes)}; "
            "narrow it with an index or where(), or add what is missing first.",
        )
    return nodes[0]


def _inner(node: Node) -> Node:
    if node.above is None:
        raise Unprocessable(
            "FD-PATCH-ROOT",
            "补丁不能删除或替换整个资源;请用 DELETE 或 PUT。",
            "A patch cannot delete or replace the whole resource; use DELETE or PUT.",
        )
    return node


def _list(node: Node, name: str) -> tuple[str, list[Pair]]:
    element, members = places(node.type, name)
    if not element.many:
        raise Unprocessable(
            "FD-PATCH-LIST",
            f"{name} 不可重复,不能 insert 或 move;请用 add 或 replace。",
            f"{name} does not repeat, so nothing is inserted or moved in it; use add or replace.",
        )
    member = next(iter(members))
    return member, slots(node.members, member)


def _require_within(name: str, index: int, most: int) -> None:
    if not 0 <= index <= most:
        raise Unprocessable(
            "FD-PATCH-INDEX",
            f"{name} 超出列表范围;" + (f"应为 0 至 {most}。" if most >= 0 else "列表为空。"),
            f"{name} is outside the list; " + (f"it may be 0 to {most}." if most >= 0 else "the list is empty."),
        )

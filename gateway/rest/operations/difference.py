"""How one resource became another, as a FHIRPath Patch. https://hl7.org/fhir/R4/fhirpatch.html"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from gateway.rest import parameters
from gateway.rest.patching.elements import Node, Pair, root, slots
from profiles import definitions, json
from profiles.definitions import Element
from profiles.json import Resource

_MOST_COMPARED = 200
"""Items of two lists, from the first that is different, among which moves are looked for: it takes their square."""
_Edits = tuple[list[Resource], list[Resource]]
"""What puts content in place, and what takes content away: in that order, nothing is ever without content."""


def difference(before: Resource, after: Resource) -> Resource:
    """A Parameters resource that makes `after` of `before`, but for the id, which no patch may change.

    Both are valid resources of one type.
    """
    made, gone = _object(root(before), root(after), before["resourceType"], skipped=frozenset({"id"}))
    return parameters.parameters([*made, *gone])


def _object(before: Node, after: Node, path: str, skipped: frozenset[str] = frozenset()) -> _Edits:
    made: list[Resource] = []
    gone: list[Resource] = []
    for element in definitions.elements(before.type):
        if element.name in skipped:
            continue
        edit = _list if element.many else _single
        own_made, own_gone = edit(before, after, element, path)
        made += own_made
        gone += own_gone
    return made, gone


def _single(before: Node, after: Node, element: Element, path: str) -> _Edits:
    name = element.name.removesuffix("[x]")
    old, new = _held(before, element), _held(after, element)
    if new is None:
        return [], [_operation("delete", f"{path}.{name}")] if old else []
    if old is None:
        return [_operation("add", path, _string("name", name), _value("value", *new))], []
    if old[0] == new[0]:
        return _changed(old[0], element, (old[1], new[1]), f"{path}.{name}")
    return [_replaced(f"{path}.{name}", new)], []


def _held(node: Node, element: Element) -> tuple[str, Pair] | None:
    """The type of what is there, and its content."""
    for member, kind in element.json_names.items():
        if found := slots(node.members, member):
            return kind, found[0]
    return None


def _changed(kind: str, element: Element, pairs: tuple[Pair, Pair], path: str) -> _Edits:
    """What is there before and after, with the same type."""
    old, new = pairs
    if _same(old, new):
        return [], []
    if definitions.is_primitive(kind):
        return [_replaced(path, (kind, new))], []
    before, after = _node(kind, old, element), _node(kind, new, element)
    if before.type != after.type:
        return [_replaced(path, (kind, new))], []
    return _object(before, after, path)


def _node(kind: str, pair: Pair, element: Element) -> Node:
    return Node(str(pair[0]["resourceType"]) if kind == "Resource" else kind, pair, element=element)


def _list(before: Node, after: Node, element: Element, path: str) -> _Edits:
    """From left to right: what stands before a place is as it will be, so that places count as in `after`."""
    [(member, kind)] = element.json_names.items()
    old, new = slots(before.members, member), slots(after.members, member)
    steps: list[Resource] = []
    if not new:
        return [], [_operation("delete", f"{path}.{member}[0]") for _ in old]
    for first, last, place, end in _runs([*map(_seen, old)], [*map(_seen, new)]):
        common = min(last - first, end - place)
        for step in range(common):
            where = f"{path}.{member}[{place + step}]"
            steps += _item(kind, element, (old[first + step], new[place + step]), where)
        steps += _inserted(kind, new[place + common : end], place + common, path, member)
        steps += [_operation("delete", f"{path}.{member}[{end}]")] * (last - first - common)
    return steps, []


def _runs(old: list[bytes], new: list[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """Where two lists differ: what stands from `first` to `last` in one, and from `place` to `end` in the other."""
    start = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    if start is None:
        start = min(len(old), len(new))
    left, right = old[start:], new[start:]
    if max(len(left), len(right)) > _MOST_COMPARED:
        yield start, len(old), start, len(new)
        return
    for tag, first, last, place, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start + first, start + last, start + place, start + end


def _item(kind: str, element: Element, pairs: tuple[Pair, Pair], path: str) -> list[Resource]:
    made, gone = _changed(kind, element, pairs, path)
    return [*made, *gone]


def _inserted(kind: str, pairs: list[Pair], place: int, path: str, name: str) -> Iterator[Resource]:
    for index, pair in enumerate(pairs, place):
        yield _operation("insert", f"{path}.{name}", _integer("index", index), _value("value", kind, pair))


def _same(one: object, other: object) -> bool:
    """As JSON that keeps decimals as written: 1.50 is not 1.5; the order of members is no difference."""
    return one == other and _seen(one) == _seen(other)


def _seen(value: object) -> bytes:
    return json.dumps(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list | tuple) else value


# Operations


def _operation(kind: str, path: str, *parts: Resource) -> Resource:
    return parameters.group("operation", [parameters.parameter("type", "code", kind), _string("path", path), *parts])


def _replaced(path: str, new: tuple[str, Pair]) -> Resource:
    return _operation("replace", path, _value("value", *new))


def _string(name: str, value: str) -> Resource:
    return {"name": name, "valueString": value}


def _integer(name: str, value: int) -> Resource:
    return {"name": name, "valueInteger": value}


@cache
def _value_members() -> Mapping[str, str]:
    """`Quantity` → `valueQuantity`; what Parameters cannot carry as a value is made of parts."""
    found = next(one.json_names for one in definitions.elements("Parameters.parameter") if one.name == "value[x]")
    return {kind: member for member, kind in found.items()}


def _value(name: str, kind: str, pair: Pair) -> Resource:
    value, side = pair
    if kind == "Resource":
        return {"name": name, "resource": value}
    if definitions.is_primitive(kind):
        member = _value_members().get(kind, "valueString")
        said = {member: value, f"_{member}": side}
        return {"name": name, **{one: content for one, content in said.items() if content is not None}}
    if kind in _value_members():
        return {"name": name, _value_members()[kind]: value}
    return parameters.group(name, _parts(kind, value))


def _parts(kind: str, value: dict[str, Any]) -> Iterator[Resource]:
    for element in definitions.elements(kind):
        for member, own in element.json_names.items():
            for pair in slots(value, member):
                yield _value(member, own, pair)

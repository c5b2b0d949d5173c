"""The values that a FHIRPath Patch brings, made JSON where they belong. https://hl7.org/fhir/R4/fhirpatch.html"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from gateway.errors import BadRequest, Unprocessable
from gateway.rest.patching.elements import Node, Pair, children, places, slots, store
from profiles import definitions
from profiles.json import Resource
from profiles.primitives import PRIMITIVES

Part = dict[str, Any]
"""A `Parameters.parameter.part`: a `name`, and `value[x]`, `resource` or `part`."""

_FAMILIES = (
    # What Parameters cannot carry, such as xhtml, arrives as its nearest kin; the validator reads the result.
    {"string", "markdown", "code", "id", "xhtml", "uri", "url", "canonical", "oid", "uuid"},
    {"date", "dateTime", "instant"},
    {"integer", "positiveInt", "unsignedInt", "decimal"},
    {"Quantity", "Age", "Count", "Distance", "Duration"},
)


def add(node: Node, name: str, part: Part) -> None:
    """At the end of a repeating element, or a single one that is not there yet."""
    element, members = places(node.type, name)
    member, pair = placed(members, part)
    if not element.many and children(node, element.name.removesuffix("[x]")):
        raise Unprocessable(
            "FD-PATCH-EXISTS",
            f"{name} 只能有一个,且已存在;请改用 replace。",
            f"There can be only one {name}, and it is there; use replace.",
        )
    store(node, member, [*slots(node.members, member), pair])


def placed(members: Mapping[str, str], part: Part) -> tuple[str, Pair]:
    """The JSON member, of those an element may stand under, that fits the value; and the value."""
    typed = {key.removeprefix("_") for key in part if key.removeprefix("_") in _value_types()}
    if len(typed) + ("resource" in part) + ("part" in part) != 1:
        raise BadRequest(
            "FD-PATCH-VALUE",
            "每个值应恰好给出一项:value[x]、part 或 resource。",
            "A value must have exactly one of value[x], part and resource.",
        )
    if "resource" in part:
        return _fitting(members, "Resource"), (_object(part["resource"]), None)
    if "part" in part:
        return _built(members, part["part"])
    [key] = typed
    return _fitting(members, _value_types()[key]), _pair(_value_types()[key], part.get(key), part.get(f"_{key}"))


@cache
def _value_types() -> Mapping[str, str]:
    """`valueQuantity` → `Quantity`."""
    return next(one.json_names for one in definitions.elements("Parameters.parameter") if one.name == "value[x]")


def _fitting(members: Mapping[str, str], said: str) -> str:
    """The type itself, or the one type that is of the same family."""
    family = next((one for one in _FAMILIES if said in one), {said})
    exact = [member for member, kind in members.items() if kind == said]
    fitting = exact or [member for member, kind in members.items() if kind in family]
    if len(fitting) != 1:
        raise _wrong_type(members, said)
    return fitting[0]


def _wrong_type(members: Mapping[str, str], said: str) -> Unprocessable:
    may = ", ".join(list(members.values())[:8])
    return Unprocessable(
        "FD-PATCH-TYPE",
        f"值的类型 {said} 不适用于此元素;可用:{may}。",
        f"A value of type {said} does not fit this element; it may be {may}.",
    )


def _pair(said: str, value: object, side: object) -> Pair:
    if not definitions.is_primitive(said):
        return _object(value), None
    if value is not None and not (isinstance(value, PRIMITIVES[said].kinds) and _accepted(said, value)):
        raise Unprocessable(
            "FD-PATCH-VALUE-FORM",
            f"值不是合法的 {said}:应为{PRIMITIVES[said].form[0]}。",
            f"The value is no {said}: it must be {PRIMITIVES[said].form[1]}.",
        )
    if value is None and side is None:
        raise BadRequest("FD-PATCH-VALUE", "值为 null;请给出值。", "The value is null; give a value.")
    return value, None if side is None else _object(side)


def _accepted(said: str, value: object) -> bool:
    """A JSON true is an int to Python, and to nobody else."""
    return isinstance(value, bool) == (said == "boolean") and bool(PRIMITIVES[said].accepts(value))


def _object(value: object) -> Resource:
    if isinstance(value, dict) and value:
        return value
    raise Unprocessable(
        "FD-PATCH-VALUE-FORM", "值应为非空的 JSON 对象。", "The value must be a JSON object with content."
    )


def _built(members: Mapping[str, str], parts: object) -> tuple[str, Pair]:
    """A value made of parts, each named for an element of the structure it builds; a name may repeat."""
    structures = [(member, kind) for member, kind in members.items() if not definitions.is_primitive(kind)]
    if len(structures) != 1 or structures[0][1] == "Resource":
        raise _wrong_type(members, "part")
    [(member, kind)] = structures
    built: Resource = {}
    for part in checked_parts(parts):
        add(Node(kind, (built, None)), part["name"], part)
    return member, (_object(built), None)


def checked_parts(parts: object) -> list[Part]:
    """Each an object with a name; raises `BadRequest` for anything else."""
    if not isinstance(parts, list) or not all(
        isinstance(part, dict) and isinstance(part.get("name"), str) for part in parts
    ):
        raise BadRequest(
            "FD-PATCH-PART",
            "part 应为数组,每项为带 name 的对象。",
            "`part` must be an array of objects, each with a name.",
        )
    return parts

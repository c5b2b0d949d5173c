"""Compiles one member of a JSON object, primitive or not, single or repeating, to a closure. https://hl7.org/fhir/R4/json.html"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from profiles.primitives import CONTROL_CHARACTERS, LONGEST_STRING, PRIMITIVES, Primitive
from profiles.r4.content import Json, code_words
from profiles.r4.issues import Fault, Place, Word

Check = Callable[[object, Place, list[Fault]], None]
"""Looks at one value that stands at a place."""
Look = Callable[[object, Json, Place, list[Fault]], None]
"""Looks at one member of a JSON object, which stands at a place."""
Member = tuple[type | None, Callable[[Any], object], Look]
"""A value of this very type that the test accepts is good, without a further call; all others are looked at."""

checked_before: Member = (str, bool, lambda *_: None)

JSON_KINDS: dict[type, Word] = {
    bool: ("布尔值", "boolean"),
    int: ("数字", "number"),
    Decimal: ("数字", "number"),
    float: ("数字", "number"),
    str: ("字符串", "string"),
    list: ("数组", "array"),
    dict: ("对象", "object"),
    type(None): "null",
}


def wrong_type(name: str, expected: type, value: object, place: Place) -> Fault:
    if value is None:
        return Fault(place, "FD-NULL", {})
    words = {"type": name, "expected": JSON_KINDS[expected], "came": JSON_KINDS.get(type(value), "?")}
    return Fault(place, "FD-WRONG-TYPE", words)


# Members that are objects


def single_object(step: str, check: Check) -> Member:
    def member(value: object, _owner: Json, place: Place, faults: list[Fault]) -> None:
        depth = place[3] + 1
        if type(value) is list:
            faults.append(Fault((place, step, -1, depth), "FD-SINGLE-EXPECTED", {"name": step}))
            for index, item in enumerate(value):
                check(item, (place, step, index, depth), faults)
        else:
            check(value, (place, step, -1, depth), faults)

    return None, bool, member


def many_objects(step: str, check: Check) -> Member:
    def member(value: object, _owner: Json, place: Place, faults: list[Fault]) -> None:
        depth = place[3] + 1
        if type(value) is list:
            for index, item in enumerate(value):
                check(item, (place, step, index, depth), faults)
            if not value:
                faults.append(Fault((place, step, -1, depth), "FD-EMPTY-ARRAY", {}))
        else:
            faults.append(not_array(step, value, place))
            if type(value) is dict:
                check(value, (place, step, -1, depth), faults)

    return None, bool, member


def not_array(name: str, value: object, place: Place) -> Fault:
    at = (place, name.removeprefix("_"), -1, place[3])
    return Fault(at, "FD-NULL", {}) if value is None else Fault(at, "FD-ARRAY-EXPECTED", {"name": name})


# Members that are primitives


def single_primitive(step: str, kind: str, primitive: Primitive, codes: str) -> Member:
    kinds, accepts = primitive.kinds, primitive.accepts

    def member(value: object, _owner: Json, place: Place, faults: list[Fault]) -> None:
        if type(value) in kinds and accepts(value):
            return
        at = (place, step, -1, place[3])
        if type(value) is list:
            faults.append(Fault(at, "FD-SINGLE-EXPECTED", {"name": step}))
        else:
            faults.append(primitive_fault(kind, codes, value, at))

    return kinds[0], accepts, member


def many_primitives(step: str, kind: str, primitive: Primitive, codes: str) -> Member:
    kinds, accepts = primitive.kinds, primitive.accepts

    def member(value: object, owner: Json, place: Place, faults: list[Fault]) -> None:
        if type(value) is not list:
            faults.append(not_array(step, value, place))
            return
        for index, item in enumerate(value):
            if type(item) in kinds and accepts(item):
                continue
            if item is not None or not _has_object(owner.get("_" + step), index):
                faults.append(primitive_fault(kind, codes, item, (place, step, index, place[3])))
        if not value:
            faults.append(Fault((place, step, -1, place[3]), "FD-EMPTY-ARRAY", {}))

    return None, bool, member


def _has_object(siblings: object, index: int) -> bool:
    return type(siblings) is list and index < len(siblings) and type(siblings[index]) is dict


def primitive_fault(kind: str, codes: str, value: object, place: Place) -> Fault:
    primitive = PRIMITIVES[kind]
    if type(value) not in primitive.kinds:
        return wrong_type(kind, primitive.kinds[0], value, place)
    if type(value) is str and (key := _string_fault(kind, value)):
        return Fault(place, key, {})
    if codes:
        return Fault(place, "FD-CODE", code_words(codes))
    return Fault(place, "FD-FORMAT", {"type": kind, "form": primitive.form})


def _string_fault(kind: str, value: str) -> str:
    if value == "":
        return "FD-EMPTY-STRING"
    if CONTROL_CHARACTERS.search(value):
        return "FD-CONTROL-CHARACTER"
    if kind not in {"string", "markdown"}:
        return ""
    return "FD-TOO-LONG" if len(value) > LONGEST_STRING else "FD-BLANK-STRING"


# Siblings: `_birthDate` carries the id and extensions of `birthDate`. https://hl7.org/fhir/R4/json.html#primitive


def single_sibling(name: str, step: str, check: Check) -> Member:
    def member(value: object, owner: Json, place: Place, faults: list[Fault]) -> None:
        at = (place, step, -1, place[3] + 1)
        if type(value) is list:
            faults.append(Fault(at, "FD-SINGLE-EXPECTED", {"name": "_" + name}))
        else:
            check(value, at, faults)
            if name not in owner and _says_nothing(value):
                faults.append(Fault(at, "FD-EMPTY-OBJECT", {}))

    return None, bool, member


def many_siblings(name: str, step: str, check: Check) -> Member:
    def member(value: object, owner: Json, place: Place, faults: list[Fault]) -> None:
        at = (place, step, -1, place[3])
        values = owner.get(name)
        if type(value) is not list:
            faults.append(not_array("_" + name, value, place))
            return
        if not value:
            faults.append(Fault(at, "FD-EMPTY-ARRAY", {}))
        if type(values) is list and len(values) != len(value):
            faults.append(Fault(at, "FD-SIBLING-LENGTH", {"name": name}))
        for index, item in enumerate(value):
            if item is None and values is not None:
                continue
            here = (place, step, index, place[3] + 1)
            check(item, here, faults)
            if _says_nothing(item) and not _has_value(values, index):
                faults.append(Fault(here, "FD-EMPTY-OBJECT", {}))

    return None, bool, member


def _has_value(values: object, index: int) -> bool:
    return type(values) is list and index < len(values) and values[index] is not None


def _says_nothing(sibling: object) -> bool:
    """Without the value, the sibling has to say something itself: an id alone is no content."""
    return type(sibling) is dict and sibling.keys() == {"id"}


# Choices: `value[x]` is one member of many. https://hl7.org/fhir/R4/formats.html#choice


def only_one(key: str, choice: str, names: list[str], member: Member) -> Member:
    """The member `key`, and a fault (once) when another type of the same choice stands beside it."""
    kind, accepts, look = member
    others = frozenset(names) - {key.removeprefix("_"), "_" + key.removeprefix("_")}

    def only(value: object, owner: Json, place: Place, faults: list[Fault]) -> None:
        if not others.isdisjoint(owner):
            present = [name for name in names if name in owner]
            if present[0] == key:
                found = ", ".join(dict.fromkeys(name.removeprefix("_") for name in present))
                words: dict[str, Word] = {"choice": choice, "found": found}
                faults.append(Fault((place, choice, -1, place[3]), "FD-CHOICE-SEVERAL", words))
        if type(value) is not kind or not accepts(value):
            look(value, owner, place, faults)

    return None, bool, only

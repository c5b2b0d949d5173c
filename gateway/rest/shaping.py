"""What a client wants left out of a resource, or set out in lines: `_summary`, `_elements`, `_pretty`.

https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec

from gateway.errors import BadRequest
from gateway.rest import subsets
from profiles import definitions, json
from profiles.json import Resource

_SUMMARIES = frozenset({"true", "text", "data", "count", "false"})
_ELEMENT = re.compile(r"(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z0-9]*(?:\[x\])?)")
_INCLUDES = ("_include", "_revinclude")


@dataclass(frozen=True, slots=True)
class Shape:
    summary: str = "false"
    """true, text, data, count or false."""
    elements: tuple[str, ...] = ()
    """`name` for every type, `Patient.name` for one."""
    pretty: bool = False

    @property
    def whole(self) -> bool:
        """Whether resources stay as they are; so they do where only their number is asked for."""
        return self.summary in {"count", "false"} and not self.elements


def shape(pairs: Sequence[tuple[str, str]]) -> Shape:
    """What the parameters of a URL or a form ask for; raises `BadRequest` that names the parameter.

    A parameter without a value asks for nothing.
    """
    summary = _once(pairs, "_summary", _SUMMARIES)
    elements = tuple(dict.fromkeys(name for listed in _values(pairs, "_elements") for name in _names(listed)))
    if summary and elements:
        raise _bad("_summary 与 _elements 不能同时使用", "_summary and _elements cannot be used together")
    if summary == "text" and any(name.partition(":")[0] in _INCLUDES for name, _ in pairs):
        raise _bad(
            "_summary=text 不能与 _include、_revinclude 同时使用",
            "_summary=text cannot be used together with _include or _revinclude",
        )
    return Shape(summary or "false", elements, _once(pairs, "_pretty", frozenset({"true", "false"})) == "true")


def shaped(content: bytes, asked: Shape, *, included: bool = False) -> bytes:
    """A stored resource without what is not asked for, tagged SUBSETTED; the same object where all of it is.

    `included` is a resource that came with the matches: `_elements` without a type are not said of it.
    """
    return content if asked.whole else json.dumps(_subset(json.loads(content), asked, included=included))


def bundled(content: bytes, asked: Shape) -> bytes:
    """A searchset or history with all its resources shaped; what the server says of the search stays whole."""
    if asked.whole:
        return content
    bundle: Resource = json.loads(content)
    entries = [_entry(entry, asked) for entry in bundle.get("entry", ())]
    return json.dumps({**bundle, "entry": entries}) if entries else content


def pretty(content: bytes) -> bytes:
    """The same JSON in lines, with two spaces for every level; numbers stay as they are written."""
    return msgspec.json.format(content, indent=2)


def _entry(entry: Resource, asked: Shape) -> Resource:
    mode = entry.get("search", {}).get("mode")
    if "resource" not in entry or mode == "outcome":
        return entry
    return {**entry, "resource": _subset(entry["resource"], asked, included=mode == "include")}


def _subset(resource: Resource, asked: Shape, *, included: bool) -> Resource:
    match asked.summary:
        case "true":
            return subsets.summary(resource)
        case "text":
            return subsets.narrative(resource)
        case "data":
            return subsets.data(resource)
    own = _said_of(resource["resourceType"], asked.elements, included=included)
    return subsets.elements(resource, own) if own else resource


def _said_of(resource_type: str, elements: Iterable[str], *, included: bool) -> frozenset[str]:
    """The names of elements that are for this type."""
    split = (name.rpartition(".") for name in elements)
    return frozenset(name for kind, _, name in split if kind == resource_type or (not kind and not included))


def _values(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for one, value in pairs if one == name and value]


def _once(pairs: Iterable[tuple[str, str]], name: str, known: frozenset[str]) -> str | None:
    values = set(_values(pairs, name))
    if not values:
        return None
    if len(values) > 1 or not values <= known:
        listed = sorted(known)
        raise _bad(f"{name} 应为 {'、'.join(listed)} 之一", f"{name} must be one of {', '.join(listed)}")
    return values.pop()


def _names(listed: str) -> list[str]:
    names = [name.strip() for name in listed.split(",") if name.strip()]
    for name in names:
        _require_element(name)
    return names


def _require_element(name: str) -> None:
    match = _ELEMENT.fullmatch(name)
    if match is None:
        raise _bad(
            "_elements 的每一项应为顶层元素名,如 name 或 Patient.name,以逗号分隔",
            "Every item of _elements must be an element at the top of a resource, like name or Patient.name; "
            "put commas between them",
        )
    kind, element = match.groups()
    if kind is not None and kind not in definitions.resource_types():
        raise _bad(f"_elements 中的 {kind[:64]} 不是资源类型", f"{kind[:64]} in _elements is not a resource type")
    if element not in (_every() if kind is None else subsets.names(kind)):
        raise _bad(f"_elements 中的 {element[:64]} 不存在", f"There is no element {element[:64]} as _elements names it")


@cache
def _every() -> frozenset[str]:
    return frozenset().union(*(subsets.names(kind) for kind in definitions.resource_types()))


def _bad(zh: str, en: str) -> BadRequest:
    return BadRequest("FD-SHAPE", f"{zh}。", f"{en}.")

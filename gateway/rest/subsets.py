"""Parts of a resource that are still a valid resource, tagged SUBSETTED. https://hl7.org/fhir/R4/resource.html#simple-tags"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from profiles import definitions
from profiles.definitions import Element
from profiles.json import Resource

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_NEVER_CUT = frozenset({"Extension", "Meta", "Narrative"})
"""An extension says what it says as a whole, and so do these."""


def summary(resource: Resource) -> Resource:
    """`_summary=true`: the elements marked so, all the way down, and those that are mandatory or modify others."""
    return _tagged(_closed(_object(resource, resource["resourceType"]), resource))


def narrative(resource: Resource) -> Resource:
    """`_summary=text`: id, meta, text and what is mandatory."""
    return _kept(resource, _text(resource["resourceType"]))


def data(resource: Resource) -> Resource:
    """`_summary=data`: everything but the text."""
    return _tagged({name: value for name, value in resource.items() if name != "text"})


def elements(resource: Resource, asked: frozenset[str]) -> Resource:
    """`_elements`: those named, and what is mandatory or modifies others."""
    return _kept(resource, _members(resource["resourceType"], asked))


@cache
def names(resource_type: str) -> frozenset[str]:
    """Every name of an element at the top: of a choice `value`, `value[x]` and `valueQuantity`."""
    return frozenset({"resourceType"}).union(*(_named(one) for one in definitions.elements(resource_type)))


def _named(element: Element) -> set[str]:
    return {element.name, element.name.removesuffix("[x]"), *element.json_names}


@lru_cache(maxsize=128)
def _members(resource_type: str, asked: frozenset[str]) -> frozenset[str]:
    of_type = definitions.elements(resource_type)
    wanted = (one for one in of_type if one.required or one.modifier or not asked.isdisjoint(_named(one)))
    return _ALWAYS.union(*(one.json_names for one in wanted))


@cache
def _text(resource_type: str) -> frozenset[str]:
    required = (one for one in definitions.elements(resource_type) if one.required)
    return (_ALWAYS | {"text"}).union(*(one.json_names for one in required))


def _kept(resource: Resource, members: frozenset[str]) -> Resource:
    part = {name: value for name, value in resource.items() if name.removeprefix("_") in members}
    return _tagged(_closed(part, resource))


@cache
def _in_summary(name: str) -> Mapping[str, str]:
    """JSON member → type, of what a summary keeps of a structure."""
    kept = (one for one in definitions.elements(name) if one.summary or one.required or one.modifier)
    return {member: kind for one in kept for member, kind in one.json_names.items()}


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    """What a summary keeps of an object; all of it rather than nothing, for there is no empty object in FHIR."""
    kinds = _in_summary(name)
    return dict(_parts(value, kinds)) or value


def _parts(value: dict[str, Any], kinds: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for member, inner in value.items():
        if member in kinds:
            yield member, _value(inner, kinds[member])
        elif member == "resourceType" or (member[0] == "_" and member[1:] in kinds):
            yield member, inner


def _value(value: Any, kind: str) -> Any:
    match value:
        case list():
            return [_value(one, kind) for one in value]
        case {"resourceType": str()}:
            return summary(value)
        case dict() if kind not in _NEVER_CUT:
            return _object(value, kind)
    return value


def _closed(part: Resource, resource: Resource) -> Resource:
    """With the contained resources that the part still refers to: a reference into the resource must not be broken.

    https://hl7.org/fhir/R4/references.html#contained
    """
    if "contained" not in resource or "contained" in part:
        return part
    rest = {f"#{one['id']}": one for one in resource["contained"] if "id" in one}
    found: list[Resource] = []
    waiting: list[Any] = [part]
    while waiting:
        for reference in _local(waiting.pop()):
            if one := rest.pop(reference, None):
                found.append(one)
                waiting.append(one)
    whole = {**part, "contained": found}
    return {name: whole[name] for name in resource if name in whole} if found else part


def _local(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for inner in value.values():
                yield from _local(inner)
        case list():
            for inner in value:
                yield from _local(inner)
        case str() if value.startswith("#"):
            yield value


def _tagged(resource: Resource) -> Resource:
    meta = resource.get("meta", {})
    tags = meta.get("tag", [])
    if any({**tag, **SUBSETTED} == tag for tag in tags):
        return resource
    return {**resource, "meta": {**meta, "tag": [*tags, SUBSETTED]}}

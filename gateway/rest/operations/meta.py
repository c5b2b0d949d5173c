"""$meta, $meta-add, $meta-delete: profiles, tags and security labels. https://hl7.org/fhir/R4/resource-operations.html"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.finding import Place
from gateway.planning import Write
from gateway.records import Records
from gateway.rest import conditions, headers, parameters
from gateway.rest.addresses import known_type, read_id, written_id
from gateway.rest.exchange import Request, Response
from profiles import operations
from profiles.json import Resource

_LISTS = ("profile", "security", "tag")
Meta = dict[str, Any]
Edit = Callable[[list[Any], list[Any]], list[Any]]
"""Of what a resource has and what was given, what it is to have."""


async def of_system(request: Request, records: Records) -> Response:
    return await _used(request, records, Place())


async def of_type(request: Request, records: Records) -> Response:
    return await _used(request, records, Place(known_type(request.segments[0])))


async def _used(request: Request, records: Records, place: Place) -> Response:
    """Everything in use in what the caller may find."""
    _require_nothing(request)
    found: Meta = {}
    for name, value in await records.metas(place):
        found.setdefault(name, []).append(value)
    return _answer(found)


async def of_resource(request: Request, records: Records) -> Response:
    _require_nothing(request)
    stored = await records.read(known_type(request.segments[0]), read_id(request.segments[1]))
    return _answer(stored.resource().get("meta", {}), headers.versioned(stored))


async def add(request: Request, records: Records) -> Response:
    return await _changed(request, records, "Resource-meta-add", _with)


async def delete(request: Request, records: Records) -> Response:
    return await _changed(request, records, "Resource-meta-delete", _without)


async def _changed(request: Request, records: Records, name: str, edit: Edit) -> Response:
    """A new version of the resource, where the change is one."""
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    meta = parameters.one(parameters.read(request, operations.inputs(name)), "meta")
    tags = conditions.expected(request.headers)
    expected = tags.have if tags else None
    changed = Write(
        resource_type, resource_id, expected=expected, change=lambda resource: _edited(resource, meta, edit)
    )
    [made] = await records.write([changed])
    assert made.stored is not None  # noqa: S101 - only a delete leaves nothing
    return _answer(made.stored.resource().get("meta", {}), headers.versioned(made.stored))


def _edited(resource: Resource, given: Meta, edit: Edit) -> Resource:
    meta = {**resource.get("meta", {})}
    for name in _LISTS:
        left = edit(meta.pop(name, []), given.get(name, []))
        if left:
            meta[name] = left
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return {**rest, "meta": meta} if meta else rest


def _with(had: list[Any], given: list[Any]) -> list[Any]:
    known = {_identity(one) for one in had}
    new = {_identity(one): one for one in given}
    return [*had, *(one for own, one in new.items() if own not in known)]


def _without(had: list[Any], given: list[Any]) -> list[Any]:
    gone = {_identity(one) for one in given}
    return [one for one in had if _identity(one) not in gone]


def _identity(one: Any) -> object:  # noqa: ANN401 - a canonical or a Coding
    """Tags are one by system and code, whatever they are called: https://hl7.org/fhir/R4/resource.html#tag-updates"""
    return (one.get("system"), one.get("code")) if isinstance(one, dict) else one


def _require_nothing(request: Request) -> None:
    parameters.read(request, {})


def _answer(meta: Meta, about: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """No parameter where nothing has any: an element without content is none."""
    told = parameters.answer([parameters.parameter("return", "Meta", meta or None)])
    return replace(told, headers=about)

"""GET /openapi.json: the FHIR API for tools that read OpenAPI 3.1, made from the table of routes.

https://spec.openapis.org/oas/v3.1.1.html
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version

from gateway.errors import BadRequest
from gateway.rest.capability import declared
from gateway.rest.capability.declared import Shape, Table
from gateway.rest.openapi import components
from gateway.rest.openapi.calls import CALLS, Facts
from gateway.rest.openapi.components import Object, query, schema
from gateway.search.parameters import Catalogue
from profiles import definitions, json, operations
from profiles.definitions import SearchParameter
from profiles.primitives import PRIMITIVES

_ABOUT = (
    "FHIR R4 (4.0.1) as JSON. Search parameters may carry modifiers (`name:exact`) and chains "
    "(`subject:Patient.name`), which OpenAPI has no words for. "
    "`?type=Patient,Observation` of this document shows those types only."
)
_COMPARTMENTS = frozenset({"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"})


def types(asked: Sequence[str]) -> tuple[str, ...]:
    """Of `?type=Patient,Observation`; all where nothing is asked."""
    named = tuple(sorted({name for value in asked for name in value.split(",") if name}))
    known = definitions.resource_types()
    for name in named:
        if name not in known:
            raise BadRequest(
                "FD-TYPE",
                f"FHIR 4.0.1 没有资源类型 {name[:64]}。",
                f"FHIR 4.0.1 has no resource type {name[:64]}.",
            )
    return named or tuple(sorted(known))


def document(table: Table, catalogue: Catalogue, listed: tuple[str, ...], server: str) -> bytes:
    """The description of what the table has for these types; `server` is where the FHIR API is."""
    return _document(
        tuple((shape, tuple(methods)) for shape, methods in table.items()), catalogue, catalogue.added, listed, server
    )


@lru_cache(maxsize=4)
def _document(
    calls: tuple[tuple[Shape, tuple[str, ...]], ...],
    catalogue: Catalogue,
    _: frozenset[tuple[SearchParameter, bool]],
    listed: tuple[str, ...],
    server: str,
) -> bytes:
    paths: Object = {}
    for shape, methods in calls:
        for path, resource_type in _paths(shape, listed):
            paths[path] = _path(shape, methods, resource_type, catalogue)
    content: Object = {
        "openapi": "3.1.0",
        "info": {"title": "fdgw FHIR API", "version": version("fdgw"), "description": _ABOUT},
        "servers": [{"url": server}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in ("system", *listed)],
        "paths": paths,
        "components": components.components(listed),
    }
    return json.dumps(content)


def _paths(shape: Shape, listed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Path and resource type, for every type that an address can be of."""
    first = shape[0] if shape else ""
    if first == "*":
        for one in listed:
            if len(shape) < 3 or shape[2] != "*" or one in _COMPARTMENTS:
                yield _path_of(one, shape[1:]), one
    elif first[:1].isupper():
        yield from ((_path_of(first, shape[1:]), first) for one in listed if one == first)
    else:
        yield f"/{'/'.join(shape).replace('*', '{id}')}", ""


def _path_of(resource_type: str, rest: Shape) -> str:
    names = iter(("{id}", "{type}" if rest[1:2] == ("*",) else "{vid}"))
    return "/".join(["", resource_type, *(next(names) if segment == "*" else segment for segment in rest)])


def _path(shape: Shape, methods: Iterable[str], resource_type: str, catalogue: Catalogue) -> Object:
    named = next((segment[1:] for segment in shape if segment.startswith("$")), "")
    said: Object = {"parameters": [*_in_path(shape), *map(_parameter, ("_format", "_pretty"))]}
    for method in methods:
        if named:
            said[method.lower()] = _operation(named, shape, method, resource_type)
        else:
            said[method.lower()] = _call(CALLS.get((shape, method)) or _plain(shape, method), resource_type, catalogue)
    return said


def _in_path(shape: Shape) -> Iterator[Object]:
    rest = shape[1:]
    names = ["id", "type" if rest[1:2] == ("*",) else "vid"][: rest.count("*")]
    for name in names:
        pattern = {"id": "[A-Za-z0-9.-]{1,64}", "vid": "[0-9]{1,9}", "type": "[A-Z][A-Za-z]+|[*]"}[name]
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^({pattern})$"}}


def _plain(shape: Shape, method: str) -> Facts:
    """Of a call of which nothing else is said."""
    name = "".join(segment.strip("*_$") for segment in shape)
    return Facts(f"{name}By{method.capitalize()}", f"{method} {name}", {"200": "Resource"})


def _call(facts: Facts, resource_type: str, catalogue: Catalogue) -> Object:
    own = catalogue.of(resource_type).values() if facts.own else ()
    searched = [query(one.name.code, schema(f"search-{one.kind}")) for one in own if one.ready]
    said: Object = {
        "operationId": facts.name + resource_type,
        "summary": facts.summary,
        "tags": [resource_type or "system"],
        "parameters": [*map(_parameter, facts.parameters), *searched],
        "responses": _answers({status: f"#/components/responses/{name}" for status, name in facts.answers.items()}),
    }
    if facts.body == "Resource":
        said["requestBody"] = components.body((components.FHIR_JSON, resource_type))
    elif facts.body:
        said["requestBody"] = {"$ref": f"#/components/requestBodies/{facts.body}"}
    return said | ({"security": []} if facts.name == "metadata" else {})


def _operation(name: str, shape: Shape, method: str, resource_type: str) -> Object:
    definition = declared.Operation(name, shape[0] if len(shape) > 1 else "", shape, (method,)).definition
    on_one = "One" if len(shape) > 2 else ""
    said: Object = {
        "operationId": f"{name}{resource_type}{on_one}By{method.capitalize()}",
        "summary": f"${name}",
        "tags": [resource_type or "system"],
        "externalDocs": {"url": definition},
        "responses": _answers({"200": "#/components/responses/Resource"}),
    }
    if method == "GET":
        return said | {"parameters": list(_simple_inputs(definition))}
    kind = "Bundle" if name == "process-message" else "Parameters"
    return said | {"requestBody": {"$ref": f"#/components/requestBodies/{kind}"}}


def _simple_inputs(definition: str) -> Iterator[Object]:
    """What can stand in a URL, of an operation that R4 defines."""
    try:
        inputs = operations.inputs(definition.rpartition("/")[2])
    except KeyError:
        return
    for one in inputs.values():
        if one.type in PRIMITIVES:
            kind = {"type": "array", "items": {"type": "string"}} if one.many else {"type": "string"}
            yield query(one.name, kind)


def _answers(found: dict[str, str]) -> Object:
    return {**{status: {"$ref": name} for status, name in found.items()}, "default": _ERROR}


def _parameter(name: str) -> Object:
    return {"$ref": f"#/components/parameters/{name}"}


_ERROR = {"$ref": "#/components/responses/Error"}

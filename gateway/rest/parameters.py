"""What an operation is given, by GET or by POST, and the Parameters it answers with. https://hl7.org/fhir/R4/parameters.html"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.rest import parameter_faults
from gateway.rest.exchange import Request, Response
from gateway.validation import require_structure
from profiles import json
from profiles.definitions import resource_types
from profiles.json import Resource
from profiles.operations import Parameter
from profiles.primitives import PRIMITIVES

Given = dict[str, list[Any]]
"""Name → values, in order: decoded JSON values, resources, or `Given` again for one with parts."""

_OF_EVERY_REQUEST = frozenset({"_format", "_pretty", "_summary", "_elements"})
_TEXTS = frozenset({"string", "code", "uri", "url", "canonical", "id", "markdown", "oid", "uuid"})
_TIMES = frozenset({"date", "dateTime", "instant"})
_NUMBERS = frozenset({"integer", "positiveInt", "unsignedInt"})
_ALIKE = (_TEXTS, _TIMES, _NUMBERS, _NUMBERS | {"decimal"})
"""Types that clients take for one another, and that read the same."""


def read(request: Request, allowed: Mapping[str, Parameter]) -> Given:
    """The parameters of the query and of the body, checked against what the operation takes.

    The body is a Parameters resource, or the one resource that the operation takes. Raises `BadRequest` for a name that
    is not allowed, for a wrong type, for one that is missing or comes too often; `Unprocessable` for an invalid body.
    """
    given: Given = {}
    for name, value in _queried(request, allowed):
        given.setdefault(name, []).append(value)
    if request.method == "POST" and request.body:
        for name, value in _sent(request.resource(), allowed):
            given.setdefault(name, []).append(value)
    parameter_faults.counted(given, allowed, "Parameters.parameter")
    return given


def one(given: Given, name: str, default: Any = None) -> Any:
    """The value of a parameter that comes at most once."""
    return given[name][0] if name in given else default


# The query


def _queried(request: Request, allowed: Mapping[str, Parameter]) -> Iterator[tuple[str, Any]]:
    for name, text in request.query:
        if name not in _OF_EVERY_REQUEST or name in allowed:
            yield name, _value(parameter_faults.known(name, allowed, None), text)


def _value(wanted: Parameter, text: str) -> Any:
    form = PRIMITIVES.get(wanted.type)
    if form is None:
        raise parameter_faults.not_in_url(wanted.name)
    value: Any = text
    if bool in form.kinds:
        value = {"true": True, "false": False}.get(text)
    elif int in form.kinds:
        value = _number(text)
    if type(value) not in form.kinds or not form.accepts(value):
        raise parameter_faults.wrong(wanted.name, None, *form.form)
    return value


def _number(text: str) -> Any:
    """A number as JSON would have it, or None; JSON has no digits but those of ASCII and no leading zeros."""
    try:
        value = json.loads(text[:50])
    except ValueError:
        return None
    return value if not isinstance(value, bool) else None


# The body


def _sent(body: Resource, allowed: Mapping[str, Parameter]) -> Iterator[tuple[str, Any]]:
    require_structure(body)
    if body["resourceType"] != "Parameters":
        yield _alone(body["resourceType"], allowed), body
    else:
        yield from _entries(body.get("parameter", ()), allowed, "Parameters.parameter")


def _alone(resource_type: str, allowed: Mapping[str, Parameter]) -> str:
    """The name of the one parameter that a resource sent without Parameters can be."""
    fitting = [name for name, wanted in allowed.items() if wanted.type in {resource_type, "Resource"}]
    if len(fitting) != 1:
        raise parameter_faults.no_parameters()
    return fitting[0]


def _entries(said: Iterable[Resource], allowed: Mapping[str, Parameter], path: str) -> Iterator[tuple[str, Any]]:
    for index, entry in enumerate(said):
        where = f"{path}[{index}]"
        wanted = parameter_faults.known(entry["name"], allowed, where)
        yield wanted.name, _content(entry, wanted, where)


def _content(entry: Resource, wanted: Parameter, where: str) -> Any:
    if wanted.parts:
        if "part" not in entry:
            raise parameter_faults.wrong(wanted.name, where, "由 part 组成", "parts")
        parts: Given = {}
        for name, value in _entries(entry["part"], wanted.parts, f"{where}.part"):
            parts.setdefault(name, []).append(value)
        parameter_faults.counted(parts, wanted.parts, f"{where}.part")
        return parts
    if wanted.type in resource_types() or wanted.type == "Resource":
        return _resource(entry, wanted, where)
    member = next((name for name in entry if name.startswith("value")), "")
    if not member or not _is_taken(member[5:], wanted.type):
        raise parameter_faults.wrong(
            wanted.name, where, f"value{_capital(wanted.type)}", f"value{_capital(wanted.type)}"
        )
    return entry[member]


def _resource(entry: Resource, wanted: Parameter, where: str) -> Resource:
    found: Resource = entry.get("resource", {})
    if not found or wanted.type not in {"Resource", found["resourceType"]}:
        raise parameter_faults.wrong(
            wanted.name, where, f"{wanted.type} 资源(resource)", f"a {wanted.type} in `resource`"
        )
    return found


def _is_taken(sent: str, wanted: str) -> bool:
    """Whether a value of the type sent, `CodeableConcept` or `Uri`, serves where another is wanted."""
    if wanted in {"Element", "*"} or sent == _capital(wanted):
        return True
    return any(wanted in group and sent in {_capital(name) for name in group} for group in _ALIKE)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


# What is answered


def parameter(name: str, kind: str, value: Any) -> Resource | None:
    """A parameter of a FHIR type; None, to be left out, where there is no value."""
    return None if value is None or value == "" else {"name": name, f"value{_capital(kind)}": value}


def group(name: str, parts: Iterable[Resource | None]) -> Resource:
    return {"name": name, "part": [part for part in parts if part]}


def resource(name: str, content: Resource) -> Resource:
    return {"name": name, "resource": content}


def parameters(said: Iterable[Resource | None]) -> Resource:
    """A Parameters resource of what `parameter`, `group` and `resource` made."""
    found = [entry for entry in said if entry]
    return {"resourceType": "Parameters", **({"parameter": found} if found else {})}


def answer(said: Iterable[Resource | None]) -> Response:
    return Response(200, json.dumps(parameters(said)))

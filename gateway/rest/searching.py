"""Searches and histories: of a type, of all types, of a compartment. https://hl7.org/fhir/R4/http.html#search"""

from urllib.parse import parse_qsl

from gateway.errors import BadRequest, NotFound, UnsupportedMediaType
from gateway.finding import Place
from gateway.histories import Sight
from gateway.records import Records
from gateway.rest import bundle, parameters, shaping
from gateway.rest.addresses import known_type, read_id
from gateway.rest.exchange import Request, Response
from gateway.search import date, query
from profiles import definitions, json

_VERSIONS = 100
"""Of a history, where the client says nothing else."""
_COMPARTMENTS = ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson")


async def search(request: Request, records: Records) -> Response:
    return await _searched(request, records, Place(known_type(request.segments[0])))


async def search_all(request: Request, records: Records) -> Response:
    """GET [base]?_type=…: over several types, by what they have in common."""
    return await _searched(request, records, Place())


async def search_compartment(request: Request, records: Records) -> Response:
    """GET [base]/Patient/id/Type, or with `*` for every type."""
    compartment, resource_id, kind = request.segments[:3]
    if known_type(compartment) not in _COMPARTMENTS:
        raise NotFound(
            "FD-COMPARTMENT",
            f"只有 {'、'.join(_COMPARTMENTS)} 有分区(compartment)。",
            f"Only {', '.join(_COMPARTMENTS)} have a compartment.",
        )
    own_id = read_id(resource_id)
    if kind == "*":
        return await _searched(request, records, Place(None, compartment, own_id))
    resource_type = known_type(kind)
    if resource_type != compartment and resource_type not in definitions.compartment(compartment):
        raise NotFound(
            "FD-COMPARTMENT",
            f"{resource_type} 不属于 {compartment} 的分区。",
            f"{resource_type} is not part of the compartment of a {compartment}.",
        )
    return await _searched(request, records, Place(resource_type, compartment, own_id))


async def _searched(request: Request, records: Records, place: Place) -> Response:
    pairs = (*request.query, *(_form(request) if request.method == "POST" else ()))
    lenient = request.lenient
    if ("_explain", "true") in pairs:
        asked = [pair for pair in pairs if pair[0] != "_explain"]
        explained = await records.explain(place, asked, lenient=lenient)
        plan = json.dumps(explained.plan).decode()
        said = (parameters.parameter("sql", "string", explained.sql), parameters.parameter("plan", "string", plan))
        return parameters.answer(said)
    found = await records.search(place, pairs, lenient=lenient)
    shape = shaping.shape((*found.query.applied, *((name, value) for name, value in pairs if name == "_pretty")))
    return Response(200, bundle.searchset(request, place, found, shape))


def _form(request: Request) -> list[tuple[str, str]]:
    media = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if request.body and media != b"application/x-www-form-urlencoded":
        raise UnsupportedMediaType(
            "FD-MEDIA-TYPE",
            "POST _search 的请求体应为 application/x-www-form-urlencoded。",
            "The body of POST _search must be application/x-www-form-urlencoded.",
        )
    return parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)


async def history(request: Request, records: Records) -> Response:
    """Of a resource, of a type, or of everything."""
    resource_type, resource_id = ([*request.segments[:-1], None, None])[:2]
    asked = dict(request.query)
    sight = Sight(
        known_type(resource_type) if resource_type else None,
        read_id(resource_id) if resource_id else None,
        query.count(asked.get("_count"), _VERSIONS) or _VERSIONS,
        _moment("_since", asked["_since"])[0] if "_since" in asked else 0,
        _moment("_at", asked["_at"]) if "_at" in asked else None,
        asked.get("_cursor"),
    )
    _require_known(asked)
    versions, cursor = await records.history(sight)
    return Response(200, bundle.history(request, sight, versions, cursor))


_OF_HISTORIES = {"_count", "_since", "_at", "_cursor", "_format", "_pretty", "_summary", "_elements"}


def _require_known(asked: dict[str, str]) -> None:
    for name in asked.keys() - _OF_HISTORIES:
        raise BadRequest(
            "FD-HISTORY",
            f"历史查询没有参数 {name[:64]};可用:_count、_since、_at。",
            f"A history has no parameter {name[:64]}; it has _count, _since and _at.",
        )


def _moment(name: str, text: str) -> tuple[int, int]:
    found = date.interval(text.replace(" ", "+"))
    if found is None:
        raise BadRequest(
            "FD-HISTORY",
            f"{name} 应为日期或时刻,如 2026-11-22T08:30:00+08:00。",
            f"{name} takes a date or an instant, as in 2026-11-22T08:30:00+08:00.",
        )
    return found.low, found.high

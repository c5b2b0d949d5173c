"""$everything: the record of a patient or of an encounter, page by page.

https://hl7.org/fhir/R4/patient-operation-everything.html
https://hl7.org/fhir/R4/encounter-operation-everything.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gateway.errors import NotSupported
from gateway.finding import Place
from gateway.records import Records
from gateway.references import local
from gateway.rest import bundle, parameters, shaping
from gateway.rest.addresses import known_type, read_id
from gateway.rest.exchange import Request, Response
from gateway.rest.operations import records_of
from gateway.rest.operations.records_of import Focus
from gateway.rest.parameters import Given
from gateway.search import query
from profiles import operations
from profiles.json import Resource

_CURSOR = "_cursor"
_MOMENTS = frozenset({"start", "end", "_since"})
_SHAPE = frozenset({"_summary", "_elements"})


async def of_patient(request: Request, records: Records) -> Response:
    return await _everything(request, records, "Patient")


async def of_encounter(request: Request, records: Records) -> Response:
    return await _everything(request, records, "Encounter")


async def of_all_patients(_: Request, __: Records) -> Response:
    raise NotSupported(
        "FD-EVERYTHING-TYPE",
        "只支持单个患者的 Patient/{id}/$everything;大量患者的资料请用批量导出。",
        "Only Patient/{id}/$everything, of one patient, is supported; export the data of many in bulk.",
    )


async def _everything(request: Request, records: Records, kind: str) -> Response:
    resource_id = read_id(request.segments[1])
    pairs = request.query if _goes_on(request) else tuple(_pairs(_given(request, kind)))
    stored = await records.read(kind, resource_id)
    focus = Focus(kind, resource_id, _subject(kind, stored.resource()))
    place = Place(None, kind, resource_id, "$everything")
    shape = tuple(pair for pair in request.query if pair[0] in _SHAPE)
    found = await records.paged(place, (*pairs, *shape), lambda own: records_of.asked(records, focus, own))
    wanted = records_of.wanted_types(found.query.applied)
    shown = replace(found, matches=[one for one in found.matches if not wanted or one.type in wanted])
    return Response(200, bundle.searchset(request, place, shown, shaping.shape(found.query.applied)))


def _goes_on(request: Request) -> bool:
    return request.method == "GET" and any(name == _CURSOR for name, _ in request.query)


def _given(request: Request, kind: str) -> Given:
    """A plus sign that a client forgot to escape in a URL arrived as a space."""
    mended = tuple((name, text.replace(" ", "+") if name in _MOMENTS else text) for name, text in request.query)
    given = parameters.read(replace(request, query=mended), operations.inputs(f"{kind}-everything"))
    if "_offset" in given:
        raise NotSupported(
            "FD-EVERYTHING-OFFSET",
            "不支持 _offset;请按 link next 取下一页。",
            "_offset is not supported; follow link next to the next page.",
        )
    return given


def _pairs(given: Given) -> Iterator[tuple[str, str]]:
    """As they stand in a page link; what would be refused is refused here."""
    for name, values in given.items():
        if name == "_type":
            yield name, ",".join(_types(values))
        else:
            yield name, str(values[0])
    query.count(str(parameters.one(given, "_count", 0)))


def _types(values: Sequence[Any]) -> list[str]:
    return [known_type(one) for value in values for one in str(value).split(",")]


def _subject(kind: str, resource: Resource) -> str | None:
    """The patient that an encounter is about, `Patient/1`."""
    if kind != "Encounter":
        return None
    return next((one for one in local({"subject": resource.get("subject", {})}) if one.startswith("Patient/")), None)

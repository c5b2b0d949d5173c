"""$document: a Composition with everything that it refers to, as one Bundle.

https://hl7.org/fhir/R4/composition-operation-document.html and https://hl7.org/fhir/R4/documents.html#content
"""

from collections.abc import Iterable, Iterator
from typing import Any

from gateway import clock
from gateway.errors import BadRequest, NotSupported, TooCostly, Unprocessable
from gateway.planning import Write
from gateway.records import Records
from gateway.references import local
from gateway.rest import headers, parameters
from gateway.rest.addresses import read_id
from gateway.rest.exchange import Request, Response
from gateway.storage.rows import Stored
from profiles import json, operations
from profiles.json import Resource

_MOST = 1000
"""Resources of one document."""
_DEEPEST = 8
"""References away from an entry of a section."""
_UUIDS = "urn:ietf:rfc:3986"


async def document(request: Request, records: Records) -> Response:
    """A new document each time; kept as a Bundle where `persist` asks for it."""
    given = parameters.read(request, operations.inputs("Composition-document"))
    if "graph" in given:
        raise NotSupported(
            "FD-DOCUMENT-GRAPH",
            "不支持 graph;文档包含 Composition 引用的全部资源。",
            "graph is not supported; the document has all that the Composition refers to.",
        )
    composition = await records.read("Composition", _id(request, parameters.one(given, "id")))
    made = _bundle(request, records, [composition, *await _content(records, composition.resource())])
    if parameters.one(given, "persist", default=False):
        return await _kept(request, records, made)
    return Response(200, json.dumps(made))


def _id(request: Request, named: str | None) -> str:
    """Of the Composition: in the address, or in `id`, as an id or as a URL of ours."""
    in_address = request.segments[1] if len(request.segments) == 3 else None
    if (in_address is None) == (named is None):
        raise BadRequest(
            "FD-DOCUMENT-ID",
            "请指明一个 Composition:写作 Composition/{id}/$document,或给出参数 id。",
            "Name one Composition: as Composition/{id}/$document, or in the parameter id.",
        )
    return read_id(in_address or str(named).removeprefix(f"{request.base}/").removeprefix("Composition/"))


def _bundle(request: Request, records: Records, content: Iterable[Stored]) -> Resource:
    """The identifier says which generation of the document this is, and never comes again."""
    own = clock.uuid7()
    return {
        "resourceType": "Bundle",
        "id": own,
        "identifier": {"system": _UUIDS, "value": f"urn:uuid:{own}"},
        "type": "document",
        "timestamp": clock.instant(clock.milliseconds(records.now)),
        "entry": [
            {"fullUrl": f"{request.base}/{stored.type}/{stored.id}", "resource": stored.resource()}
            for stored in content
        ],
    }


async def _kept(request: Request, records: Records, made: Resource) -> Response:
    [outcome] = await records.write([Write("Bundle", made["id"], made, new=True)])
    assert outcome.stored is not None  # noqa: S101 - only a delete leaves nothing
    return Response(200, outcome.stored.content, headers.located(request, outcome.stored))


async def _content(records: Records, composition: Resource) -> list[Stored]:
    """What the Composition refers to, all of it, and what the entries of its sections refer to in turn."""
    own = f"Composition/{composition['id']}"
    direct = local(composition) - {own}
    found = {_name(stored): stored for stored in await records.among(sorted(direct))}
    _require_whole(direct - found.keys())
    entries = {one for section in _sections(composition) for one in local({"entry": section.get("entry", [])})}
    new = [found[one] for one in sorted(entries & found.keys())]
    for _ in range(_DEEPEST):
        wanted = {one for stored in new for one in local(stored.resource())} - found.keys() - {own}
        if not wanted:
            break
        new = await records.among(sorted(wanted))
        found |= {_name(stored): stored for stored in new}
        _require_few(len(found))
    return [found[one] for one in sorted(found)]


def _sections(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section in part.get("section", ()):
        yield section
        yield from _sections(section)


def _name(stored: Stored) -> str:
    return f"{stored.type}/{stored.id}"


def _require_whole(missing: Iterable[str]) -> None:
    """A document that lacks what its Composition speaks of would say something else than its author did."""
    types = sorted({one.partition("/")[0] for one in missing})
    if types:
        raise Unprocessable(
            "FD-DOCUMENT-INCOMPLETE",
            f"Composition 引用的资源不存在或无权读取({'、'.join(types)}),无法生成完整文档。",
            f"Resources that the Composition refers to are missing or may not be read ({', '.join(types)}), "
            "so there is no whole document.",
            "Composition",
        )


def _require_few(count: int) -> None:
    if count > _MOST:
        raise TooCostly(
            "FD-DOCUMENT-LARGE",
            f"文档将包含超过 {_MOST} 个资源;请拆分 Composition。",
            f"The document would have more than {_MOST} resources; split the Composition.",
        )

"""$lastn: the most recent Observations of every code. https://hl7.org/fhir/R4/observation-operation-lastn.html"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from urllib.parse import parse_qsl

from gateway.errors import BadRequest, NotSupported
from gateway.finding import Place
from gateway.records import Records
from gateway.rest import bundle, shaping
from gateway.rest.exchange import Request, Response
from gateway.rest.interactions import typed
from gateway.validation import require_structure

_MAX = re.compile("[1-9][0-9]{0,3}")
_WHOSE = frozenset({"patient", "subject"})
_UNPAGED = frozenset({"_count", "_sort", "_total", "_cursor"})
_FORM = b"application/x-www-form-urlencoded"


async def lastn(request: Request, records: Records) -> Response:
    """The last `max` of every code, of what the search parameters find; all on one page."""
    pairs = [*request.query, *_sent(request)]
    asked = [pair for pair in pairs if pair[0] != "max"]
    _require_possible(asked)
    found = await records.latest(asked, _most(pairs), lenient=request.lenient)
    place = Place("Observation", operation="$lastn")
    return Response(200, bundle.searchset(request, place, found, shaping.shape(found.query.applied)))


def _most(pairs: Sequence[tuple[str, str]]) -> int:
    said = [value for name, value in pairs if name == "max"] or ["1"]
    if len(said) > 1 or not _MAX.fullmatch(said[0]):
        raise BadRequest(
            "FD-LASTN-MAX",
            "max 应为 1 至 9999 的整数,只出现一次。",
            "max is a whole number of 1 to 9999, given once.",
        )
    return int(said[0])


def _require_possible(asked: Sequence[tuple[str, str]]) -> None:
    names = {re.split("[.:]", name)[0] for name, value in asked if value}
    if unpaged := sorted(names & _UNPAGED):
        raise NotSupported(
            "FD-LASTN-PARAMETER",
            f"$lastn 一次给出全部结果,不支持 {'、'.join(unpaged)};请用 max 与检索条件限制数量。",
            f"$lastn answers all at once and has no {', '.join(unpaged)}; limit it by max and by what is searched for.",
        )
    if not names & _WHOSE:
        raise BadRequest(
            "FD-LASTN-PATIENT",
            "请以 patient 或 subject 指明患者。",
            "Say whose Observations are meant, by patient or subject.",
        )


def _sent(request: Request) -> Iterator[tuple[str, str]]:
    """The parameters in the body: of a form, or of a Parameters resource."""
    if request.method != "POST" or not request.body:
        return
    if request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == _FORM:
        yield from parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
        return
    body = request.resource()
    typed(body, "Parameters")
    require_structure(body)
    for index, entry in enumerate(body.get("parameter", ())):
        values = [value for name, value in entry.items() if name.startswith("value")]
        yield entry["name"], _text(values[0] if values else None, f"Parameters.parameter[{index}]")


def _text(value: object, where: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise BadRequest(
        "FD-PARAMETER-TYPE",
        "检索参数应为简单类型,如 valueString。",
        "A search parameter is of a simple type, such as valueString.",
        where,
    )

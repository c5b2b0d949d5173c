"""$expand and $validate-code of value sets. https://hl7.org/fhir/R4/valueset-operations.html"""

from gateway import clock
from gateway.errors import BadRequest, NotSupported
from gateway.records import Records
from gateway.rest import parameters
from gateway.rest.exchange import Request, Response
from gateway.rest.parameters import Given, one
from gateway.rest.terminology import verdicts, vocabulary
from profiles import definitions, json, operations
from profiles.json import Resource
from profiles.terminology import Terminology, Wish

_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
REFUSED = frozenset({"system-version", "check-system-version", "force-system-version"})
"""They would change what is answered, and are not known here."""
_WISHES = {
    "filter": "filter",
    "offset": "offset",
    "count": "count",
    "includeDesignations": "include_designations",
    "includeDefinition": "include_definition",
    "activeOnly": "active_only",
    "excludeNested": "exclude_nested",
    "excludeNotForUI": "exclude_not_for_ui",
    "displayLanguage": "display_language",
}
"""Parameter of $expand → what it is of a `Wish`."""


async def expand(request: Request, records: Records) -> Response:
    records.grant.require("ValueSet", "read")
    given = parameters.read(request, operations.inputs("ValueSet-expand"))
    for name in REFUSED & given.keys():
        raise NotSupported(
            "FD-TERMINOLOGY-PARAMETER", f"不支持参数 {name}。", f"The parameter {name} is not supported."
        )
    known, value_set = await _value_set(request, records, given)
    wish = Wish(
        designation=tuple(given.get("designation", ())),
        exclude_system=tuple(given.get("exclude-system", ())),
        **{field: one(given, name) for name, field in _WISHES.items() if name in given},
    )
    with vocabulary.answering():
        expanded = known.expand(value_set, clock.instant(clock.milliseconds(records.now)), wish)
    return Response(200, json.dumps(expanded))


async def _value_set(request: Request, records: Records, given: Given) -> tuple[Terminology, str | Resource]:
    """What the operation is about, and a terminology that has what it refers to."""
    resource = await vocabulary.subject(request, records, given, "valueSet")
    if resource is not None:
        return await vocabulary.about(records, (), resource), resource
    canonical = vocabulary.canonical(given, "url", "valueSetVersion") or _bound(one(given, "context", ""))
    return await vocabulary.about(records, [("ValueSet", canonical)]), canonical


def _bound(context: str) -> str:
    """The value set of an element, `http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender`."""
    if not context:
        raise BadRequest(
            "FD-TERMINOLOGY-VALUE-SET", "应给出 url、valueSet 或 context。", "Give url, valueSet or context."
        )
    path = context.rpartition("#")[2].removeprefix(_STRUCTURE)
    parent, _, name = path.rpartition(".")
    try:
        bound = [
            element.codes for element in definitions.elements(parent) if name in {element.name, *element.json_names}
        ]
    except KeyError:
        bound = []
    if not any(bound):
        raise NotSupported(
            "FD-TERMINOLOGY-CONTEXT",
            "context 只支持 FHIR 4.0.1 中必须绑定值集(required)的元素;请改用 url。",
            "context is known for elements of FHIR 4.0.1 with a required binding only; use url.",
        )
    return bound[0]


async def validate_code(request: Request, records: Records) -> Response:
    records.grant.require("ValueSet", "read")
    given = parameters.read(request, operations.inputs("ValueSet-validate-code"))
    codings = vocabulary.codings(given, version="systemVersion")
    known, value_set = await _value_set(request, records, given)
    with vocabulary.answering():
        if isinstance(value_set, str):
            known.require_value_set(value_set)
        found = [known.validate_code(verdicts.claim(coding, given), value_set) for coding in codings]
    return parameters.answer(verdicts.told(found))

"""What the paths of the OpenAPI document share: parameters, bodies, answers, types. https://spec.openapis.org/oas/v3.1.1.html"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from gateway.rest import patching
from profiles import definitions
from profiles.primitives import PRIMITIVES

Object = dict[str, Any]
FHIR_JSON = "application/fhir+json"
_STRING: Object = {"type": "string"}
_MANY: Object = {"type": "array", "items": _STRING}
_COUNT: Object = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_JSON_TYPES: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", Decimal: "number"}
_SEARCHED = {
    "token": "system|code, code, system|; `:not` `:text` `:in` `:not-in` `:above` `:below` `:of-type` `:missing`",
    "date": "prefix and date; without a zone: Asia/Shanghai",
    "string": "begins with, whatever case and accents; `:exact` `:contains` `:text` `:missing`",
    "reference": "Type/id, id or URL; `:identifier` `:[type]` `:missing`, chains",
    "uri": "`:above` `:below` `:missing`",
    "number": "prefix and number",
    "quantity": "prefix and number|system|unit",
    "composite": "the two values joined by $",
    "special": "latitude|longitude|distance|unit",
}
"""What the values of a search parameter are; commas between alternatives, repeated where all must hold."""


def _choice(*values: str) -> Object:
    return {"type": "string", "enum": list(values)}


_QUERY: Mapping[str, tuple[Object, str]] = {
    "_format": (_choice("json", "application/fhir+json", "application/json"), "Counts more than Accept"),
    "_pretty": (_choice("true", "false"), "In lines"),
    "_summary": (_choice("true", "text", "data", "count", "false"), "A part of the resources"),
    "_elements": (_STRING, "Names of elements, with commas between"),
    "_type": (_STRING, "Resource types, with commas between"),
    "_id": (_STRING, "Ids, with commas between"),
    "_lastUpdated": (_MANY, _SEARCHED["date"]),
    "_filter": (_STRING, "https://hl7.org/fhir/R4/search_filter.html"),
    "_list": (_STRING, "Id of a List"),
    "_text": (_STRING, "Words of the narrative"),
    "_content": (_STRING, "Words of the content"),
    "_sort": (_STRING, "Search parameters, with commas between and `-` before what is sorted downward"),
    "_count": (_COUNT, "Of a page; at most 1000"),
    "_total": (_choice("none", "estimate", "accurate"), "Whether the matches are counted"),
    "_include": (_MANY, "[type]:[parameter], or *"),
    "_revinclude": (_MANY, "[type]:[parameter], or *"),
    "_contained": (_choice("false"), "Contained resources are not found by themselves"),
    "_cursor": (_STRING, "Of a page link; not to be made up"),
    "_since": (_STRING, "A date or an instant"),
    "_at": (_STRING, "A date or an instant"),
    "mode": (_choice("full", "normative", "terminology"), "Which statement"),
}
_HEADERS: Mapping[str, str] = {
    "If-Match": 'W/"version"',
    "If-None-Match": 'W/"version"',
    "If-Modified-Since": "HTTP date",
    "If-None-Exist": "The query of a search; nothing is created where it finds something",
    "Prefer": "return=minimal, return=representation, return=OperationOutcome; handling=strict, handling=lenient",
}
_BODIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Bundle": ((FHIR_JSON, "Bundle"),),
    "Parameters": ((FHIR_JSON, "Parameters"),),
    "Patch": ((patching.JSON_PATCH, "JsonPatch"), (FHIR_JSON, "Parameters")),
    "Search": (("application/x-www-form-urlencoded", "Form"),),
}
_ANSWERS: Mapping[str, tuple[str, str]] = {
    "Resource": ("The resource, or what Prefer asks for", "Resource"),
    "Created": ("Created; Location has the address", "Resource"),
    "Bundle": ("A Bundle", "Bundle"),
    "Outcome": ("Done, as Prefer asks for it", "OperationOutcome"),
    "Error": ("An OperationOutcome: what is wrong, where, and how to mend it", "OperationOutcome"),
    "Accepted": ("Under way; X-Progress says how far", ""),
    "NoContent": ("Done", ""),
    "NotModified": ("The client has this version", ""),
}
_PATCH: Object = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": _choice("add", "remove", "replace", "move", "copy", "test"),
            "path": _STRING,
            "from": _STRING,
            "value": {},
        },
    },
}


def components(types: Iterable[str]) -> Object:
    return {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "parameters": {
            **{name: query(name, schema, said) for name, (schema, said) in _QUERY.items()},
            **{
                name: {"name": name, "in": "header", "schema": _STRING, "description": s}
                for name, s in _HEADERS.items()
            },
            "criteria": query("criteria", {"type": "object", "additionalProperties": _STRING}, "Search parameters"),
        },
        "requestBodies": {name: body(*kinds) for name, kinds in _BODIES.items()},
        "responses": {name: _answer(said, kind) for name, (said, kind) in _ANSWERS.items()},
        "schemas": _schemas({*types, "Bundle", "OperationOutcome", "Parameters"}),
    }


def query(name: str, schema: Object, said: str = "") -> Object:
    return {"name": name, "in": "query", "schema": schema, **({"description": said} if said else {})}


def schema(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def body(*kinds: tuple[str, str]) -> Object:
    """(media type, schema), any of them."""
    return {"required": True, "content": {media: {"schema": schema(kind)} for media, kind in kinds}}


def _answer(said: str, kind: str) -> Object:
    return {"description": said, **({"content": {FHIR_JSON: {"schema": schema(kind)}}} if kind else {})}


def _schemas(types: Iterable[str]) -> Object:
    own = {name: _resource(name) for name in sorted(types)}
    data_types = {kind for name in own for one in definitions.elements(name) for kind in one.types if "." not in kind}
    return {
        "Resource": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": _STRING},
            "externalDocs": {"url": "https://hl7.org/fhir/R4/resourcelist.html"},
        },
        **{f"search-{kind}": {**_MANY, "description": said} for kind, said in _SEARCHED.items()},
        **{kind: _data_type(kind) for kind in sorted(data_types - {"Resource"})},
        **own,
        "Form": {"type": "object", "additionalProperties": _MANY},
        "JsonPatch": _PATCH,
    }


def _data_type(name: str) -> Object:
    found = PRIMITIVES.get(name)
    if found is None:
        return {"type": "object", "externalDocs": {"url": f"https://hl7.org/fhir/R4/datatypes.html#{name}"}}
    return {"type": _JSON_TYPES[found.kinds[-1] if found.kinds[-1] in _JSON_TYPES else Decimal]}


def _resource(name: str) -> Object:
    """Its elements, one level of them: FHIR's own schema has them all."""
    members: Object = {"resourceType": {"const": name}}
    for element in definitions.elements(name):
        for member, kind in element.json_names.items():
            one = {"type": "object"} if "." in kind else schema(kind)
            members[member] = {"type": "array", "items": one} if element.many else one
    documented = {"url": f"https://hl7.org/fhir/R4/{name.lower()}.html"}
    return {"type": "object", "required": ["resourceType"], "properties": members, "externalDocs": documented}

"""What the CapabilityStatement says of resource types. https://hl7.org/fhir/R4/capabilitystatement.html"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.rest.capability import declared
from gateway.rest.capability.declared import Operation, Table
from gateway.search.parameters import Catalogue, Parameter
from profiles import definitions, package
from profiles.json import Resource

SEARCHING = """\
Every parameter of a search is applied or refused; `Prefer: handling=lenient` has unknown ones ignored.
Modifiers: token `:not :text :in :not-in :above :below :of-type`, string `:exact :contains :text`, \
uri `:above :below`, reference `:identifier :[type]`, and `:missing` for all but composite ones. \
Prefixes of date, number and quantity: `eq ne gt ge lt le sa eb ap`, a different one for every alternative. \
Chains of up to eight links, `_has`, `_filter`, `_include` and `_revinclude` (`:iterate`, `*`), \
`_sort` by up to five parameters, `_count` (at most 1000), `_total`, `_summary`, `_elements`; \
`_type` when all types are searched, `_contained=false` only. \
Histories: `_since`, `_at`, `_count`. Conditional create, read, update, patch and delete.

A date without a zone, in a search or in a resource, means Asia/Shanghai (+08:00). \
Page links are good for half an hour, for the caller they were made for.

不带时区的日期按 Asia/Shanghai(+08:00)理解;未知检索参数会被拒绝,除非 Prefer: handling=lenient。"""

_DATE = "不带时区的日期按 Asia/Shanghai 理解。 Without a zone: Asia/Shanghai."
_NAME = "汉字、全拼、首字母均可检索。 Chinese characters, pinyin or initials: 张三, zhangsan, zs."
_NEAR = "纬度|经度|距离|单位 latitude|longitude|distance|unit, in km, m or [mi_us]."
_COMMON: tuple[Mapping[str, str], ...] = (
    {"name": "_id", "definition": "http://hl7.org/fhir/SearchParameter/Resource-id", "type": "token"},
    {
        "name": "_lastUpdated",
        "definition": "http://hl7.org/fhir/SearchParameter/Resource-lastUpdated",
        "type": "date",
        "documentation": _DATE,
    },
    {"name": "_content", "definition": "http://hl7.org/fhir/SearchParameter/Resource-content", "type": "string"},
    {"name": "_text", "definition": "http://hl7.org/fhir/SearchParameter/DomainResource-text", "type": "string"},
    {"name": "_list", "type": "string", "documentation": "id of a List"},
    {"name": "_filter", "type": "special", "documentation": "https://hl7.org/fhir/R4/search_filter.html"},
)
"""Of every resource, known to the query itself."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of the site that a client should know."""

    integrity: bool
    multiple_delete: bool


def common() -> list[Resource]:
    """What can be asked of all resources at once."""
    indexed = definitions.search_parameters("Basic").values()
    shared = [one for one in indexed if one.code in {"_tag", "_profile", "_security", "_source"}]
    return [
        *map(dict, _COMMON),
        *({"name": one.code, "definition": one.url, "type": one.type} for one in shared),
    ]


def resources(types: Iterable[str], table: Table, catalogue: Catalogue, rules: Rules) -> list[Resource]:
    named = list(declared.named(table))
    pointing, profiles = _pointing(catalogue), _profiles()
    return [
        {
            "type": one,
            **({"supportedProfile": profiles[one]} if one in profiles else {}),
            **_interactions(table, rules),
            **_includes(one, catalogue, pointing),
            "searchParam": search_parameters(one, catalogue),
            **operations([operation for operation in named if operation.type in {one, "*"}]),
        }
        for one in types
    ]


def _profiles() -> dict[str, list[str]]:
    """Ours, by type, which hold wherever the content implies them; what users store is promised to nobody."""
    found: dict[str, list[str]] = {}
    for one in package.resources("structure-definitions"):
        found.setdefault(one["type"], []).append(one["url"])
    return found


def _interactions(table: Table, rules: Rules) -> Resource:
    conditional = declared.conditional(table)
    one_or_many = "multiple" if rules.multiple_delete else "single"
    said: Resource = {
        "interaction": [{"code": code} for code in declared.of_types(table)],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": "conditionalUpdate" in conditional,
        "conditionalDelete": one_or_many if "conditionalDelete" in conditional else "not-supported",
        "referencePolicy": ["literal", "logical", *(["enforced"] if rules.integrity else [])],
    }
    if "conditionalPatch" in conditional:
        said["documentation"] = "PATCH [type]?criteria is supported."
    return said


def _pointing(catalogue: Catalogue) -> dict[str, list[str]]:
    """Target type → the `Type:parameter` that may lead to it."""
    found: dict[str, list[str]] = {}
    for source in sorted(definitions.resource_types()):
        for one in _references(source, catalogue):
            for target in one.targets or definitions.resource_types():
                found.setdefault(target, []).append(f"{source}:{one.name.code}")
    return found


def _includes(resource_type: str, catalogue: Catalogue, pointing: Mapping[str, list[str]]) -> Resource:
    own = [f"{resource_type}:{one.name.code}" for one in _references(resource_type, catalogue)]
    coming = pointing.get(resource_type, [])
    return {
        "searchInclude": ["*", *([f"{resource_type}:*"] if own else []), *own],
        **({"searchRevInclude": ["*", *coming]} if coming else {}),
    }


def _references(resource_type: str, catalogue: Catalogue) -> list[Parameter]:
    known = (one for one in catalogue.of(resource_type).values() if one.kind == "reference" and one.ready)
    return sorted(known, key=lambda one: one.name.code)


def search_parameters(resource_type: str, catalogue: Catalogue) -> list[Resource]:
    """Those that may be used now, by name."""
    own = [_parameter(one) for one in catalogue.of(resource_type).values() if one.ready]
    return sorted([*map(dict, _COMMON), *own], key=lambda one: (one["name"][0] != "_", one["name"]))


def _parameter(one: Parameter) -> Resource:
    said = {"name": one.name.code, "definition": one.url, "type": one.kind}
    if one.kind == "date":
        return said | {"documentation": _DATE}
    if one.kind == "special":
        return said | {"documentation": _NEAR}
    if one.kind == "string" and any(place.type == "HumanName" for place in one.places):
        return said | {"documentation": _NAME}
    return said


def operations(found: Iterable[Operation]) -> Resource:
    """Each once, whether it is for a type, for one resource, or both."""
    named = {(one.code, one.definition): one for one in found}
    listed = [{"name": code, "definition": definition} for code, definition in sorted(named)]
    return {"operation": listed} if listed else {}

"""HL7's code systems, value sets, concept maps and operations as `compile` keeps them: FHIR's shape, no prose."""

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]

SOURCES = (
    *((name, kind) for name in ("valuesets", "v3-codesystems", "v2-tables") for kind in ("CodeSystem", "ValueSet")),
    ("conceptmaps", "ConceptMap"),
    ("profiles-resources", "OperationDefinition"),
)
"""Files of the npm package, and what is taken from each."""
FILES = ("code-systems", "value-sets", "concept-maps", "operations")
LICENSED = frozenset({"http://snomed.info/sct", "http://www.ama-assn.org/go/cpt"})
"""Systems whose words may not be passed on to everybody: their codes are kept, and no displays."""
LANGUAGES = ("zh", "en")
"""Of designations; HL7's are Dutch and German for the most part."""

_SYSTEM = (
    "version", "name", "title", "status", "language", "caseSensitive", "content", "hierarchyMeaning", "supplements",
    "valueSet", "concept",
)  # fmt: skip
_CONCEPT = ("code", "display", "designation", "property", "concept")
_SET = ("version", "name", "title", "status", "compose")
_COMPOSE = ("inactive", "lockedDate", "include", "exclude")
_INCLUDE = ("system", "version", "concept", "filter", "valueSet")
_MAP = ("version", "name", "title", "status", "sourceUri", "sourceCanonical", "targetUri", "targetCanonical", "group")
_GROUP = ("source", "sourceVersion", "target", "targetVersion", "element", "unmapped")
_TARGET = ("code", "display", "equivalence", "dependsOn", "product")
_OPERATION = ("url", "name", "code", "affectsState", "resource", "system", "type", "instance", "parameter")
_PARAMETER = ("name", "use", "min", "max", "type", "searchType", "part")


def files(found: Iterable[Json]) -> dict[str, dict[str, Json]]:
    """The files by name, and their entries: by canonical URL, operations by id."""
    kept: dict[str, dict[str, Json]] = {name: {} for name in FILES}
    for resource in found:
        if not resource.get("version", "").startswith("5."):  # Medplum's copy has a pair of FHIR 5.0.0
            match resource["resourceType"]:
                case "CodeSystem":
                    kept["code-systems"][resource["url"]] = system(resource)
                case "ValueSet":
                    kept["value-sets"][resource["url"]] = value_set(resource)
                case "ConceptMap":
                    kept["concept-maps"][resource["url"]] = concept_map(resource)
                case "OperationDefinition":
                    kept["operations"][resource["id"]] = operation(resource)
    return kept


def only(facts: Json, names: Iterable[str]) -> Json:
    return {name: facts[name] for name in names if name in facts}


def system(resource: Json) -> Json:
    worded = resource["url"] not in LICENSED
    return only(resource, _SYSTEM) | concepts(resource, worded=worded)


def concepts(parent: Json, *, worded: bool) -> Json:
    """`{"concept": …}`, or nothing where there are none."""
    found = [concept(one, worded=worded) for one in parent.get("concept", [])]
    return {"concept": found} if found else {}


def concept(facts: Json, *, worded: bool) -> Json:
    kept = only(facts, _CONCEPT)
    kept.pop("designation", None)
    if not worded or kept.get("display") == kept["code"]:
        kept.pop("display", None)
    elif said := list(designations(facts)):
        kept["designation"] = said
    return kept | concepts(facts, worded=worded)


def designations(facts: Json) -> Iterator[Json]:
    for one in facts.get("designation", []):
        if one.get("language", "").partition("-")[0] in LANGUAGES and one["value"] != facts.get("display"):
            yield only(one, ("language", "value"))


def value_set(resource: Json) -> Json:
    compose = only(resource["compose"], _COMPOSE)
    for name in {"include", "exclude"} & compose.keys():
        compose[name] = [include(part) for part in compose[name]]
    return only(resource, _SET) | {"compose": compose}


def include(part: Json) -> Json:
    """Without the version of a system of HL7's own: the one that is named (of task codes) was never published."""
    own = part.get("system", "").startswith("http://hl7.org/fhir/")
    names = tuple(name for name in _INCLUDE if name != "version") if own else _INCLUDE
    return only(part, names) | concepts(part, worded=part.get("system") not in LICENSED)


def concept_map(resource: Json) -> Json:
    return only(resource, _MAP) | {"group": [group(one) for one in resource.get("group", [])]}


def group(facts: Json) -> Json:
    names = _TARGET if facts.get("target") not in LICENSED else tuple(name for name in _TARGET if name != "display")
    elements = [
        only(one, ("code",)) | {"target": [only(target, names) for target in one.get("target", [])]}
        for one in facts["element"]
    ]
    return only(facts, _GROUP) | {"element": elements}


def operation(resource: Json) -> Json:
    return only(resource, _OPERATION) | {"parameter": [parameter(one) for one in resource.get("parameter", [])]}


def parameter(facts: Json) -> Json:
    parts = [parameter(one) for one in facts.get("part", [])]
    return only(facts, _PARAMETER) | ({"part": parts} if parts else {})

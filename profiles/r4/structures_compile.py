"""HL7's StructureDefinitions as `compile` keeps them: differentials in FHIR's shape, no prose.

`python -m profiles.r4.structures_compile PACKAGE FILE` writes what HL7's published snapshots say, as digests, for the
tests of our own. https://hl7.org/fhir/R4/structuredefinition.html
"""

import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from profiles.json import dumps

Json = dict[str, Any]

SOURCES = ("profiles-types", "profiles-resources", "profiles-others", "extension-definitions")
"""Files of the npm package that hold StructureDefinitions of HL7's."""
FILE = "structure-definitions"

_DEFINITION = (
    "version", "name", "title", "status", "fhirVersion", "kind", "abstract", "context", "contextInvariant", "type",
    "baseDefinition", "derivation",
)  # fmt: skip
_ELEMENT = (
    "id", "path", "representation", "sliceName", "slicing", "short", "min", "max", "contentReference", "type",
    "maxLength", "constraint", "mustSupport", "isModifier", "isModifierReason", "isSummary",
    "binding",
)  # fmt: skip
_CHOICES = ("fixed", "pattern", "minValue", "maxValue", "defaultValue")
_CONSTRAINT = ("key", "severity", "human", "expression", "source")
_BINDING = ("strength", "valueSet")
_TYPE = ("code", "profile", "targetProfile", "aggregation", "versioning")
_EXTENSIONS = frozenset(
    f"http://hl7.org/fhir/StructureDefinition/{name}"
    for name in ("structuredefinition-fhir-type", "elementdefinition-maxValueSet")
)
"""The extensions that say what is allowed: the type of an id, the widest that a binding may be."""

_PRIORITY = {"binding": {"strength": "example", "valueSet": "http://hl7.org/fhir/ValueSet/process-priority"}}
_ELEMENTS_OF_HL7: dict[str, Json] = {"ExplanationOfBenefit.priority": _PRIORITY}
_EXPRESSIONS_OF_HL7 = {
    "app-4": "Appointment.cancelationReason.exists() implies "
    "(Appointment.status='no-show' or Appointment.status='cancelled')",
    "bdl-8": "fullUrl.contains('/_history/').not()",
}
"""What Medplum has mended in its copy, as HL7 published it."""


def only(facts: Json, names: Iterable[str]) -> Json:
    return {name: facts[name] for name in names if name in facts}


def definition(sd: Json, elements: Iterable[Json]) -> Json:
    return only(sd, _DEFINITION) | {"differential": {"element": [element(one) for one in elements]}}


def element(facts: Json) -> Json:
    """An ElementDefinition that says only what it adds to its base; flags that are false say nothing."""
    kept = only(facts, _ELEMENT) | {name: fact for name, fact in facts.items() if name.startswith(_CHOICES)}
    kept |= _ELEMENTS_OF_HL7.get(kept["id"], {})
    own = [constraint(one) for one in kept.pop("constraint", ()) if not _inherited(one)]
    if own:
        kept["constraint"] = own
    if "binding" in kept:  # one without a value set must say in words what is meant
        words = ("description",) if "valueSet" not in kept["binding"] else ()
        kept["binding"] = narrowed(kept["binding"], (*_BINDING, *words))
    if "type" in kept:
        kept["type"] = narrowed(kept["type"], _TYPE)
    return {name: fact for name, fact in kept.items() if fact is not False or name.startswith(_CHOICES)}


def _inherited(constraint: Json) -> bool:
    """Data elements repeat what their types say, with the source."""
    return str(constraint.get("source", "")).rpartition("/")[2] in {"Element", "Extension"}


def constraint(facts: Json) -> Json:
    kept = only(facts, _CONSTRAINT)
    return kept | {"expression": _EXPRESSIONS_OF_HL7.get(kept["key"], kept["expression"])}


def narrowed(facts: Any, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - one type or a list of them
    if isinstance(facts, list):
        return [narrowed(one, names) for one in facts]
    told = [one for one in facts.get("extension", ()) if one["url"] in _EXTENSIONS]
    return only(facts, names) | ({"extension": told} if told else {})


# What HL7's own snapshots say, for the tests


def digests(elements: Iterable[Json]) -> str:
    """Six hexadecimal digits for each element of a snapshot, in order."""
    return "".join(digest(one) for one in elements)


def digest(facts: Json) -> str:
    return sha256(dumps(essence(facts))).hexdigest()[:6]


def essence(facts: Json) -> Json:
    """What two snapshots must agree in; not the words, nor the order of constraints."""
    kept = only(facts, ("id", "path", "sliceName", "min", "max", "contentReference"))
    kept["type"] = [only(one, ("code", "profile", "targetProfile")) for one in facts.get("type", ())]
    kept["binding"] = only(facts.get("binding", {}), _BINDING)
    kept["constraint"] = sorted(one["key"] for one in facts.get("constraint", ()))
    if not facts["path"].endswith("xtension"):  # always sliced by URL, and only sometimes said to be
        kept["slicing"] = {"ordered": False} | only(facts.get("slicing", {}), ("discriminator", "ordered", "rules"))
    return kept | {name: facts[name] for name in sorted(facts) if name.startswith(("fixed", "pattern"))}


def published(definitions: Iterable[Json]) -> Iterator[tuple[str, str]]:
    for sd in definitions:
        yield sd["url"], digests(sd["snapshot"]["element"])


def main(package: str, target: str) -> None:
    from profiles.r4 import compile as compiled

    found = compiled.structure_definitions(Path(package) / "dist/fhir/r4")
    Path(target).write_bytes(compiled.lines(dict(published(found))))


if __name__ == "__main__":
    main(*sys.argv[1:])

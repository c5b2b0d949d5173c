"""What is wrong with a resource as FHIR 4.0.1 JSON, every fault with its place. https://hl7.org/fhir/R4/validation.html

A type is compiled once, on first use, into closures that walk a resource and build next to nothing
as long as nothing is wrong.
"""

import re
from dataclasses import replace
from functools import cache
from threading import Lock

from profiles.definitions import Element, elements, is_primitive, resource_types
from profiles.primitives import PRIMITIVES
from profiles.r4.content import Rule, codes, concept_rule, extension_rule, reference_rule
from profiles.r4.issues import EnoughError, Fault, Faults, Issue, Place, Severity, Word, issue, listing, nearest
from profiles.r4.members import (
    Check,
    Member,
    checked_before,
    many_objects,
    many_primitives,
    many_siblings,
    only_one,
    single_object,
    single_primitive,
    single_sibling,
    wrong_type,
)

__all__ = ["Issue", "Severity", "check"]

DEEPEST = 64
MOST_ISSUES = 1000
MOST_SUGGESTIONS = 50
"""Looking for the nearest name costs a hundred times what finding the fault did."""

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")


def check(resource: object) -> list[Issue]:
    """Every fault of any JSON value as a resource, at most a thousand; none when it is valid. Never raises."""
    place, faults = (None, _root(resource), -1, 0), Faults(MOST_ISSUES)
    try:
        _check_resource(resource, place, faults)
    except EnoughError:
        return [*map(issue, faults), issue(Fault(place, "FD-TOO-MANY", {"most": str(MOST_ISSUES)}))]
    return [issue(fault) for fault in faults]


def _root(resource: object) -> str:
    kind = resource.get("resourceType") if type(resource) is dict else None
    return kind if type(kind) is str and kind in resource_types() else "Resource"


# Resources


def _check_resource(value: object, place: Place, faults: list[Fault]) -> None:
    kind = value.get("resourceType") if type(value) is dict else None
    if type(kind) is not str:
        faults.append(Fault(place, "FD-NOT-RESOURCE", {}))
    elif kind not in resource_types():
        suggest = len(faults) < MOST_SUGGESTIONS and _NAME.fullmatch(kind)
        near = nearest(kind, sorted(resource_types())) if suggest else ""
        faults.append(Fault(place, "FD-UNKNOWN-RESOURCE-TYPE", {"nearest": near}))
    else:
        _compiled(kind)(value, place, faults)


def _check_contained(value: object, place: Place, faults: list[Fault]) -> None:
    if type(value) is dict and "id" not in value:
        faults.append(Fault(place, "FD-CONTAINED-ID", {}))
    if type(value) is dict and "contained" in value:
        faults.append(Fault((place, "contained", -1, place[3]), "FD-CONTAINED-NESTED", {}))
    _check_resource(value, place, faults)


# Structures, compiled on first use

OWN_RULES = {"Extension": extension_rule}

_members: dict[str, dict[str, Member]] = {}
"""Of every type compiled so far; types hold one another, so a type's table is there before it is full."""
_compiling = Lock()


@cache
def _compiled(resource_type: str) -> Check:
    with _compiling:
        return _object_check(resource_type)


def _members_of(name: str) -> dict[str, Member]:
    if name not in _members:
        _members[name] = {"resourceType": checked_before} if name in resource_types() else {}
        for element in elements(name):
            _members[name].update(_element_members(element))
    return _members[name]


@cache
def _object_check(name: str, rule: Rule | None = None) -> Check:  # noqa: C901 (each call saved here is saved a hundred times)
    members = _members_of(name)
    required = tuple(_alternatives(element) for element in elements(name) if element.required)
    may_be_bare = name == "Element"

    def check(value: object, place: Place, faults: list[Fault]) -> None:
        if type(value) is not dict:
            faults.append(wrong_type(name, dict, value, place))
        elif not value or (len(value) == 1 and "id" in value and not may_be_bare):
            faults.append(Fault(place, "FD-EMPTY-OBJECT", {}))
        elif place[3] > DEEPEST:
            faults.append(Fault(place, "FD-TOO-DEEP", {"most": str(DEEPEST)}))
        else:
            for key, item in value.items():
                try:
                    kind, accepts, explain = members[key]
                except KeyError:
                    faults.append(_unknown(name, key, place, suggest=len(faults) < MOST_SUGGESTIONS))
                    continue
                if type(item) is not kind or not accepts(item):
                    explain(item, value, place, faults)
            for element, names in required:
                if names.isdisjoint(value):
                    faults.append(Fault((place, element, -1, place[3]), "FD-REQUIRED", {"name": element}))
            if rule:
                rule(value, place, faults)

    return check


def _alternatives(element: Element) -> tuple[str, frozenset[str]]:
    """Any of these members provides the element: a primitive may be there by its extensions alone."""
    names = element.json_names
    siblings = {"_" + name for name, kind in names.items() if is_primitive(kind) and not element.attribute}
    return _step(element), frozenset(names) | siblings


def _element_members(element: Element) -> dict[str, Member]:
    """The JSON members that an element may appear as, siblings included."""
    found: dict[str, Member] = {}
    for name, kind in element.json_names.items():
        if is_primitive(kind):
            found.update(_primitive_members(element, name, kind))
        else:
            check_one = _check_of(element, kind)
            found[name] = (many_objects if element.many else single_object)(_step(element), check_one)
    if len(element.types) > 1:
        return {name: only_one(name, _step(element), list(found), member) for name, member in found.items()}
    return found


def _primitive_members(element: Element, name: str, kind: str) -> dict[str, Member]:
    listed = codes(element.codes) if kind == "code" else frozenset()
    url = element.codes if listed else ""
    primitive = replace(PRIMITIVES[kind], accepts=listed.__contains__) if listed else PRIMITIVES[kind]
    value = (many_primitives if element.many else single_primitive)(_step(element), kind, primitive, url)
    if element.attribute:
        return {name: value}
    sibling = many_siblings if element.many else single_sibling
    return {name: value, "_" + name: sibling(name, _step(element), _object_check("Element"))}


def _check_of(element: Element, kind: str) -> Check:
    if kind == "Resource":
        return _check_contained if element.name == "contained" else _check_resource
    if kind == "Reference":
        return _object_check(kind, reference_rule(element.targets))
    if kind == "CodeableConcept" and codes(element.codes):
        return _object_check(kind, concept_rule(element.codes))
    return _object_check(kind, OWN_RULES.get(kind))


def _step(element: Element) -> str:
    return element.name.removesuffix("[x]")


# What has no place in a structure


def _unknown(name: str, key: str, place: Place, *, suggest: bool) -> Fault:
    if not _NAME.fullmatch(key):
        odd = ("（不是元素名）", "with that name (it is not even a name)")
        return Fault(place, "FD-UNKNOWN-ELEMENT", {"type": name, "name": odd, "nearest": ""})
    for element in elements(name):
        choice = _step(element)
        if choice != element.name and key.startswith(choice) and not key[len(choice) :][:1].islower():
            found: dict[str, Word] = {"name": key, "choice": choice, "allowed": listing(list(element.json_names))}
            return Fault((place, choice, -1, place[3]), "FD-CHOICE-TYPE", found)
    known = [one for element in elements(name) for one in element.json_names] if suggest else []
    words: dict[str, Word] = {"type": name, "name": key, "nearest": nearest(key, known)}
    return Fault((place, key, -1, place[3]), "FD-UNKNOWN-ELEMENT", words)

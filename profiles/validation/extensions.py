"""Extensions by their definitions: known, where they may stand, and what they hold. https://hl7.org/fhir/R4/extensibility.html"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiles import fhirpath
from profiles.fhirpath.nodes import lineage, members, resource_type
from profiles.r4.issues import Fault, Place, listing
from profiles.validation.run import DEEPEST, Check, Look, Run, with_constants
from profiles.validation.tree import Branch, Definition, fixed
from profiles.validation.wordings import shown_url

if TYPE_CHECKING:
    from profiles.validation.engine import Engine

_ANYWHERE = frozenset({"Element", "Any", "Base"})
_CANONICAL = frozenset({"CanonicalResource", "MetadataResource"})
"""Names that later releases have for resources with a URL."""
_OF_OTHER_RELEASES = re.compile(r"http://hl7\.org/fhir/[0-9.]+/StructureDefinition/extension-.+")
"""https://hl7.org/fhir/R4/versions.html#extensions"""
_MISPLACED = frozenset({"http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"})
"""HL7's own definitions have these elsewhere than they say."""


@dataclass(frozen=True, slots=True)
class Known:
    """An extension whose definition is here."""

    check: Check | None
    elements: frozenset[str]
    """Where it may stand: types and paths; empty for anywhere."""
    extensions: frozenset[str]
    paths: tuple[str, ...]
    """FHIRPath, from the resource to elements that may have it."""
    trusted: bool
    """It is HL7's or ours."""
    invariants: tuple[str, ...]
    modifier: bool
    nested: frozenset[str]
    """URLs of the extensions inside."""


def known(definition: Definition, root: Branch, check: Check | None, *, trusted: bool) -> Known:
    contexts = [(one.get("type"), str(one.get("expression", ""))) for one in definition.get("context", ())]
    return Known(
        check=check,
        elements=frozenset(_plain(text) for kind, text in contexts if kind == "element"),
        extensions=frozenset(text for kind, text in contexts if kind == "extension"),
        paths=tuple(text for kind, text in contexts if kind == "fhirpath"),
        trusted=trusted,
        invariants=tuple(definition.get("contextInvariant", ())),
        modifier=bool(root.definition.get("isModifier")),
        nested=frozenset(_nested(root)),
    )


def _plain(path: str) -> str:
    """`Observation.value[x]` is where `Observation.value` is, whatever profile the path begins with."""
    return path.rpartition("#")[2].replace("[x]", "").rpartition("/")[2]


def _nested(root: Branch) -> Iterator[str]:
    extension = root.children.get("extension")
    for one in extension.slices if extension else ():
        url = one.children["url"].definition if "url" in one.children else {}
        found = fixed(url, "fixed")
        yield from ([str(found)] if found else [])
        yield from one.profiles


# Looking at them


def look(engine: "Engine", step: str, owner: str) -> Look:
    """At the extensions of an object of a type."""
    names = frozenset(lineage(owner))
    check = _extension_check(engine, owner, names, modifier=step == "modifierExtension")

    def look_at(item: Any, held: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        depth = place[3] + 1
        if type(item) is list and depth <= DEEPEST:
            for index, one in enumerate(item):
                if type(one) is dict:
                    check(one, held, (place, step, index, depth), run)

    return look_at


def side_look(engine: "Engine", owner: str, name: str, kind: str) -> Look:
    """At the extensions of a primitive, `_birthDate`."""
    names = frozenset([*lineage(kind), *(f"{one}.{name}" for one in lineage(owner))])
    check = _extension_check(engine, kind, names, modifier=False)

    def look_at(item: Any, _held: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        listed = type(item) is list
        for index, side in enumerate(item if listed else [item]):
            extensions = side.get("extension") if type(side) is dict else None
            at: Place = (place, name, index if listed else -1, place[3] + 1)
            for inner, one in enumerate(extensions if type(extensions) is list else ()):
                if type(one) is dict:
                    check(one, side, (at, "extension", inner, at[3] + 1), run)

    return look_at


def _extension_check(
    engine: "Engine", owner: str, names: frozenset[str], *, modifier: bool
) -> Callable[[dict[str, Any], dict[str, Any], Place, Run], None]:
    generic: Check | None = None

    def check(value: dict[str, Any], held: dict[str, Any], place: Place, run: Run) -> None:
        nonlocal generic
        url = value.get("url")
        if type(url) is not str:
            return
        generic = generic or engine.core("Extension") or (lambda *_: None)
        generic(value, None, place, run)
        inside = "Extension" in names and ":" not in url and "url" in held
        definition = None if inside else engine.extension(url, run.inquiry.strangers)
        if inside:
            _check_nested(engine, url, held, place, run)
        elif definition is None:
            unsafe = modifier and not _OF_OTHER_RELEASES.fullmatch(url)
            key = "FD-EXTENSION-UNKNOWN:modifier" if unsafe else "FD-EXTENSION-UNKNOWN"
            run.faults.append(Fault(place, key, {"url": shown_url(url)}))
        else:
            if definition.check is not None:
                definition.check(value, None, place, run)
            if definition.modifier is not modifier:
                key = "FD-EXTENSION-CONTEXT:plain" if modifier else "FD-EXTENSION-CONTEXT:modifier"
                run.faults.append(Fault(place, key, {}))
            if url not in _MISPLACED:
                _check_place(definition, names, held, place, run)
            for text in definition.invariants:
                if not _holds(definition, text, value, (held, owner, held), run):
                    words: dict[str, Any] = {"invariant": text[:300]}
                    run.faults.append(Fault(place, "FD-EXTENSION-CONTEXT:invariant", words))

    return check


def _check_nested(engine: "Engine", url: str, held: dict[str, Any], place: Place, run: Run) -> None:
    """What is inside an extension of which the definition is here, is in that definition."""
    outer = held.get("url")
    if type(outer) is not str or ":" not in outer:
        return
    definition = engine.extension(outer, run.inquiry.strangers)
    if definition is not None and url not in definition.nested:
        run.faults.append(Fault(place, "FD-EXTENSION-UNKNOWN:nested", {"url": shown_url(url)}))


def _check_place(definition: Known, names: frozenset[str], held: dict[str, Any], place: Place, run: Run) -> None:
    if not _may_stand(definition, names, held, place, run):
        allowed = [*sorted(definition.elements | definition.extensions), *definition.paths]
        run.faults.append(Fault(place, "FD-EXTENSION-CONTEXT", {"allowed": listing(allowed)}))


def _may_stand(definition: Known, names: frozenset[str], held: dict[str, Any], place: Place, run: Run) -> bool:
    if not (definition.elements or definition.extensions or definition.paths):
        return True
    if not definition.elements.isdisjoint(names | _ANYWHERE):
        return True
    if "url" in members(resource_type(held)) and not definition.elements.isdisjoint(_CANONICAL):
        return True
    if "Extension" in names and held.get("url") in definition.extensions:
        return True
    return not definition.elements.isdisjoint(_paths(place, run)) or any(
        _leads(definition, path, held, run) for path in definition.paths
    )


def _paths(place: Place, run: Run) -> Iterator[str]:
    """The path of the element that has the extension, from the resource; also as every resource has it."""
    steps: list[str] = []
    at = place[0]
    while at is not None and at is not run.place:
        steps.append(at[1])
        at = at[0]
    rest = ".".join(reversed(steps))
    kind = str(run.resource.get("resourceType"))
    for one in lineage(kind):
        yield f"{one}.{rest}" if rest else one
    if rest:
        yield from _typed_paths(kind, steps[::-1])


def _typed_paths(kind: str, steps: list[str]) -> Iterator[str]:
    """The same by the structure that holds each step: `HumanName.given`, `Questionnaire.item.code`."""
    for count, step in enumerate(steps):
        alternatives = members(kind).get(step, ())
        if not alternatives:
            return
        if count == len(steps) - 1:
            yield from (f"{one}.{step}" for one in lineage(kind))
            yield from (one[2] for one in alternatives)
        kind = alternatives[0][2]


def _leads(definition: Known, path: str, held: dict[str, Any], run: Run) -> bool:
    try:
        return id(held) in run.found_by(path, trusted=definition.trusted)
    except (fhirpath.UndecidedError, fhirpath.NotFhirPathError):
        return True


def _holds(definition: Known, text: str, value: dict[str, Any], owner: fhirpath.Node, run: Run) -> bool:
    """`%extension` is the extension itself."""
    world = with_constants(run.world(trusted=definition.trusted), extension=[(value, "Extension", None)])
    try:
        return fhirpath.compiled(text).holds(owner, world)
    except (fhirpath.UndecidedError, fhirpath.NotFhirPathError):
        return True

"""References and nested resources: what they lead to, and which profiles that has to meet. https://hl7.org/fhir/R4/references.html"""

from typing import TYPE_CHECKING, Any

from profiles.definitions import resource_types
from profiles.fhirpath.nodes import resource_type
from profiles.json import Resource
from profiles.r4.content import target
from profiles.r4.issues import Fault, Place, listing
from profiles.validation.run import DEEPEST, Check, Look, Run
from profiles.validation.tree import Branch

if TYPE_CHECKING:
    from profiles.validation.elements import Plan
    from profiles.validation.engine import Engine

HL7 = "http://hl7.org/fhir/StructureDefinition/"
_ANY = frozenset({"Resource", "DomainResource"})


# References


def target_checks(plan: "Plan", branch: Branch, kind: str) -> list[Check]:
    """Where a profile narrows what a Reference may lead to."""
    if kind != "Reference":
        return []
    wanted = branch.types.get(kind, {}).get("targetProfile", [])
    said = plan.base(branch).get("type", ())
    if not wanted or any(wanted == one.get("targetProfile") for one in said):
        return []
    return [_target_check(plan.engine, tuple(wanted), trusted=plan.trusted)]


def _target_check(engine: "Engine", wanted: tuple[str, ...], *, trusted: bool) -> Check:
    kinds = {url: engine.type_of(url) for url in wanted}
    known = {kind for kind in kinds.values() if kind}
    allowed = frozenset() if len(known) < len(set(kinds.values())) or known & _ANY else frozenset(known)

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is not dict:
            return
        found = _found(value, run)
        kind = resource_type(found) if found else _named(value)
        if allowed and kind in resource_types() and kind not in allowed:
            words: dict[str, Any] = {"type": kind, "allowed": listing(sorted(allowed))}
            run.faults.append(Fault(place, "FD-REFERENCE-TARGET", words))
        elif found is not None:
            fitting = [url for url in wanted if kinds[url] in {kind, *_ANY}]
            if not _meets_one(found, fitting, run, trusted=trusted):
                run.faults.append(Fault(place, "FD-REFERENCE-PROFILE", {"profiles": listing(fitting)}))

    return check


def _found(value: dict[str, Any], run: Run) -> Resource | None:
    reference = value.get("reference")
    return run.resolve(reference) if type(reference) is str else None


def _named(value: dict[str, Any]) -> str:
    """The type that a reference itself tells, literal or logical."""
    reference = value.get("reference")
    named = target(reference) if type(reference) is str else value.get("type")
    return named if type(named) is str else ""


def _meets_one(found: Resource, fitting: list[str], run: Run, *, trusted: bool) -> bool:
    """R4's own types are met by whatever is of them."""
    if not fitting or any(url.startswith(HL7) and url.removeprefix(HL7) in resource_types() for url in fitting):
        return True
    if not trusted:
        run.inquiry.strangers.spend(len(fitting))
    return any(run.conforms(found, url, trusted=trusted) for url in fitting)


# Profiles of values


def profile_check(engine: "Engine", url: str) -> Check:
    """A value that has to meet one profile: what is wrong with it is said where it is."""

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        profile = engine.profile(url, run.inquiry.strangers)
        if profile is not None and profile.check is not None and place[3] <= DEEPEST:
            profile.check(value, side, place, run)

    return check


def any_profile_check(engine: "Engine", urls: list[str], kind: str) -> Check:
    """A value that has to meet one of several profiles."""

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if place[3] <= DEEPEST and not any(engine.fits(value, side, kind, url, run) for url in urls):
            run.faults.append(Fault(place, "FD-PROFILE-NONE", {"profiles": listing(urls)}))

    return check


# Resources inside a resource


def resource_check(plan: "Plan", branch: Branch) -> Check | None:
    """What a profile asks of resources inside: their types, their profiles, and what it says of their elements."""
    from profiles.validation.elements import object_check

    types = [kind for kind in branch.types if kind not in _ANY]
    profiles = [url for url in branch.profiles if url not in {HL7 + name for name in _ANY}]
    elements = object_check(plan, branch, types[0]) if len(types) == 1 else None
    if plan.core or not (types or profiles):
        return None

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        kind = resource_type(value)
        if types and len(types) == len(branch.types) and kind not in types:
            run.faults.append(Fault(place, "FD-TYPE", {"type": kind, "allowed": ", ".join(types)}))
            return
        if len(profiles) == 1:
            profile_check(plan.engine, profiles[0])(value, None, place, run)
        elif profiles and not _meets_one(value, profiles, run, trusted=plan.trusted):
            run.faults.append(Fault(place, "FD-PROFILE-NONE", {"profiles": listing(profiles)}))
        if elements is not None:
            elements(value, None, place, run)

    return check


def resource_look(plan: "Plan", branch: Branch) -> Look | None:
    """Resources inside are checked as any other, with `%resource` and references of their own; a profile adds to it.

    None where a profile says nothing of them.
    """
    from profiles.validation.invariants import checks

    check, step = resource_check(plan, branch), branch.name
    types = [kind for kind in branch.types if kind not in _ANY]
    outer = checks(plan, branch, types[0] if len(types) == 1 else "Resource")
    if not plan.core and check is None and not outer:
        return None

    def look(item: Any, owner: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        listed = type(item) is list
        for index, value in enumerate(item if listed else [item]):
            if type(value) is not dict:
                continue
            at: Place = (place, step, index if listed else -1, place[3] + 1)
            inner = run.of_contained(value, at) if step == "contained" else run.of_entry(value, at, owner)
            if plan.core:
                run.engine.check_inside(inner)
            elif check is not None:
                check(value, None, at, inner)
            for one in outer:
                one(value, None, at, run)

    return look

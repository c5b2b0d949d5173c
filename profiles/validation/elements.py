"""A branch of a snapshot compiled to closures, which build next to nothing while nothing is wrong.

The structure of R4 itself was checked before. `core` is the walk of what R4 says beyond it; the walk of a profile looks
only at what the profile adds to R4. https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from profiles.fhirpath.nodes import members
from profiles.json import dumps
from profiles.r4.issues import Fault, Place
from profiles.validation import bindings, contents, extensions, identifiers, invariants, references, slices
from profiles.validation.run import DEEPEST, Check, Look, Missing, Run
from profiles.validation.tree import Branch, Definition, Tree
from profiles.validation.values import value_checks

if TYPE_CHECKING:
    from profiles.validation.engine import Engine

Alternative = tuple[str, str, str]
"""JSON member, the member of its extensions, type."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a snapshot is compiled with."""

    engine: "Engine"
    tree: Tree
    core: bool
    trusted: bool
    """HL7 wrote it, or we did."""
    elements: dict[int, Check] = field(default_factory=dict)
    """Of branches that content elsewhere refers to."""

    def base(self, branch: Branch) -> Definition:
        """What R4 itself says of the element; nothing for what is R4's own."""
        if self.core:
            return {}
        return self.engine.said(str(branch.definition.get("base", {}).get("path", branch.path)))

    def adds(self, branch: Branch, what: str) -> Any:  # noqa: ANN401 - any JSON value
        """What the definition says that R4's own does not say already."""
        said = branch.definition.get(what)
        return said if said != self.base(branch).get(what) else None


def together(checks: list[Check]) -> Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None
    every = tuple(checks)

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        for one in every:
            one(value, side, place, run)

    return check


# Objects


def object_check(plan: Plan, branch: Branch, kind: str) -> Check | None:
    """Of the members of an object, or of the extensions of a primitive; None where nothing is to be looked at."""
    looks: dict[str, Look] = {}
    required: list[tuple[frozenset[str], Missing]] = []
    for name, child in branch.children.items():
        alternatives = _alternatives(kind, name)
        looks.update(_looks(plan, child, kind, alternatives))
        required += _required(plan, child, alternatives)
    if not looks and not required:
        return None
    return _object(looks, tuple(required))


def _object(looks: dict[str, Look], required: tuple[tuple[frozenset[str], Missing], ...]) -> Check:
    look_of = looks.get

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        held = value if type(value) is dict else side or {}
        if type(held) is not dict or place[3] > DEEPEST:
            return
        for key in held:
            look = look_of(key)
            if look is not None:
                look(held[key], held, place, run)
        for names, missing in required:
            if names.isdisjoint(held):
                missing(place, run)

    return check


def _alternatives(kind: str, name: str) -> tuple[Alternative, ...]:
    """A snapshot may also name one of a choice by its JSON member, `valueQuantity`."""
    table = members(kind)
    if name in table:
        return table[name]
    return tuple(one for every in table.values() if len(every) > 1 for one in every if one[0] == name)


def _required(
    plan: Plan, child: Branch, alternatives: tuple[Alternative, ...]
) -> Iterator[tuple[frozenset[str], Missing]]:
    """What must be there though R4 does not ask for it; a slice that must be there needs the element."""
    if plan.core or not alternatives:
        return
    names = frozenset(name for member, sibling, _ in alternatives for name in (member, sibling) if name)
    if child.least:
        yield names, _missing(child.name, "FD-REQUIRED", {"name": child.name})
    else:
        for one in child.slices:
            if one.least:
                yield names, _missing(child.name, "FD-SLICE-REQUIRED", slices.words(one, 0))


def _missing(step: str, key: str, words: dict[str, Any]) -> Missing:
    def missing(place: Place, run: Run) -> None:
        run.faults.append(Fault((place, step, -1, place[3]), key, words))

    return missing


# Members


def _looks(plan: Plan, child: Branch, owner: str, alternatives: tuple[Alternative, ...]) -> Iterator[tuple[str, Look]]:
    if plan.core and child.name in {"extension", "modifierExtension"}:
        yield child.name, extensions.look(plan.engine, child.name, owner)
        return
    judge = None if plan.core else slices.judge(plan, child, alternatives)
    for member, sibling, kind in alternatives:
        if plan.core and sibling:
            yield sibling, extensions.side_look(plan.engine, owner, child.name, kind)
        look = _look(plan, child, (member, sibling, kind), judge, many=len(alternatives) > 1)
        if look is not None:
            yield member, look
            if sibling and not plan.core:
                yield sibling, _without_value(member, look)


def _without_value(member: str, look: Look) -> Look:
    def look_at(_item: Any, owner: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if member not in owner:
            look(None, owner, place, run)

    return look_at


def _look(
    plan: Plan, child: Branch, alternative: Alternative, judge: slices.Judge | None, *, many: bool
) -> Look | None:
    _, sibling, kind = alternative
    if not plan.core and child.most == 0:
        return _refused(child.name, "FD-NOT-ALLOWED", {"name": child.name})
    if not plan.core and many and child.types and kind not in child.types:
        return _refused(child.name, "FD-TYPE", {"type": kind, "allowed": ", ".join(child.types)})
    if kind == "Resource":
        return references.resource_look(plan, child)
    check = element_check(plan, child, kind)
    least, most = (0, None) if plan.core else (child.least, child.most)
    bounded = least > 1 or (most is not None and not plan.core and plan.adds(child, "max") is not None)
    if check is None and judge is None and not bounded:
        return None
    bounds = _bounds(child.name, least, most) if bounded else None
    return _walk(child.name, sibling, kind, check, judge, bounds)


def _refused(step: str, key: str, words: dict[str, Any]) -> Look:
    def look(_item: Any, _owner: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        run.faults.append(Fault((place, step, -1, place[3]), key, words))

    return look


def _bounds(step: str, least: int, most: int | None) -> Callable[[int, Place, Run], None]:
    def check(count: int, place: Place, run: Run) -> None:
        if count < least:
            words: dict[str, Any] = {"name": step, "least": str(least), "count": str(count)}
            run.faults.append(Fault(place, "FD-TOO-FEW", words))
        if most is not None and count > most:
            words = {"name": step, "most": str(most), "count": str(count)}
            run.faults.append(Fault(place, "FD-REPEATED", words))

    return check


def _walk(  # noqa: PLR0913, PLR0917 - it is a record
    step: str,
    sibling: str,
    kind: str,
    check: Check | None,
    judge: slices.Judge | None,
    bounds: Callable[[int, Place, Run], None] | None,
) -> Look:
    def look(item: Any, owner: dict[str, Any], place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        depth = place[3] + 1
        side = owner.get(sibling) if sibling else None
        if type(item) is list or type(side) is list:
            entries = list(_paired(item, side, place, step))
        else:
            entries = [(item, side, (place, step, -1, depth))]
        if check is not None:
            for value, its_side, at in entries:
                check(value, its_side, at, run)
        here: Place = (place, step, -1, place[3])
        if bounds is not None:
            bounds(len(entries), here, run)
        if judge is not None:
            judge(entries, kind, here, run)

    return look


def _paired(item: Any, side: Any, place: Place, step: str) -> Iterator[tuple[Any, Any, Place]]:  # noqa: ANN401
    values, sides = (one if type(one) is list else [] for one in (item, side))
    for index in range(max(len(values), len(sides))):
        value = values[index] if index < len(values) else None
        yield value, sides[index] if index < len(sides) else None, (place, step, index, place[3] + 1)


# One element


def element_check(plan: Plan, branch: Branch, kind: str) -> Check | None:
    """Of one value: what the definition says of it, and of what is inside."""
    checks: list[Check] = []
    if not plan.core:
        checks += [one if plan.trusted else _paid(one, branch) for one in value_checks(branch.definition, kind)]
        checks += references.target_checks(plan, branch, kind)
    checks += bindings.checks(plan, branch, kind)
    checks += invariants.checks(plan, branch, kind)
    checks += _inside(plan, branch, kind)
    checks += _profiles(plan, branch, kind)
    return together(checks)


def _paid(check: Check, branch: Branch) -> Check:
    """A stranger's pattern may be long, and what is compared with it too."""
    sizes = [len(dumps(fact)) for name, fact in branch.definition.items() if name.startswith(("fixed", "pattern"))]
    cost = 1 + sum(sizes) // 16

    def paid(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        weight = run.inquiry.strangers.weigh([value])
        run.inquiry.strangers.spend(cost * weight)
        check(value, side, place, run)

    return paid


def root_check(plan: Plan, kind: str) -> Check | None:
    """Of a whole resource or data type."""
    checks = [*invariants.checks(plan, plan.tree.root, kind)]
    if plan.core:
        checks += identifiers.CHECKS.get(kind, [])
        checks += bindings.coding_checks(plan.engine, kind)
        checks += contents.CHECKS.get(kind, [])
        checks += contents.resource_checks(plan.tree.root, kind)
    inner = object_check(plan, plan.tree.root, kind)
    return together([*checks, *([inner] if inner else [])])


def _inside(plan: Plan, branch: Branch, kind: str) -> list[Check]:
    if branch.children:
        inner = object_check(plan, branch, kind)
        return [inner] if inner else []
    reference = branch.definition.get("contentReference")
    # What a profile says of the content that is referred to is not meant for the content that refers to it.
    if isinstance(reference, str) and plan.core:
        return [_elsewhere(plan, reference.rpartition("#")[2], kind)]
    if plan.core and kind in branch.types:
        inner = plan.engine.core(kind)
        return [inner] if inner else []
    return []


def _elsewhere(plan: Plan, name: str, kind: str) -> Check:
    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        branch = plan.tree.by_id.get(name)
        if branch is None:
            return
        if id(branch) not in plan.elements:
            plan.elements[id(branch)] = element_check(plan, branch, kind) or (lambda *_: None)
        plan.elements[id(branch)](value, side, place, run)

    return check


def _profiles(plan: Plan, branch: Branch, kind: str) -> list[Check]:
    """Profiles of data types; those of extensions are found by their URL, wherever they stand."""
    urls = branch.types.get(kind, {}).get("profile", [])
    known = plan.base(branch).get("type", ())
    same_in_base = any(urls == one.get("profile") for one in known if one.get("code") == kind)
    if not urls or kind == "Extension" or same_in_base:
        return []
    if len(urls) == 1:
        return [references.profile_check(plan.engine, urls[0])]
    return [references.any_profile_check(plan.engine, urls, kind)]

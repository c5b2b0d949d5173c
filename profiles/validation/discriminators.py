"""What tells slices apart: value, pattern, exists, type and profile, at a path. https://hl7.org/fhir/R4/profiling.html#discriminator"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from profiles import fhirpath
from profiles.fhirpath.nodes import lineage, resource_type
from profiles.r4.content import target
from profiles.terminology import Claim
from profiles.validation.run import Run
from profiles.validation.tree import Branch, fixed
from profiles.validation.values import fits, same

if TYPE_CHECKING:
    from profiles.validation.elements import Plan

Matches = Callable[[Any, Any, str, Run], bool]
"""Whether a value, with its extensions if it is a primitive, of a type, is of the slice."""
Finds = Callable[[Any, Any, str, Run], list[Any]]
"""What there is at a path, in a value with its extensions, of a type."""
Test = Callable[[Any, Run], bool]
"""Whether a JSON value at the path is what the slice has there."""
Spot = tuple["Plan", Branch]
"""A branch, and the snapshot that it is of."""

_STEP = re.compile(r"[^.()]+(?:\([^)]*\))?")
_CALL = re.compile(r"(\w+)\((?:'([^']*)'|([^)]*))\)")
_ON_TYPE = {"type": "type", "path": "$this"}


def matches(plan: "Plan", head: Branch, named: list[Branch], *, many_types: bool) -> dict[int, Matches]:
    """By the identity of the slice; a slice that nobody can tell is left out."""
    given = head.definition.get("slicing", {}).get("discriminator", [])
    if not given and many_types:
        given = [_ON_TYPE]
    if not given:
        return {}
    found = ((one, [_match(plan, one, said["type"], said["path"]) for said in given]) for one in named)
    return {id(one): _all([test for test in tests if test]) for one, tests in found if all(tests)}


def _all(tests: list[Matches]) -> Matches:
    if len(tests) == 1:
        return tests[0]
    return lambda value, side, kind, run: all(test(value, side, kind, run) for test in tests)


def _match(plan: "Plan", branch: Branch, kind: str, path: str) -> Matches | None:
    spots = list(_reached((plan, branch), path))
    if kind in {"value", "pattern"}:
        return _by_value(plan, branch, path, spots)
    if not spots:
        return None
    found = _found(path, trusted=plan.trusted)
    match kind:
        case "exists":
            wanted = spots[0][1].most != 0 if spots[0][1].least or spots[0][1].most == 0 else None
            return None if wanted is None else _by_existence(found, wanted=wanted)
        case "type":
            return _by_type(plan, path, frozenset(code for spot in spots for code in _type_codes(spot)))
        case "profile":
            urls = [url for _, one in spots for url in one.profiles] or _targets(branch, path)
            return _by_profile(found, urls, trusted=plan.trusted) if urls else None
    return None


# Where a path leads in the definition


def _steps(path: str) -> list[str]:
    return [step for step in _STEP.findall(path) if step != "$this"]


def _reached(spot: Spot, path: str) -> Iterator[Spot]:
    spots = [spot]
    for step in _steps(path):
        spots = [inner for one in spots for inner in _stepped(one, step)]
    yield from spots


def _stepped(spot: Spot, step: str) -> Iterator[Spot]:
    plan, branch = spot
    call = _CALL.fullmatch(step)
    if call is None:
        yield from _children(spot, step)
    elif call[1] == "resolve":
        yield from _resolved(spot)
    elif call[1] == "extension":
        yield from (one for one in _extensions(spot) if call[2] in _urls(one[1]))
    elif call[1] in {"ofType", "as"}:
        yield plan, branch


def _children(spot: Spot, name: str) -> Iterator[Spot]:
    plan, branch = spot
    if name in branch.children:
        yield plan, branch.children[name]
        return
    for kind, said in branch.types.items():
        for inner in plan.engine.trees([*said.get("profile", ()), kind]):
            if name in inner.tree.root.children:
                yield inner, inner.tree.root.children[name]
                break


def _extensions(spot: Spot) -> Iterator[Spot]:
    for plan, head in _children(spot, "extension"):
        yield from ((plan, one) for one in head.slices)


def _urls(extension: Branch) -> set[str]:
    url = extension.children.get("url")
    return {*extension.profiles, str(fixed(url.definition, "fixed"))} if url else set(extension.profiles)


def _resolved(spot: Spot) -> Iterator[Spot]:
    plan, branch = spot
    for url in branch.types.get("Reference", {}).get("targetProfile", ()):
        yield from ((inner, inner.tree.root) for inner in plan.engine.trees([url]))


def _targets(branch: Branch, path: str) -> list[str]:
    if "resolve()" not in path:
        return []
    return [url for said in branch.types.values() for url in said.get("targetProfile", ())]


def _type_codes(spot: Spot) -> Iterator[str]:
    _, branch = spot
    yield from branch.types or ([branch.path] if "." not in branch.path else [])


# Where it leads in a value


def _found(path: str, *, trusted: bool) -> Finds:
    """The items that are there; of a path that nobody can walk, none."""

    def items(value: Any, side: Any, kind: str, run: Run) -> list[Any]:  # noqa: ANN401 - any JSON value
        try:
            return fhirpath.compiled(path).items((value, kind, side), run.world(trusted=trusted))
        except fhirpath.TooCostlyError:
            if not trusted:
                raise
            return []
        except (fhirpath.UndecidedError, fhirpath.NotFhirPathError):
            return []

    return items


def _by_existence(found: Finds, *, wanted: bool) -> Matches:
    return lambda value, side, kind, run: bool(found(value, side, kind, run)) is wanted


def _by_type(plan: "Plan", path: str, codes: frozenset[str]) -> Matches:
    if not _steps(path):
        return lambda value, _side, kind, _run: not codes.isdisjoint(lineage(_own_type(value, kind)))
    found = _found(path, trusted=plan.trusted)
    before = _found(path.removesuffix(".resolve()").removesuffix("resolve()") or "$this", trusted=plan.trusted)

    def matches(value: Any, side: Any, kind: str, run: Run) -> bool:  # noqa: ANN401 - any JSON value
        kinds = [item[1] for item in found(value, side, kind, run) if type(item) is tuple]
        if not kinds and path.endswith("resolve()"):
            references = (item[0].get("reference") for item in before(value, side, kind, run) if type(item[0]) is dict)
            kinds = [target(one) or "" for one in references if type(one) is str]
        return any(not codes.isdisjoint(lineage(one)) for one in kinds)

    return matches


def _own_type(value: object, kind: str) -> str:
    return resource_type(value) if kind == "Resource" else kind


def _by_profile(found: Finds, urls: list[str], *, trusted: bool) -> Matches:
    def matches(value: Any, side: Any, kind: str, run: Run) -> bool:  # noqa: ANN401 - any JSON value
        items = [item for item in found(value, side, kind, run) if type(item) is tuple]
        return any(_meets(item, url, run, trusted=trusted) for item in items for url in urls)

    return matches


def _meets(item: fhirpath.Node, url: str, run: Run, *, trusted: bool) -> bool:
    value, kind, side = item
    if type(value) is dict and "resourceType" in value:
        return run.conforms(value, url, trusted=trusted)
    return run.engine.fits(value, side, kind, url, run)


def _by_value(plan: "Plan", branch: Branch, path: str, spots: list[Spot]) -> Matches | None:
    tests = [test for spot in spots if (test := _test(spot))] or list(_from_above((plan, branch), path))
    if not tests:
        return None
    if path == "url" and len(tests) == 1:
        only = tests[0]
        return lambda value, _side, _kind, run: type(value) is dict and only(value.get("url"), run)
    found = _found(path, trusted=plan.trusted)

    def matches(value: Any, side: Any, kind: str, run: Run) -> bool:  # noqa: ANN401 - any JSON value
        items = [item[0] for item in found(value, side, kind, run) if type(item) is tuple]
        if not plan.trusted:
            run.inquiry.strangers.weigh([item for item in items for _ in tests])
        return any(test(item, run) for item in items for test in tests)

    return matches


def _from_above(spot: Spot, path: str) -> Iterator[Test]:
    """A pattern of an element further up says what is at the path too."""
    steps = _steps(path)
    for count in range(len(steps)):
        for _, branch in _reached(spot, ".".join(steps[:count]) or "$this"):
            above = _expected(branch)
            wanted = None if above is None else _dug(above[1], steps[count:])
            if wanted:
                yield partial(_fits_one, wanted)


def _fits_one(wanted: list[Any], value: Any, _: Run) -> bool:  # noqa: ANN401 - any JSON value
    return any(fits(value, one) for one in wanted)


def _dug(value: Any, steps: list[str]) -> list[Any]:  # noqa: ANN401 - any JSON value
    found = [value]
    for step in steps:
        inner = [one[step] for one in found if type(one) is dict and step in one]
        found = [each for one in inner for each in (one if type(one) is list else [one])]
    return found


def _expected(branch: Branch) -> tuple[Callable[[Any, Any], bool], Any] | None:
    for prefix, compare in (("fixed", same), ("pattern", fits)):
        wanted = fixed(branch.definition, prefix)
        if wanted is not None:
            return compare, wanted
    return None


def _test(spot: Spot) -> Test | None:
    """By the fixed value, the pattern or the required binding of a branch, or by those of what is inside it."""
    plan, branch = spot
    expected = _expected(branch)
    if expected is not None:
        compare, wanted = expected
        return lambda value, _: compare(value, wanted)
    binding = branch.definition.get("binding", {})
    if binding.get("strength") == "required" and isinstance(binding.get("valueSet"), str):
        return _in_value_set(plan, binding["valueSet"])
    inner = [(name, test, one.least) for name, one in branch.children.items() if (test := _test((plan, one)))]
    return _of_members(inner) if inner else None


def _of_members(inner: list[tuple[str, Test, int]]) -> Test:
    def test(value: Any, run: Run) -> bool:  # noqa: ANN401 - any JSON value
        return type(value) is dict and all(_member_fits(value, *one, run) for one in inner)

    return test


def _member_fits(value: dict[str, Any], name: str, test: Test, least: int, run: Run) -> bool:
    if name not in value:
        return least == 0
    held = value[name]
    return any(test(one, run) for one in held) if type(held) is list else test(held, run)


def _in_value_set(plan: "Plan", url: str) -> Test:
    def test(value: Any, run: Run) -> bool:  # noqa: ANN401 - any JSON value
        paying = None if plan.trusted else run.inquiry.strangers
        codes = plan.engine.codes(url, paying)
        return any(codes.verdict(claim, paying) is True for claim in _claims(value))

    return test


def _claims(value: Any) -> Iterator[Claim]:  # noqa: ANN401 - any JSON value
    if type(value) is str:
        yield Claim(value, "")
    elif type(value) is dict:
        for one in [value, *(value.get("coding") or ())]:
            if type(one) is dict and type(one.get("code")) is str:
                yield Claim(one["code"], one.get("system") or "")

"""Constraints of R4 that are asked for everywhere, written in Python; each says what its expression says.

https://hl7.org/fhir/R4/domainresource.html#invs
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from profiles.fhirpath.values import Moment, moment
from profiles.validation.run import Run

Json = dict[str, Any]


class Twin(NamedTuple):
    expression: str
    """As R4 has it: a constraint of the same key that says something else is evaluated as it is written."""
    holds: Callable[[Json, Run], object]


def _objects(value: Any) -> list[Json]:  # noqa: ANN401 - any JSON value
    return [one for one in value if type(one) is dict] if type(value) is list else []


def _contained_have_no(*names: str) -> Callable[[Json, Run], object]:
    def holds(value: Json, _: Run) -> bool:
        metas = (one.get("meta") for one in _objects(value.get("contained")))
        return not any(name in meta for meta in metas if type(meta) is dict for name in names)

    return holds


def _contained_are_referred_to(value: Json, _: Run) -> bool:
    contained = _objects(value.get("contained"))
    if not contained:
        return True
    named = set(_fragments(value))
    return all(f"#{one.get('id')}" in named or "#" in set(_fragments(one)) for one in contained)


def _fragments(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """References and canonical URLs within the resource; any text that begins with `#` may be one."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            waiting += one.values()
        elif type(one) is list:
            waiting += one
        elif type(one) is str and one.startswith("#"):
            yield one


def _has_narrative(value: Json, run: Run) -> bool:
    """A contained resource is told of by the narrative of the one that contains it."""
    if run.container is not None:
        return True
    text = value.get("text")
    return type(text) is dict and "div" in text


def _is_in_order(value: Json, _: Run) -> bool:
    """Dates of different precision are in order unless they certainly are not."""
    start, end = (_moment(value.get(name)) for name in ("start", "end"))
    if start is None or end is None:
        return True
    both = start.universal is not None and end.universal is not None
    left, right = (start.universal, end.universal) if both else (start.parts, end.parts)
    pairs = zip(left or (), right or (), strict=False)
    return next((one < other for one, other in pairs if one != other), True)


def _moment(value: object) -> Moment | None:
    return moment(value) if type(value) is str else None


def _contained_is_here(value: Json, run: Run) -> bool:
    reference = value.get("reference")
    if type(reference) is not str or not reference.startswith("#"):
        return True
    return run.within(reference) is not None


def _has_system(value: Json, _: Run) -> bool:
    return "code" not in value or "system" in value


TWINS: dict[str, Twin] = {
    "dom-3": Twin(
        "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | "
        "%resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#')"
        ".exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#')"
        ".exists()).not()).trace('unmatched', id).empty()",
        _contained_are_referred_to,
    ),
    "dom-4": Twin(
        "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()",
        _contained_have_no("versionId", "lastUpdated"),
    ),
    "dom-5": Twin("contained.meta.security.empty()", _contained_have_no("security")),
    "dom-6": Twin("text.`div`.exists()", _has_narrative),
    "per-1": Twin("start.hasValue().not() or end.hasValue().not() or (start <= end)", _is_in_order),
    "qty-3": Twin("code.empty() or system.exists()", _has_system),
    "ref-1": Twin(
        "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id"
        ".trace('ids'))",
        _contained_is_here,
    ),
}
"""By key."""

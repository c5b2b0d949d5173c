"""Where an ElementDefinition stands: its path and its slices, step by step.

https://hl7.org/fhir/R4/elementdefinition.html#id
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from profiles.json import Resource

DEEPEST = 64
"""Steps of a path and slices of slices; HL7's own have seven."""


class Step(NamedTuple):
    name: str
    slice: str


def located(elements: Iterable[Resource]) -> Iterator[tuple[tuple[Step, ...], Resource]]:
    """Each element with its steps: from its id where that fits the path, or else from the elements before it.

    Raises `ValueError` for an element deeper than anybody needs.
    """
    before: tuple[Step, ...] = ()
    for element in elements:
        before = _by_id(element) or _by_order(element, before)
        if sum(1 + step.slice.count("/") for step in before) > DEEPEST:
            raise ValueError("too deep")
        yield before, element


def _by_id(element: Resource) -> tuple[Step, ...]:
    names = element["path"].split(".")
    parts = [part.partition(":") for part in element.get("id", "").split(".")]
    steps = tuple(Step(name, slice_name) for name, _, slice_name in parts)
    fits = len(steps) == len(names) and all(map(_is_named, steps, names))
    return steps if fits and steps[-1].slice in {element.get("sliceName", ""), names[-1]} else ()


def _is_named(step: Step, name: str) -> bool:
    """`value[x]:valueQuantity` in an id is `value[x]` in a path, or in short `valueQuantity`."""
    return step.name == name or (step.slice == name and is_type_slice(step.name, name))


def _by_order(element: Resource, before: tuple[Step, ...]) -> tuple[Step, ...]:
    *outer, last = element["path"].split(".")
    kept: list[Step] = []
    for index, name in enumerate(outer):
        same = len(kept) == index < len(before) and before[index].name == name
        kept.append(before[index] if same else Step(name, ""))
    return (*kept, Step(last, element.get("sliceName", "")))


def is_type_slice(choice: str, name: str) -> bool:
    """Whether the name could be of one type of a choice: `valueQuantity` of `value[x]`."""
    stem = choice.removesuffix("[x]")
    return stem != choice and name.startswith(stem) and name[len(stem) :][:1].isupper()

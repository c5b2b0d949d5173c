"""A snapshot as the tree that it describes: elements with their children and their slices. https://hl7.org/fhir/R4/profiling.html"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from profiles.json import Resource

Definition = dict[str, Any]
"""An ElementDefinition. https://hl7.org/fhir/R4/elementdefinition.html"""


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One element of a snapshot, or one slice of it."""

    definition: Definition
    path: str
    name: str
    """`value` for `value[x]`."""
    slice_name: str = ""
    children: dict[str, "Branch"] = field(default_factory=dict)
    slices: list["Branch"] = field(default_factory=list)

    @property
    def types(self) -> dict[str, Definition]:
        return {kind["code"]: kind for kind in self.definition.get("type", ()) if "code" in kind}

    @property
    def least(self) -> int:
        return int(self.definition.get("min", 0))

    @property
    def most(self) -> int | None:
        """None for any number."""
        most = str(self.definition.get("max", "*"))
        return int(most) if most.isdecimal() else None

    @property
    def profiles(self) -> list[str]:
        """Profiles that a value has to meet, one of them at least."""
        return [url for kind in self.types.values() for url in kind.get("profile", ())]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    root: Branch
    by_id: dict[str, Branch]


def tree(snapshot: Iterable[Definition]) -> Tree:
    """Raises `ValueError` for a snapshot without a root, or with an element whose parent is not there."""
    by_id: dict[str, Branch] = {}
    latest: dict[str, Branch] = {}
    heads: dict[str, Branch] = {}
    root: Branch | None = None
    for definition in snapshot:
        path = str(definition["path"])
        above, _, step = path.rpartition(".")
        branch = Branch(definition, path, step.removesuffix("[x]"), str(definition.get("sliceName", "")))
        by_id[str(definition.get("id", path))] = branch
        latest[path] = branch
        if root is None:
            root = heads[path] = branch
        elif branch.slice_name:
            _attach_slice(heads[path], branch)
        else:
            heads[path] = branch
            latest[above].children[branch.name] = branch
    if root is None:
        raise ValueError("a snapshot has at least one element")
    return Tree(root, by_id)


def _attach_slice(head: Branch, branch: Branch) -> None:
    """`a/b` is a slice of the slice `a`."""
    outer = branch.slice_name.rpartition("/")[0]
    owner = next((one for one in _every_slice(head) if one.slice_name == outer), head) if outer else head
    owner.slices.append(branch)


def _every_slice(head: Branch) -> Iterable[Branch]:
    for one in head.slices:
        yield one
        yield from _every_slice(one)


def fixed(definition: Resource, prefix: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of `fixed[x]`, `pattern[x]`, `minValue[x]`, …; None where there is none."""
    found = (
        value for name, value in definition.items() if name.startswith(prefix) and name[len(prefix) :][:1].isupper()
    )
    return next(found, None)

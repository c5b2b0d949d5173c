"""StructureDefinitions and their snapshots by canonical URL: those in the package, and those that a caller adds."""

from collections.abc import Iterable
from functools import cache, cached_property, partial

from profiles.json import Resource
from profiles.structures import faults, published
from profiles.structures.growth import MOST_ELEMENTS, Growth, Room
from profiles.structures.tree import Node, flat, grown

HL7 = "http://hl7.org/fhir/StructureDefinition/"
_MOST_DERIVATIONS = 24
"""Definitions that wait for one another; HL7's and ours are five."""
_MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError)


class Structures:
    """What is known; definitions of the caller go before those in the package."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self.own: tuple[Resource, ...] = tuple(resources)
        self._own: dict[str, list[Resource]] = {}
        self._trees: dict[str, Node] = {}
        self._snapshots: dict[str, list[Resource]] = {}
        for resource in self.own:
            if resource.get("resourceType") == "StructureDefinition" and isinstance(resource.get("url"), str):
                self._own.setdefault(resource["url"], []).append(resource)

    def including(self, resources: Iterable[Resource]) -> "Structures":
        """These and more, which go before what is here."""
        return Structures([*resources, *self.own])

    def definition(self, canonical: str) -> Resource | None:
        """A StructureDefinition by `url`, `url|version` or the name of a type; not to be changed.

        Those in the package have their differential, HL7's without prose. Of the caller's, the first that fits.
        """
        url, _, version = canonical.partition("|")
        url = url if ":" in url else HL7 + url
        found = self._own.get(url) or filter(None, [published.resource(url)])
        return next((one for one in found if not version or _is_version(one, version)), None)

    def snapshot(self, canonical: str) -> list[Resource]:
        """The ElementDefinitions of a definition, generated from its differential if it has one; not to be changed.

        Raises `SnapshotError` for one that is not here or makes no sense. A constraint has the URL of the definition
        that states it as its `source`; elements are in FHIR's order: an element, its children, its slices.
        """
        definition = self.definition(canonical)
        if definition is None:
            raise faults.unknown_definition(canonical)
        if self._is_shared(definition):
            return shipped().snapshot(canonical)
        name = _name(definition)
        if name not in self._snapshots:
            self._snapshots[name] = _given(definition) or list(flat(self._tree(definition, (), Room())))
        return self._snapshots[name]

    def _is_shared(self, definition: Resource) -> bool:
        """HL7's are made once for all, unless the caller has put others in the place of some."""
        return bool(self._own) and not self._replaces and definition is published.hl7(definition["url"])

    @cached_property
    def _replaces(self) -> bool:
        return any(published.hl7(url) for url in self._own)

    def _tree(self, definition: Resource, pending: tuple[str, ...], room: Room) -> Node:
        """`pending` are the definitions that wait for this one."""
        if self._is_shared(definition):
            return shipped()._tree(definition, pending, Room())  # noqa: SLF001 - of the same class
        name = _name(definition)
        if name in pending:
            raise faults.circular(name)
        if len(pending) > _MOST_DERIVATIONS:
            raise faults.too_large(name)
        if name not in self._trees:
            try:
                self._trees[name] = self._made(definition, (*pending, name), room)
            except _MALFORMED as error:
                raise faults.malformed(name) from error
        return self._trees[name]

    def _made(self, definition: Resource, pending: tuple[str, ...], room: Room) -> Node:
        given = _given(definition)
        if given:
            room.take(len(given), definition["url"])
            return grown(given)
        url, adds = definition["url"], definition.get("derivation") != "constraint"
        elements = _elements(definition, "differential")
        if not elements:
            raise faults.empty(url)
        root = self._base(definition, pending, room)
        if adds:
            root.name = elements[0]["path"].partition(".")[0]
        trees = partial(self._type, pending=pending, room=room)
        return Growth(url, root, adds, trees, self._constraints, room).grow(elements)

    def _base(self, definition: Resource, pending: tuple[str, ...], room: Room) -> Node:
        base = definition.get("baseDefinition", "")
        if not base and definition.get("derivation") != "constraint":
            return Node("", "", {})
        found = self.definition(base)
        if found is None:
            raise faults.unknown_base(definition["url"], base)
        return self._tree(found, pending, room).copy()

    def _type(self, canonical: str, *, pending: tuple[str, ...], room: Room) -> Node | None:
        """A profile that is used in its own definition adds nothing there to what its type says."""
        found = self.definition(canonical)
        return self._tree(found, pending, room) if found and _name(found) not in pending else None

    def _constraints(self, code: str) -> list[Resource]:
        """What the elements of a type repeat of it in HL7's snapshots: what holds for every element, or extension."""
        found = self.definition(code)
        if found is None or found["kind"] == "resource":
            return []
        roots = [self.definition(name) for name in ("Element", "Extension") if name in {"Element", code}]
        return [
            {"source": root["url"]} | one
            for root in roots
            if root
            for one in root["differential"]["element"][0]["constraint"]
        ]


def _name(definition: Resource) -> str:
    version = definition.get("version")
    return f"{definition['url']}|{version}" if version else definition["url"]


def _is_version(definition: Resource, version: str) -> bool:
    """`4.0` names 4.0.1 too."""
    return f"{definition.get('version', '')}.".startswith(f"{version}.")


def _given(definition: Resource) -> list[Resource]:
    """The snapshot of a definition that has nothing else."""
    given = [] if _elements(definition, "differential") else _elements(definition, "snapshot")
    if len(given) > MOST_ELEMENTS:
        raise faults.too_large(str(definition["url"]))
    return given


def _elements(definition: Resource, view: str) -> list[Resource]:
    content = definition.get(view)
    elements = content.get("element") if isinstance(content, dict) else None
    return elements if isinstance(elements, list) else []


@cache
def shipped() -> Structures:
    """HL7's types, resources, profiles and extensions of 4.0.1, and our own profiles."""
    return Structures()

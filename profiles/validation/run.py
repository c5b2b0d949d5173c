"""What is known while one resource is checked: its faults, what surrounds it, and how much work it has been."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from profiles import fhirpath
from profiles.fhirpath import Effort
from profiles.json import Resource
from profiles.r4.issues import Faults, Place
from profiles.validation.bundles.contents import entries, restful

if TYPE_CHECKING:
    from profiles.validation.resources import Resources

DEEPEST = 64
DEEPEST_ASIDE = 6
"""Resources that have to meet a profile for others to meet theirs; more of them in a row are taken to be good."""
MOST_ISSUES = 1000
MOST_OF_STRANGERS = 400_000
"""What profiles that are not in the package may cost one check: some tenths of a second. See `fhirpath.Effort`."""
MOST_OF_OURS = 4_000_000
"""What HL7's constraints and ours may cost: with a valid resource nobody gets there."""

Resolve = Callable[[str], Resource | None]
"""From a literal reference to the resource, if it is to be had."""
Check = Callable[[Any, Any, Place, "Run"], None]
"""Looks at one value, and at the object of its id and extensions if it is a primitive, which stand at a place."""
Look = Callable[[Any, dict[str, Any], Place, "Run"], None]
"""Looks at one member of a JSON object, which stands at a place."""
Missing = Callable[[Place, "Run"], None]
"""Says that an element is missing from the object at a place."""


@dataclass(slots=True)
class Inquiry:
    """One check of a resource, whatever it has inside."""

    engine: "Resources"
    outside: Resolve
    ours: Effort = field(default_factory=lambda: Effort(MOST_OF_OURS))
    strangers: Effort = field(default_factory=lambda: Effort(MOST_OF_STRANGERS))
    costly: dict[str, None] = field(default_factory=dict)
    """Profiles of strangers by which nothing more was checked, for all that may be spent was spent."""
    conforming: dict[tuple[int, str], tuple[Resource, bool]] = field(default_factory=dict)
    """By identity of a resource, kept so that no other gets it, and profile: whether it has no error."""
    contained: dict[int, dict[str, Resource]] = field(default_factory=dict)
    """By identity of the resource that contains them, and their id."""


@dataclass(slots=True)
class Run:
    """One resource being checked; contained resources and entries of a Bundle have runs of their own."""

    inquiry: Inquiry
    resource: Resource
    place: Place
    faults: Faults
    container: Resource | None = None
    inside: dict[str, Resource] = field(default_factory=dict)
    """Other entries of the Bundle that this is an entry of, by what they may be referred to as."""
    base: str = ""
    depth: int = 0
    """Resources that are being checked aside, the one for the other."""
    _world: fhirpath.World | None = None
    _strange_world: fhirpath.World | None = None
    _entries: dict[str, Resource] | None = None
    _led: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def engine(self) -> "Resources":
        return self.inquiry.engine

    @property
    def root(self) -> Resource:
        """`%rootResource`: the one that contains this, or this itself."""
        return self.resource if self.container is None else self.container

    def of_contained(self, resource: Resource, place: Place) -> "Run":
        return self._of(resource, place, self.root, self.inside, self.base)

    def of_entry(self, resource: Resource, place: Place, owner: dict[str, Any]) -> "Run":
        """`owner` is the entry of a Bundle, or what else has a resource inside."""
        if self.resource.get("resourceType") != "Bundle":
            return self._of(resource, place, None, self.inside, self.base)
        if self._entries is None:
            self._entries = dict(_addresses(self.resource))
        address = owner.get("fullUrl")
        found = restful(address) if type(address) is str else None
        return self._of(resource, place, None, self._entries, found[0] if found else "")

    def _of(
        self, resource: Resource, place: Place, container: Resource | None, inside: dict[str, Resource], base: str
    ) -> "Run":
        return Run(self.inquiry, resource, place, self.faults, container, inside, base, self.depth)

    def aside(self, resource: Resource) -> "Run":
        """To find out whether a resource would be good, without telling anybody what is not."""
        place: Place = (None, str(resource.get("resourceType", "Resource")), -1, 0)
        container = None if resource is not self.resource else self.container
        faults = Faults(MOST_ISSUES)
        return Run(self.inquiry, resource, place, faults, container, self.inside, self.base, self.depth + 1)

    # References

    def within(self, reference: str) -> Resource | None:
        """What a reference leads to in this resource, in the one that contains it, or in its Bundle."""
        if reference.startswith("#"):
            return self.root if reference == "#" else self._contained().get(reference[1:])
        return self.inside.get(self.base + reference) or self.inside.get(reference)

    def _contained(self) -> dict[str, Resource]:
        known = self.inquiry.contained.get(id(self.root))
        if known is not None:
            return known
        contained: Any = self.root.get("contained")
        every: list[Any] = contained if type(contained) is list else []
        named: list[Resource] = [one for one in reversed(every) if type(one) is dict and type(one.get("id")) is str]
        # Under the name that nobody has stands the resource itself, so that its identity stays its own.
        found: dict[str, Resource] = {one["id"]: one for one in named} | {"": self.root}
        self.inquiry.contained[id(self.root)] = found
        return found

    def resolve(self, reference: str) -> Resource | None:
        """Anywhere; what the caller's `resolve` raises is as if it had found nothing."""
        found = self.within(reference)
        if found is not None or reference.startswith("#"):
            return found
        try:
            found = self.inquiry.outside(reference)
        except Exception:  # noqa: BLE001 - what a caller's function runs into must not end the check
            return None
        return found if type(found) is dict else None

    # FHIRPath

    def effort(self, *, trusted: bool) -> Effort:
        return self.inquiry.ours if trusted else self.inquiry.strangers

    def world(self, *, trusted: bool = True) -> fhirpath.World:
        """For the expressions of HL7 and ours, or for those of strangers."""
        if self._world is None:
            self._world = self._world_of(trusted=True)
            self._strange_world = self._world_of(trusted=False)
        return self._world if trusted or self._strange_world is None else self._strange_world

    def _world_of(self, *, trusted: bool) -> fhirpath.World:
        effort = self.effort(trusted=trusted)
        return fhirpath.World(
            fhirpath.root(self.resource),
            fhirpath.root(self.root),
            self._node,
            lambda url, item: self.engine.is_member(url, item, effort),
            lambda url, item: self._conforms(url, item, trusted=trusted),
            effort=effort,
            trusted=trusted,
        )

    def found_by(self, path: str, *, trusted: bool) -> frozenset[int]:
        """Identities of what an expression leads to from the resource; raises `UndecidedError`."""
        if path not in self._led:
            items = fhirpath.compiled(path).items(fhirpath.root(self.resource), self.world(trusted=trusted))
            nodes = (item for item in items if type(item) is tuple)
            self._led[path] = frozenset(id(part) for node in nodes for part in (node[0], node[2]))
        return self._led[path]

    def _node(self, reference: str) -> fhirpath.Node | None:
        found = self.resolve(reference)
        if found is None and reference.startswith("#") and self.resource.get("resourceType") == "Bundle":
            found = self._fragment(reference)
        return None if found is None else fhirpath.root(found)

    def _fragment(self, reference: str) -> Resource | None:
        """An expression on a Bundle reaches into its entries, and does not tell of which one a fragment is."""
        held = entries(self.resource)
        self.inquiry.strangers.spend(len(held))
        inside = (self.of_entry(one.resource, self.place, one.content) for one in held)
        return next((one for run in inside if (one := run.within(reference)) is not None), None)

    def _conforms(self, profile: str, item: Any, *, trusted: bool) -> bool:  # noqa: ANN401 - any item
        value = item[0] if type(item) is tuple else None
        if type(value) is not dict or "resourceType" not in value:
            raise fhirpath.UndecidedError("only resources conform to profiles")
        return self.conforms(value, profile, trusted=trusted)

    def conforms(self, resource: Resource, profile: str, *, trusted: bool) -> bool:
        """Whether a resource has no error by a profile; one that is asked about while it is being told does conform.

        `trusted` says who asks: a stranger pays for it.
        """
        name = (id(resource), profile)
        known = self.inquiry.conforming.get(name)
        if known is not None or self.depth >= DEEPEST_ASIDE:
            return known is None or known[1]
        if not trusted:
            self.inquiry.strangers.weigh([resource] * 4)
        self.inquiry.conforming[name] = resource, True
        found = self.engine.conforms(self.aside(resource), profile)
        self.inquiry.conforming[name] = resource, found
        return found


def with_constants(world: fhirpath.World, **constants: fhirpath.Items) -> fhirpath.World:
    return replace(world, constants=constants)


def _addresses(bundle: Resource) -> Iterator[tuple[str, Resource]]:
    """By fullUrl, and by `Type/id` for those who refer to an entry without its base; the first of several counts."""
    for entry in reversed(entries(bundle)):
        found = restful(entry.full_url)
        if found:
            yield f"{found[1]}/{found[2]}", entry.resource
        elif entry.type and entry.id:
            yield f"{entry.type}/{entry.id}", entry.resource
        if entry.full_url:
            yield entry.full_url, entry.resource

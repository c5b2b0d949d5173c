"""What is known while one resource is checked: its faults, what surrounds it, and how much work it has been."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from profiles import fhirpath
from profiles.json import Resource
from profiles.r4.issues import Faults, Place
from profiles.validation.bundles.contents import entries, restful

if TYPE_CHECKING:
    from profiles.validation.resources import Resources

DEEPEST = 64
MOST_ISSUES = 1000

Resolve = Callable[[str], Resource | None]
"""From a literal reference to the resource, if it is to be had."""
Check = Callable[[Any, Any, Place, "Run"], None]
"""Looks at one value, and at the object of its id and extensions if it is a primitive, which stand at a place."""
Look = Callable[[Any, dict[str, Any], Place, "Run"], None]
"""Looks at one member of a JSON object, which stands at a place."""
Missing = Callable[[Place, "Run"], None]
"""Says that an element is missing from the object at a place."""


class Run:
    """One resource being checked; contained resources and entries of a Bundle have runs of their own, with the same
    faults.
    """

    __slots__ = (
        "_entries",
        "_world",
        "base",
        "container",
        "engine",
        "faults",
        "inside",
        "outside",
        "place",
        "resource",
        "seen",
    )

    def __init__(  # noqa: PLR0913 - it is a record
        self,
        engine: "Resources",
        resource: Resource,
        *,
        container: Resource | None,
        place: Place,
        faults: Faults,
        outside: Resolve,
        inside: dict[str, Resource],
        seen: dict[tuple[int, str], bool],
        base: str = "",
    ) -> None:
        self.engine, self.resource, self.place, self.faults = engine, resource, place, faults
        self.container = container
        self.outside, self.inside, self.seen, self.base = outside, inside, seen, base
        self._world: fhirpath.World | None = None
        self._entries: dict[str, Resource] | None = None

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
        return Run(
            self.engine,
            resource,
            container=container,
            place=place,
            faults=self.faults,
            outside=self.outside,
            inside=inside,
            seen=self.seen,
            base=base,
        )

    def aside(self, resource: Resource) -> "Run":
        """To find out whether a resource would be good, without telling anybody what is not."""
        place: Place = (None, str(resource.get("resourceType", "Resource")), -1, 0)
        container = None if resource is not self.resource else self.container
        return Run(
            self.engine,
            resource,
            container=container,
            place=place,
            faults=Faults(MOST_ISSUES),
            outside=self.outside,
            inside=self.inside,
            seen=self.seen,
            base=self.base,
        )

    # References

    def within(self, reference: str) -> Resource | None:
        """What a reference leads to in this resource, in the one that contains it, or in its Bundle."""
        if reference.startswith("#"):
            if reference == "#":
                return self.root
            contained = self.root.get("contained")
            every = contained if type(contained) is list else ()
            return next((one for one in every if type(one) is dict and one.get("id") == reference[1:]), None)
        return self.inside.get(self.base + reference) or self.inside.get(reference)

    def resolve(self, reference: str) -> Resource | None:
        """Anywhere; what the caller's `resolve` raises is as if it had found nothing."""
        found = self.within(reference)
        if found is not None or reference.startswith("#"):
            return found
        try:
            found = self.outside(reference)
        except Exception:  # noqa: BLE001 - what a caller's function runs into must not end the check
            return None
        return found if type(found) is dict else None

    # FHIRPath

    def world(self) -> fhirpath.World:
        if self._world is None:
            self._world = fhirpath.World(
                fhirpath.root(self.resource),
                fhirpath.root(self.root),
                self._node,
                self.engine.is_member,
                self._conforms,
            )
        return self._world

    def _node(self, reference: str) -> fhirpath.Node | None:
        found = self.resolve(reference)
        if found is None and reference.startswith("#") and self.resource.get("resourceType") == "Bundle":
            # An expression on a Bundle reaches into its entries, and does not tell of which one a fragment is.
            inside = (self.of_entry(one.resource, self.place, one.content) for one in entries(self.resource))
            found = next((one for run in inside if (one := run.within(reference)) is not None), None)
        return None if found is None else fhirpath.root(found)

    def _conforms(self, profile: str, item: Any) -> bool:  # noqa: ANN401 - any item
        value = item[0] if type(item) is tuple else None
        if type(value) is not dict or "resourceType" not in value:
            raise fhirpath.UndecidedError("only resources conform to profiles")
        return self.conforms(value, profile)

    def conforms(self, resource: Resource, profile: str) -> bool:
        """Whether a resource has no error by a profile; one that is asked about while it is being told does conform."""
        name = (id(resource), profile)
        if name not in self.seen:
            self.seen[name] = True
            self.seen[name] = self.engine.conforms(self.aside(resource), profile)
        return self.seen[name]


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

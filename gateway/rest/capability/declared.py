"""What the table of routes comes to in the words of FHIR: interactions and operations, for those who declare them.

https://hl7.org/fhir/R4/http.html#summary
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from profiles import canonical, operations

Shape = tuple[str, ...]
Table = Mapping[Shape, Mapping[str, Callable[..., object]]]
"""Shape of a path → method → handler, as `routes.ROUTES`."""
Call = tuple[Shape, str]

ON_TYPES: Mapping[Call, str] = {
    (("*", "*"), "GET"): "read",
    (("*", "*", "_history", "*"), "GET"): "vread",
    (("*", "*"), "PUT"): "update",
    (("*", "*"), "PATCH"): "patch",
    (("*", "*"), "DELETE"): "delete",
    (("*", "*", "_history"), "GET"): "history-instance",
    (("*", "_history"), "GET"): "history-type",
    (("*",), "POST"): "create",
    (("*",), "GET"): "search-type",
    (("*", "_search"), "GET"): "search-type",
    (("*", "_search"), "POST"): "search-type",
}
"""Code of every resource type: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html"""

ON_SYSTEM: Mapping[Call, tuple[str, ...]] = {
    ((), "POST"): ("transaction", "batch"),
    ((), "GET"): ("search-system",),
    (("_search",), "GET"): ("search-system",),
    (("_search",), "POST"): ("search-system",),
    (("_history",), "GET"): ("history-system",),
}

CONDITIONAL: Mapping[Call, str] = {
    (("*",), "PUT"): "conditionalUpdate",
    (("*",), "PATCH"): "conditionalPatch",
    (("*",), "DELETE"): "conditionalDelete",
}
"""Of these, R4 has no word for the patch."""

_MATCHING_COMPARTMENTS = ((("*", "*", "*"), "GET"), *(((*("*",) * 3, "_search"), one) for one in ("GET", "POST")))
_JOBS = ((("_async", "*"), "GET"), (("_async", "*"), "DELETE"))
WITHOUT_CODE: frozenset[Call] = frozenset({(("metadata",), "GET"), *_MATCHING_COMPARTMENTS, *_JOBS})
"""The statement itself, searches in a compartment, which its definition declares, and jobs, which operations start."""

_GUIDES = {
    ("", "export"): "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export",
    ("Patient", "export"): "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export",
    ("Group", "export"): "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export",
    **{
        ("Subscription", name): "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-"
        f"subscription-{name}"
        for name in ("status", "events", "get-ws-binding-token")
    },
}
"""Operations that implementation guides define."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation at one address."""

    code: str
    """Its name without `$`."""
    type: str
    """A resource type, `*` for every one, empty for the whole system."""
    shape: Shape
    methods: tuple[str, ...]

    @property
    def definition(self) -> str:
        """The canonical URL: of R4, of a guide, or else of our own."""
        for name in (f"{self.type}-{self.code}", f"Resource-{self.code}", f"MessageHeader-{self.code}"):
            try:
                return operations.url(name)
            except KeyError:
                continue
        focus = {"": "", "*": "resource-"}.get(self.type, f"{self.type.lower()}-")
        return _GUIDES.get((self.type, self.code), f"{canonical.BASE}/OperationDefinition/{focus}{self.code}")


def of_types(table: Table) -> list[str]:
    """The codes of what may be done with every type, in the order of the standard."""
    return list(dict.fromkeys(code for call, code in ON_TYPES.items() if _has(table, call)))


def of_system(table: Table) -> list[str]:
    return list(dict.fromkeys(code for call, codes in ON_SYSTEM.items() if _has(table, call) for code in codes))


def conditional(table: Table) -> set[str]:
    return {name for call, name in CONDITIONAL.items() if _has(table, call)}


def named(table: Table) -> Iterator[Operation]:
    """Every address that has a `$name`."""
    for shape, methods in table.items():
        for place, segment in enumerate(shape):
            if segment.startswith("$"):
                yield Operation(segment[1:], shape[0] if place else "", shape, tuple(methods))


def calls(table: Table) -> Iterable[Call]:
    """Everything that the table has."""
    return ((shape, method) for shape, methods in table.items() for method in methods)


def _has(table: Table, call: Call) -> bool:
    shape, method = call
    return method in table.get(shape, {})

"""What of the data one caller may see, as clauses of a search: applied before any LIMIT, on what comes along too."""

from gateway.access import Grant, Permission
from gateway.search import criteria
from gateway.search.context import Context
from gateway.search.terms import All, AnyOf, Clause, Condition, alternatives, any_of
from gateway.work import Ground
from profiles import definitions


class Visibility:
    def __init__(self, ground: Ground, grant: Grant, base: str) -> None:
        self._ground = ground
        self._grant = grant
        self._base = base

    def context(self) -> Context:
        return Context(
            self._ground.catalogue,
            self._ground.now(),
            self._base,
            lambda resource_type: self.permitted(resource_type, "search"),
            lambda resource_type: self._grant.allows(resource_type, "search"),
            self._ground.guide().terminology,
        )

    def permitted(self, resource_type: str, interaction: str) -> Clause | None:
        """What the caller may see of a type; None for all of it."""
        self._grant.require(resource_type, interaction)
        limits = self._grant.limits(resource_type, interaction)
        return any_of(self._limit(one, resource_type) for one in limits) if limits else None

    def _limit(self, permission: Permission, resource_type: str) -> Clause:
        clauses: list[Clause] = []
        if permission.compartment is not None:
            name, _, own = permission.compartment.partition("/")
            clauses.append(criteria.compartment(name, own, resource_type) or AnyOf(()))
        plain = Context(self._ground.catalogue, self._ground.now())
        for full, value in permission.query:
            found = criteria.clause((resource_type,), full, alternatives(value), plain)
            clauses.append(found if found is not None else AnyOf(()))
        return All(tuple(clauses))

    def everything(self) -> Clause:
        """What the caller may see of all types."""
        if self._grant.allows("*", "search") and not self._grant.limits("*", "search"):
            return All(())
        allowed = [one for one in sorted(definitions.resource_types()) if self._grant.allows(one, "search")]
        open_ = [one for one in allowed if not self._grant.limits(one, "search")]
        whole = Condition("resource", "x.type = ANY(%(types_{n})s::text[])", {"types": open_})
        limited = [one for one in allowed if one not in open_]
        return AnyOf((whole, *self.context().restrictions(limited)))

"""The validator of profiles: what is wrong with a resource by R4, by our profiles and by those it claims.

https://hl7.org/fhir/R4/validation.html
"""

from collections.abc import Iterable
from functools import cache

from profiles import canonical, structures, terminology, validator
from profiles.fhirpath.nodes import resource_type
from profiles.json import Resource
from profiles.r4.issues import EnoughError, Fault, Faults, Issue, listing
from profiles.structures import Structures, published
from profiles.terminology import Terminology
from profiles.validation import implied
from profiles.validation.resources import Resources
from profiles.validation.run import DEEPEST, MOST_ISSUES, Inquiry, Resolve, Run
from profiles.validation.wordings import issue

__all__ = ["Issue", "Resolve", "Validator", "shipped"]

_OF_CODES = frozenset({"FD-BINDING", "FD-CODE"})


class Validator:
    """Compiles profiles when they are first needed, and keeps them; one may be shared by threads."""

    def __init__(self, structures: Structures, terminology: Terminology) -> None:
        self._resources = Resources(structures, terminology)
        ours = (published.resource(url) for url in published.urls() if url.startswith(canonical.BASE))
        self._resources.signs = implied.signs([*structures.own, *(one for one in ours if one)])

    def check(self, resource: object, profiles: Iterable[str] = (), *, resolve: Resolve | None = None) -> list[Issue]:
        """Everything that is wrong, at most a thousand issues, each once. Never raises.

        That is: the structure of R4, its invariants and weaker bindings, extensions, the profiles that the content
        implies, those in `meta.profile` and those asked for. `resolve` finds what is referred to and is not inside.
        """
        found = validator.check(resource)
        if type(resource) is not dict or resource_type(resource) == "Resource" or len(found) >= MOST_ISSUES:
            return found
        faults, place = Faults(MOST_ISSUES - len(found)), (None, resource_type(resource), -1, 0)
        inquiry = Inquiry(self._resources, resolve or _nowhere)
        try:
            self._resources.check_inside(Run(inquiry, resource, place, faults), profiles)
        except EnoughError:
            faults.most += 1
            faults.append(Fault(place, "FD-TOO-MANY", {"most": str(MOST_ISSUES)}))
        except RecursionError:
            faults.most += 1
            faults.append(Fault(place, "FD-TOO-DEEP", {"most": str(DEEPEST)}))
        if inquiry.costly:
            faults.most += 1
            faults.append(Fault(place, "FD-TOO-COSTLY", {"profiles": listing(list(inquiry.costly))}))
        return _once([*found, *map(issue, faults)])

    def implied(self, resource: Resource) -> list[str]:
        """Canonical URLs of our profiles that the content implies."""
        return self._resources.implied(resource)


def _nowhere(_reference: str) -> None:
    return None


def _once(issues: list[Issue]) -> list[Issue]:
    """A profile repeats what its base says, and R4 and a profile may both miss the same.

    A code that its system does not have is not in a value set either: that is said once, where the value set is.
    """
    bound = {one.expression for one in issues if one.key in _OF_CODES and one.severity == "error"}
    return list(dict.fromkeys(one for one in issues if one.key != "FD-CODE-UNKNOWN" or not _is_below(one, bound)))


def _is_below(issue: Issue, expressions: set[str]) -> bool:
    coding = issue.expression.rpartition(".")[0]
    return coding in expressions or coding.rpartition(".coding")[0] in expressions


@cache
def shipped() -> Validator:
    """By the definitions and the terminology in the package."""
    return Validator(structures.shipped(), terminology.shipped())

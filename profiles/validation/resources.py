"""One resource, whole: what R4 says, what its content implies, what it claims, what is asked for. https://hl7.org/fhir/R4/profiling.html#resources"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from profiles.fhirpath import TooCostlyError
from profiles.fhirpath.nodes import resource_type
from profiles.json import Resource
from profiles.r4.issues import Fault, Issue, Place
from profiles.structures import SnapshotError
from profiles.validation import bundles, implied, questionnaires
from profiles.validation.engine import Engine
from profiles.validation.run import Run
from profiles.validation.wordings import Told, shown_url


class Resources(Engine):
    """The engine, and what hangs on the type and the content of a resource."""

    signs: dict[str, list[implied.Sign]]

    def implied(self, resource: Resource) -> list[str]:
        found = (one.profile for one in self.signs.get(resource_type(resource), ()) if one.holds(resource))
        return list(dict.fromkeys(found))

    def check_inside(self, run: Run, asked: Iterable[str] = ()) -> None:
        """Adds every fault of the resource of a run that is not one of structure."""
        kind = resource_type(run.resource)
        if kind == "Resource":
            return
        core = self.core(kind)
        if core is not None:
            core(run.resource, None, run.place, run)
        seen: set[str] = set()
        for url, place in self._profiles_of(run, asked):
            if url not in seen:
                seen.add(url)
                self._check_profile(run, url, place)
        for issues in _OF_TYPE.get(kind, ()):
            for issue in issues(self, run):
                run.faults.append(_told(issue, run.place))

    def _profiles_of(self, run: Run, asked: Iterable[str]) -> Iterator[tuple[str, Place]]:
        yield from ((url, run.place) for url in self.implied(run.resource))
        meta = run.resource.get("meta")
        claimed = meta.get("profile") if type(meta) is dict else None
        for index, url in enumerate(claimed if type(claimed) is list else ()):
            if type(url) is str:
                yield url, ((run.place, "meta", -1, 1), "profile", index, 1)
        yield from ((url, run.place) for url in asked)

    def _check_profile(self, run: Run, url: str, place: Place) -> None:
        try:
            profile = self.profile(url, run.inquiry.strangers)
        except TooCostlyError:
            run.inquiry.costly[shown_url(url)] = None
            return
        if profile is None:
            run.faults.append(Fault(place, "FD-PROFILE-UNKNOWN", {"profile": shown_url(url)}))
        elif not profile.usable:
            run.faults.append(Fault(place, "FD-PROFILE-UNKNOWN:unusable", {"profile": shown_url(url)}))
        elif profile.type not in {resource_type(run.resource), "Resource", "DomainResource"}:
            words: dict[str, Any] = {"profile": shown_url(url), "type": profile.type}
            run.faults.append(Fault(place, "FD-PROFILE-TYPE", words))
        elif profile.check is not None:
            profile.check(run.resource, None, run.place, run)


def _told(issue: Issue, place: Place) -> Told:
    """The place of an issue is given from its resource, which may be inside of another."""
    below = issue.expression.partition(".")[2]
    return Told(place, issue.key, {"zh": issue.zh, "en": issue.en}, issue.severity, issue.code, below)


def _of_bundle(_: Resources, run: Run) -> list[Issue]:
    return bundles.issues(run.resource)


def _of_response(resources: Resources, run: Run) -> list[Issue]:
    canonical = run.resource.get("questionnaire")
    found = run.resolve(canonical) if type(canonical) is str else None
    if found is None or found.get("resourceType") != "Questionnaire":
        return []
    return questionnaires.issues(run.resource, found, resources.terminology)


def _of_definition(resources: Resources, run: Run) -> list[Issue]:
    """A definition of a structure is one of which a snapshot can be made."""
    url = run.resource.get("url")
    if type(url) is not str or run.resource.get("kind") == "logical":
        return []
    try:
        run.inquiry.strangers.spend(_SNAPSHOT)
        resources.structures.including([run.resource]).snapshot(url)
    except TooCostlyError:
        run.inquiry.costly[shown_url(url)] = None
    except SnapshotError as error:
        return [Issue("error", "structure", "StructureDefinition", error.key, error.zh, error.en)]
    return []


_SNAPSHOT = 20_000
"""As much work as looking at so many elements."""
_OF_TYPE: dict[str, tuple[Callable[[Resources, Run], list[Issue]], ...]] = {
    "Bundle": (_of_bundle,),
    "QuestionnaireResponse": (_of_response,),
    "StructureDefinition": (_of_definition,),
}

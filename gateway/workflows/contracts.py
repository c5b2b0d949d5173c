"""The contract of a resident: what it is, whom it binds, and which one is in force. fhir-model §6.2"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from gateway.clock import milliseconds
from gateway.work import Work
from gateway.workflows.reading import has_code, moment, reference, references, term
from profiles import policy
from profiles.canonical import code_system, structure
from profiles.json import Resource

_HOLDING = frozenset({"active", "onhold"})
_NEVER_WAS = frozenset({"cancelled", "entered-in-error"})


def claims(episode: Resource) -> Iterator[str]:
    """At most one contract that is active or on hold per resident (NA-2.3a)."""
    patient = reference(episode.get("patient"))
    if holds(episode) and patient.startswith("Patient/"):
        yield claim(patient)


def claim(patient: str) -> str:
    return f"active-contract/{patient}"


def is_contract(episode: Resource) -> bool:
    """Supplementary contracts and home beds are episodes too, and do not count."""
    return has_code(episode.get("type"), "episode-type", "fd-contract")


def holds(episode: Resource) -> bool:
    """Whether it is a contract that stands in the way of another."""
    return is_contract(episode) and episode.get("status") in _HOLDING


def covers(episode: Resource, at: datetime) -> bool:
    """Whether the term of the contract, its last day included, has that moment."""
    low, high = term(episode.get("period"))
    return low <= milliseconds(at) < high


def team(episode: Resource) -> str:
    """The reference of the family-doctor team, empty where there is none."""
    return next(iter(references(episode.get("team", ()))), "")


def centre(episode: Resource) -> str:
    """The reference of the institution that holds the contract, empty where there is none."""
    return reference(episode.get("managingOrganization"))


def pack(episode: Resource) -> policy.Pack | None:
    """The policy pack that was frozen on the contract; None where it names none that we have."""
    url = structure("governing-policy")
    named = (one.get("valueCanonical", "") for one in episode.get("extension", ()) if one.get("url") == url)
    try:
        return policy.for_canonical(next(named, ""))
    except policy.PackError:
        return None


async def linked(work: Work, encounters: Mapping[str, Resource]) -> dict[str, Resource]:
    """The contract under which each of these stays already is, in force or not, by the same keys."""
    links = {key: references(one.get("episodeOfCare", ())) for key, one in encounters.items()}
    await work.load(link for several in links.values() for link in several)
    found: dict[str, Resource] = {}
    for key, several in links.items():
        patient = reference(encounters[key].get("subject"))
        for link in several:
            episode = await work.get(link)
            if key not in found and episode and _is_of(episode, patient):
                found[key] = episode
    return found


async def in_force(work: Work, moments: Mapping[str, tuple[str, datetime]]) -> dict[str, Resource]:
    """The contract of a patient (by reference) that was in force at a moment, by the same keys.

    One that is over by now was in force then, if the moment is in its term and before we knew of its end.
    """
    held = await work.held({claim(patient) for patient, _ in moments.values()})
    active = [one for one in held.values() if one.get("status") == "active"]
    found = _covering(active, moments)
    missing = {key: asked for key, asked in moments.items() if key not in found}
    return found | _covering(await _over(work, {patient for patient, _ in missing.values()}), missing)


def _covering(episodes: Iterable[Resource], moments: Mapping[str, tuple[str, datetime]]) -> dict[str, Resource]:
    by_patient: dict[str, list[Resource]] = {}
    for episode in episodes:
        by_patient.setdefault(reference(episode["patient"]), []).append(episode)
    return {
        key: episode
        for key, (patient, at) in moments.items()
        for episode in by_patient.get(patient, ())
        if covers(episode, at) and not _was_over(episode, at)
    }


async def _over(work: Work, patients: Iterable[str]) -> list[Resource]:
    """Finished contracts of these patients, with a term that tells when."""
    asked = sorted(patients)
    if not asked:
        return []
    kind = f"{code_system('episode-type')}|fd-contract"
    known = await work.find("EpisodeOfCare", {"patient": asked, "type": [kind]})
    new = [draft.after for draft in work.drafts("EpisodeOfCare") if draft.after and draft.before is None]
    return [
        one
        for one in (*known, *new)
        if is_contract(one) and one.get("status") == "finished" and {"start", "end"} <= one.get("period", {}).keys()
    ]


def _was_over(episode: Resource, at: datetime) -> bool:
    """A contract may end before its term does; that is known since it was written down."""
    written = episode.get("meta", {}).get("lastUpdated")
    return bool(episode.get("status") == "finished" and written and moment(written) <= at)


def _is_of(episode: Resource, patient: str) -> bool:
    return (
        episode["resourceType"] == "EpisodeOfCare"
        and is_contract(episode)
        and reference(episode["patient"]) == patient
        and episode.get("status") not in _NEVER_WAS
    )

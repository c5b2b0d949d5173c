"""A hospital stay of a contracted resident, with everybody it concerns."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.work import Work
from gateway.workflows import contracts
from gateway.workflows.reading import reference
from profiles import policy
from profiles.canonical import code_system
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Stay:
    encounter: Resource
    contract: Resource
    resident: Resource
    team: Resource
    """Empty where the contract names none that exists."""
    centre: Resource
    """The institution that holds the contract; empty where it is not known."""
    flags: frozenset[str]
    """Key-population codes of the resident's active flags."""

    @property
    def reference(self) -> str:
        return f"Encounter/{self.encounter['id']}"

    @property
    def patient(self) -> str:
        return reference(self.encounter["subject"])

    def age(self, at: datetime) -> int | None:
        """Completed years; None where the birth date is not known to the day."""
        born = self.resident.get("birthDate", "")
        return policy.age(date.fromisoformat(born), at.date()) if len(born) == len("2000-01-01") else None


async def contracted(
    work: Work, encounters: Mapping[str, tuple[Resource, datetime]], beginning: Collection[str]
) -> dict[str, Stay]:
    """The stays under a contract, by the same keys; for all at once.

    One that is `beginning`, or has no contract yet, gets the one in force at its moment; others keep theirs.
    """
    told = {key: encounter for key, (encounter, _) in encounters.items()}
    found = await contracts.linked(work, {key: one for key, one in told.items() if key not in beginning})
    moments = {key: (reference(told[key]["subject"]), at) for key, (_, at) in encounters.items() if key not in found}
    found |= await contracts.in_force(work, moments)
    patients = {reference(told[key]["subject"]) for key in found}
    concerned = {one for contract in found.values() for one in (contracts.team(contract), contracts.centre(contract))}
    await work.load({*patients, *concerned} - {""})
    flags = await _flags(work, patients)
    return {key: await _stay(work, told[key], contract, flags) for key, contract in found.items()}


async def _stay(work: Work, encounter: Resource, contract: Resource, flags: Mapping[str, frozenset[str]]) -> Stay:
    patient = reference(encounter["subject"])
    concerned = (patient, contracts.team(contract), contracts.centre(contract))
    resident, team, centre = [await work.get(one) or {} if one else {} for one in concerned]
    return Stay(encounter, contract, resident, team, centre, flags.get(patient, frozenset()))


async def _flags(work: Work, patients: Iterable[str]) -> dict[str, frozenset[str]]:
    asked = sorted(patients)
    if not asked:
        return {}
    flags: dict[str, frozenset[str]] = {}
    for flag in await work.find("Flag", {"patient": asked}):
        codes = {
            coding["code"]
            for coding in flag["code"].get("coding", ())
            if coding.get("system") == code_system("key-population") and "code" in coding
        }
        patient = reference(flag["subject"])
        if flag.get("status") == "active":
            flags[patient] = flags.get(patient, frozenset()) | codes
    return flags

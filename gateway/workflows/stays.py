"""A hospital stay of a contracted resident, with everybody it concerns."""

from collections.abc import Mapping
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
    centre: Resource
    """The institution that holds the contract."""
    flags: frozenset[str]
    """Key-population codes of the resident's active flags."""

    @property
    def reference(self) -> str:
        return f"Encounter/{self.encounter['id']}"

    def age(self, at: datetime) -> int | None:
        """Completed years; None where the birth date is not known to the day."""
        born = self.resident.get("birthDate", "")
        return policy.age(date.fromisoformat(born), at.date()) if len(born) == len("2000-01-01") else None


async def contracted(work: Work, encounters: Mapping[str, tuple[Resource, datetime]]) -> dict[str, Stay]:
    """The stays whose resident has a contract in force at the moment given, by the same keys; for all at once."""
    moments = {reference(encounter["subject"]): at for encounter, at in encounters.values()}
    found = await contracts.in_force(work, moments)
    teams = {patient: contracts.team(contract) for patient, contract in found.items()}
    centres = {patient: reference(contract["managingOrganization"]) for patient, contract in found.items()}
    await work.load([*found, *filter(None, teams.values()), *centres.values()])
    flags = await _flags(work, found) if found else {}
    return {
        key: Stay(
            encounter,
            found[patient],
            await work.get(patient) or {},
            await work.get(teams[patient]) or {} if teams[patient] else {},
            await work.get(centres[patient]) or {},
            flags.get(patient, frozenset()),
        )
        for key, (encounter, _) in encounters.items()
        if (patient := reference(encounter["subject"])) in found
    }


async def _flags(work: Work, patients: Mapping[str, Resource]) -> dict[str, frozenset[str]]:
    flags: dict[str, frozenset[str]] = {}
    for flag in await work.find("Flag", {"patient": patients}):
        codes = {
            coding["code"]
            for coding in flag["code"].get("coding", ())
            if coding.get("system") == code_system("key-population") and flag["status"] == "active"
        }
        patient = reference(flag["subject"])
        flags[patient] = flags.get(patient, frozenset()) | codes
    return flags

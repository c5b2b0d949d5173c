"""Contracts of invented residents with three teams: EpisodeOfCare `fd-contract` (fhir-model.md §6.2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from conformance.synthetic.residents import CHILD, Resident, years_after
from conformance.synthetic.teams import TEAMS, Team
from profiles import policy
from profiles.canonical import concept, naming_system, structure
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Contract:
    """One resident with one team for one year; `end` is its last day."""

    resident: Resident
    team: Team
    start: date
    channel: str
    active: bool

    @property
    def id(self) -> str:
        return f"contract-{self.resident.serial:03}"

    @property
    def end(self) -> date:
        return years_after(self.start, 1) - timedelta(days=1)

    @property
    def period(self) -> dict[str, str]:
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @property
    def signed(self) -> str:
        """The day before it starts, as a FHIR dateTime."""
        return f"{self.start - timedelta(days=1)}T10:00:00+08:00"

    @property
    def guardian(self) -> str | None:
        """The id of the RelatedPerson who signs for a child."""
        return f"guardian-{self.resident.serial:03}" if self.resident.band is CHILD else None

    @property
    def signatory(self) -> str:
        return f"RelatedPerson/{self.guardian}" if self.guardian else f"Patient/{self.resident.id}"


def contract(rng: Random, today: date, resident: Resident, *, active: bool) -> Contract:
    """A contract in force on `today` for a month at the least, or one that ended in the year before it."""
    on = today if active else years_after(today, -1)
    channel = rng.choice(("online", "offline-staff-device"))
    return Contract(resident, rng.choice(TEAMS), rng.choice(_signing_days(on)), channel, active)


def episode(contract: Contract) -> Resource:
    return {
        "resourceType": "EpisodeOfCare",
        "id": contract.id,
        "extension": [
            {"url": structure("contract-sign-channel"), "valueCode": contract.channel},
            {"url": structure("governing-policy"), "valueCanonical": policy.load("demonstration").canonical},
        ],
        "identifier": [
            {"system": naming_system("contract-no"), "value": f"FD-SYNTHETIC-{contract.resident.serial:06}"}
        ],
        "status": "active" if contract.active else "finished",
        "type": [concept("episode-type", "fd-contract"), concept("episode-type", "standard")],
        "patient": {"reference": f"Patient/{contract.resident.id}"},
        "managingOrganization": {"reference": f"Organization/{contract.team.organization}"},
        "period": contract.period,
        "careManager": {"reference": f"PractitionerRole/{contract.team.doctor}"},
        "team": [{"reference": f"CareTeam/{contract.team.id}"}],
    }


def _signing_days(on: date) -> list[date]:
    """Days of the last eleven months, within Qianjiang's signing window of January to June (QJ-1.2d)."""
    return [day for back in range(1, 330) if (day := on - timedelta(days=back)).month <= 6]

"""Three family-doctor teams, each of a doctor who leads, a nurse and a public-health physician (NA-1.3b)."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.synthetic.institutions import institution_id
from profiles.canonical import STAFF_NO, concept, naming_system
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Team:
    """A team by its number, its institution's place in the annex, and what makes its doctor eligible."""

    number: int
    place: int
    institution: str
    eligibility: str

    @property
    def id(self) -> str:
        return f"fd-team-{self.number}"

    @property
    def organization(self) -> str:
        return institution_id(self.place)

    @property
    def doctor(self) -> str:
        """The id of the family doctor's PractitionerRole."""
        return f"{self.id}-doctor"

    @property
    def name(self) -> str:
        return f"{self.institution}家庭医生示例团队"


TEAMS = (
    Team(1, 1, "城东街道社区卫生服务中心", "registered-gp"),
    Team(2, 3, "城西街道社区卫生服务中心", "tcm-gp"),
    Team(3, 14, "濯水镇卫生院", "township-physician"),
)

_MEMBERS = (
    ("doctor", "医生", ("family-doctor", "team-leader")),
    ("nurse", "护士", ("nurse",)),
    ("public-health", "公卫医师", ("public-health-physician",)),
)


def resources() -> Iterator[Resource]:
    """Practitioners and their roles, then the shared, patient-free CareTeams."""
    for team in TEAMS:
        for serial, (member, title, roles) in enumerate(_MEMBERS):
            yield _practitioner(team, member, title, serial)
            yield _role(team, member, roles)
        yield _care_team(team)


def _practitioner(team: Team, member: str, title: str, serial: int) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": f"{team.id}-{member}",
        "identifier": [{"system": STAFF_NO, "value": f"SYNTHETIC-{team.number}{serial}"}],
        "active": True,
        "name": [{"text": f"示例{title}{'一二三'[team.number - 1]}"}],
    }


def _role(team: Team, member: str, roles: tuple[str, ...]) -> Resource:
    codes = [concept("team-role", role) for role in roles]
    if member == "doctor":
        codes.append(concept("fd-eligibility", team.eligibility))
    return {
        "resourceType": "PractitionerRole",
        "id": f"{team.id}-{member}",
        "active": True,
        "practitioner": {"reference": f"Practitioner/{team.id}-{member}"},
        "organization": {"reference": f"Organization/{team.organization}"},
        "code": codes,
    }


def _care_team(team: Team) -> Resource:
    return {
        "resourceType": "CareTeam",
        "id": team.id,
        "identifier": [{"system": naming_system("team-no"), "value": f"QJ-{team.place:02}-1"}],
        "status": "active",
        "category": [concept("careteam-category", "fd-team")],
        "name": team.name,
        "participant": [
            {
                "role": [concept("team-role", role) for role in roles],
                "member": {"reference": f"PractitionerRole/{team.id}-{member}"},
            }
            for member, _, roles in _MEMBERS
        ],
        "managingOrganization": [{"reference": f"Organization/{team.organization}"}],
        "telecom": [{"system": "phone", "value": f"023-0000000{team.number}"}],
    }

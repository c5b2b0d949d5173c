"""Two patients of one practitioner, and who and what the first one's record refers to."""

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


def referring(**elements: str) -> Resource:
    return {name: {"reference": value} for name, value in elements.items()}


def coded(text: str) -> Resource:
    return {"code": {"text": text}}


def observation(own: str, patient: str, when: str | None, **more: Any) -> Resource:
    dated = {"effectiveDateTime": when} if when else {}
    return {"resourceType": "Observation", "id": own, "status": "final", **coded("示例"), **dated, **more} | referring(
        subject=f"Patient/{patient}"
    )


def clinic() -> Iterator[Resource]:
    yield {"resourceType": "Organization", "id": "city", "name": "示例"}
    yield {"resourceType": "Organization", "id": "centre", "name": "示例", **referring(partOf="Organization/city")}
    yield {"resourceType": "Practitioner", "id": "doctor"}
    yield {"resourceType": "PractitionerRole", "id": "role"} | referring(
        practitioner="Practitioner/doctor", organization="Organization/centre"
    )
    for own in ("one", "two"):
        yield {"resourceType": "Patient", "id": own, **referring(managingOrganization="Organization/centre")}
    yield {"resourceType": "CareTeam", "id": "team", "participant": [referring(member="Practitioner/doctor")]}
    yield {
        "resourceType": "EpisodeOfCare",
        "id": "episode",
        "status": "active",
        "team": [{"reference": "CareTeam/team"}],
        "period": {"start": "2025-01-01", "end": "2025-12-31"},
        **referring(patient="Patient/one"),
    }
    yield {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished",
        "class": {"code": "IMP"},
        "period": {"start": "2026-01-30", "end": "2026-02-02"},
        "participant": [referring(individual="PractitionerRole/role")],
        "episodeOfCare": [{"reference": "EpisodeOfCare/episode"}],
        **referring(subject="Patient/one"),
    }
    yield observation("january", "one", "2026-01-31", **referring(encounter="Encounter/stay"))
    yield observation("march", "one", "2026-03-01")
    yield observation("undated", "one", None)
    yield observation("mother", "two", "2026-01-31")
    yield observation("child", "one", "2026-03-02", derivedFrom=[{"reference": "Observation/mother"}])

"""What is wrong with a resource by the profiles that it is asked to follow. https://hl7.org/fhir/R4/profiling.html"""

from collections.abc import Iterable

from gateway.errors import Issue
from profiles import definitions
from profiles.json import Resource

_BASE = "http://hl7.org/fhir/StructureDefinition/"


def checked(resource: Resource, profiles: Iterable[str]) -> list[Issue]:
    """Of a resource whose structure is that of its type, and canonical URLs, `url|version`."""
    found = (_issue(resource.get("resourceType"), one) for one in dict.fromkeys(profiles))
    return [one for one in found if one is not None]


def _issue(resource_type: object, profile: str) -> Issue | None:
    """The definition of a type itself is what the structure was checked by."""
    url = profile.partition("|")[0]
    base = url.removeprefix(_BASE)
    if url != base and base in {resource_type, "Resource", "DomainResource"}:
        return None
    if url != base and base in definitions.resource_types():
        return Issue(
            "invalid",
            "FD-VALIDATE-BASE",
            f"资源类型不是 {base},不符合其定义。",
            f"The resource is no {base}, and so not what the profile defines.",
            "resourceType",
        )
    return Issue(
        "not-supported",
        "FD-VALIDATE-PROFILE",
        f"暂不校验 profile {profile[:200]};仅按 FHIR 4.0.1 的基础定义校验。",
        f"Profiles are not checked yet, so {profile[:200]} was not; the resource was checked as FHIR 4.0.1 defines it.",
        severity="warning",
    )

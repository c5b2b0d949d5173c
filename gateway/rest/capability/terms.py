"""GET /metadata?mode=terminology. https://hl7.org/fhir/R4/terminologycapabilities.html"""

from functools import cache
from importlib.metadata import version

from gateway.rest.terminology import value_sets
from profiles import canonical, json, operations
from profiles.json import Resource
from profiles.terminology import published

_CONTENT = frozenset({"complete", "fragment", "example"})


@cache
def statement() -> bytes:
    """Of the code systems in the package; what clients store is known besides."""
    release = version("fdgw")
    listed = (_system(url) for url in sorted(published.urls("CodeSystem")))
    expansion = [name for name in operations.inputs("ValueSet-expand") if name not in value_sets.REFUSED]
    content: Resource = {
        "resourceType": "TerminologyCapabilities",
        "url": f"{canonical.BASE}/TerminologyCapabilities/fdgw",
        "version": release,
        "name": "FdgwTerminology",
        "status": "active",
        "date": "2026-11-22",
        "description": "Answered offline: from the package, and from CodeSystem, ValueSet and ConceptMap stored here.",
        "kind": "instance",
        "software": {"name": "fdgw", "version": release},
        "codeSystem": [one for one in listed if one],
        "expansion": {
            "hierarchical": True,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": name} for name in sorted(expansion)],
        },
        "codeSearch": "explicit",
        "validateCode": {"translations": False},
        "translation": {"needsMap": False},
    }
    return json.dumps(content)


def _system(url: str) -> Resource | None:
    found = published.resource("CodeSystem", url)
    if found is None or found.get("content") not in _CONTENT:
        return None
    told: Resource = {"uri": url, "subsumption": found.get("hierarchyMeaning", "is-a") == "is-a"}
    if "version" in found:
        told["version"] = [{"code": found["version"], "isDefault": True}]
    return told

"""HD: the organization that assigned a number. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-datatype-hd-to-organization.html"""

from typing import Any

from mappings.elements import valued
from profiles.canonical import naming_system


def organization(code: str, name: str | None = None) -> dict[str, Any]:
    """A logical Reference to the organization with that facility code."""
    return valued({"identifier": {"system": naming_system("facility-code"), "value": code}, "display": name})

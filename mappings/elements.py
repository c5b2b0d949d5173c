"""FHIR elements as plain dicts. https://hl7.org/fhir/R4/json.html"""

from collections.abc import Mapping
from typing import Any


def valued(elements: Mapping[str, Any]) -> dict[str, Any]:
    """The elements that hold something: FHIR JSON has no empty ones."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}

"""FHIRPath as assertions and variables use it. https://hl7.org/fhir/R4/fhirpath.html"""

from typing import Any

from conformance.testscript.errors import Undone
from profiles import fhirpath
from profiles.json import Resource


def values(resource: Resource, expression: str) -> list[Any]:
    """What it gives, as JSON; raises `Undone` where it is no FHIRPath, or cannot be evaluated."""
    node = fhirpath.root(resource)
    try:
        found = fhirpath.compiled(expression).items(node, fhirpath.World(node, node))
    except fhirpath.NotFhirPathError:
        raise Undone(f"this is no FHIRPath: {expression}") from None
    except fhirpath.UndecidedError as error:
        raise Undone(f"FHIRPath could not be evaluated: {expression}: {error}") from None
    return [value for value in map(_json, found) if value is not None]


def _json(item: Any) -> Any:  # noqa: ANN401 - any item of a collection
    value = item[0] if isinstance(item, tuple) else item
    return value.text if hasattr(value, "text") else value

"""The canonical resources that we publish, read from their folders when asked. https://hl7.org/fhir/R4/canonical.html"""

from importlib.resources import files
from typing import Literal, get_args

from profiles import json

Kind = Literal[
    "code-systems",
    "value-sets",
    "concept-maps",
    "naming-systems",
    "structure-definitions",
    "search-parameters",
    "operation-definitions",
    "message-definitions",
    "capability-statements",
]
"""A folder of this package; every file in it is one resource."""

KINDS: tuple[Kind, ...] = get_args(Kind)


def resources(kind: Kind) -> list[json.Resource]:
    """The resources of one folder, by file name; the caller may change what it gets."""
    found = (path for path in files("profiles").joinpath(kind).iterdir() if path.name.endswith(".json"))
    return [json.loads(path.read_bytes()) for path in sorted(found, key=lambda path: path.name)]

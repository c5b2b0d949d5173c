"""The operations that FHIR 4.0.1 defines, and what each takes. https://hl7.org/fhir/R4/operationslist.html"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from profiles.json import loads


@dataclass(frozen=True, slots=True)
class Parameter:
    """https://hl7.org/fhir/R4/operationdefinition.html"""

    name: str
    type: str
    """A FHIR type, a resource type or `Resource`; `Element` for any data type; empty for one with parts."""
    required: bool = False
    many: bool = False
    parts: Mapping[str, "Parameter"] = field(default_factory=dict)


@cache
def _definitions() -> dict[str, dict[str, Any]]:
    content: dict[str, Any] = loads((Path(__file__).parent / "r4" / "operations.json").read_bytes())
    return content


def url(name: str) -> str:
    """The canonical URL of an operation, `ValueSet-expand`; raises `KeyError` for one that R4 does not have."""
    return str(_definitions()[name]["url"])


@cache
def inputs(name: str) -> Mapping[str, Parameter]:
    """By name, what an operation takes; raises `KeyError` for an operation that R4 does not have."""
    return _parameters([one for one in _definitions()[name]["parameter"] if one["use"] == "in"])


def _parameters(said: list[dict[str, Any]]) -> Mapping[str, Parameter]:
    found = {
        one["name"]: Parameter(
            one["name"], one.get("type", ""), one["min"] > 0, one["max"] != "1", _parameters(one.get("part", []))
        )
        for one in said
    }
    return MappingProxyType(found)

"""HL7 tables and what their codes are in FHIR: one CSV for each, named as in the V2-to-FHIR guide.

https://build.fhir.org/ig/HL7/v2-to-fhir/coding_system_maps.html
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from profiles.canonical import code_system

LocalCodes = Mapping[str, Mapping[str, str]]
"""A sender's own codes: table name → local code → code of that table."""
NO_LOCAL_CODES: LocalCodes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Concept:
    """A code in FHIR; `text` is the v2 code in words, `system` is empty for elements of type code."""

    system: str
    code: str
    text: str


def concept(table: str, code: str | None, local: LocalCodes = NO_LOCAL_CODES) -> Concept | None:
    """What `code` of `table` is in FHIR; None when there is no code, or the table does not have it."""
    if not code:
        return None
    return _table(table).get(local.get(table, {}).get(code, code).upper())


@cache
def _table(name: str) -> dict[str, Concept]:
    # A system without a scheme is one of our own, under the canonical base of the deployment.
    text = files(__package__).joinpath(f"{name}.csv").read_text("utf-8")
    return {row["code"].upper(): _concept(row) for row in csv.DictReader(text.splitlines())}


def _concept(row: dict[str, str]) -> Concept:
    system = row["system"]
    return Concept(system if not system or ":" in system else code_system(system), row["target"], row["text"])

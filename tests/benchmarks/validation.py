"""Checking a resource on its way in, in microseconds of CPU, against the check of its structure alone."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from profiles import json, package, validation, validator
from profiles.json import Resource

ROUNDS = 9
CALLS = 200

_FOLDER = Path(package.__file__).parent / "examples"
_NAMES = ("Patient-p1", "EpisodeOfCare-contract1", "Encounter-enc1", "Task-reftask1", "Composition-inpfile1")
_OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5", "display": "Body temperature"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2025-09-02T08:30:00+08:00",
    "performer": [{"reference": "Practitioner/fd1"}],
    "valueQuantity": {"value": 37, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"},
}


def measure() -> list[dict[str, Any]]:
    """Rows of `{name, value, unit, floor, ratio}`: invariants, bindings, extensions and profiles over structure."""
    examples = {name: json.loads((_FOLDER / f"{name}.json").read_bytes()) for name in _NAMES}
    return [_row(name, resource) for name, resource in [*examples.items(), ("Observation", _OBSERVATION)]]


def _row(name: str, resource: Resource) -> dict[str, Any]:
    whole = validation.shipped()
    floor = _microseconds(lambda: validator.check(resource))
    value = _microseconds(lambda: whole.check(resource))
    profiles = len(whole.implied(resource))
    named = f"{name}, R4 and {profiles} implied profile{'' if profiles == 1 else 's'}"
    return {"name": named, "value": round(value, 1), "unit": "µs", "floor": round(floor, 1), "ratio": value / floor}


def _microseconds(work: Callable[[], object]) -> float:
    """The best of several rounds: what the machine does beside them only ever adds."""
    work()
    return min(_round(work) for _ in range(ROUNDS)) * 1e6


def _round(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - start) / CALLS

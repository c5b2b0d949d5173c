"""What a write makes of a hospital stay: it begins, it ends, it goes on after all, or it never was. fhir-model §6.4"""

from typing import Literal, NamedTuple

from gateway.workflows.reading import reference
from profiles.json import Resource

Transition = Literal["began", "ended", "reopened", "undone"]

_STAYED = frozenset({"in-progress", "onleave", "finished"})


class _Stay(NamedTuple):
    patient: str
    over: bool


def transition(before: Resource | None, after: Resource | None) -> frozenset[Transition]:
    """Nothing, or what happened; a stay that passes to another resident is undone for one and begins for the other.

    A stay is an Encounter of class IMP with a Patient, from admission on. Whatever takes that from it undoes it:
    status cancelled or entered-in-error, another class, deletion.
    """
    old, new = _stay(before), _stay(after)
    same = old is not None and new is not None and old.patient == new.patient
    was_over = same and old is not None and old.over
    is_over = new is not None and new.over
    facts: dict[Transition, bool] = {
        "began": new is not None and not same,
        "ended": is_over and not was_over,
        "reopened": was_over and not is_over,
        "undone": old is not None and not same,
    }
    return frozenset(name for name, holds in facts.items() if holds)


def _stay(encounter: Resource | None) -> _Stay | None:
    if encounter is None or encounter["class"].get("code") != "IMP" or encounter.get("status") not in _STAYED:
        return None
    patient = reference(encounter.get("subject"))
    return _Stay(patient, encounter["status"] == "finished") if patient.startswith("Patient/") else None

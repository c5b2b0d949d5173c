"""Who a message speaks of: the resident it names, without guessing."""

from collections.abc import Iterator

from gateway.work import Work
from gateway.workflows.reading import identifier_value
from profiles.canonical import RESIDENT_ID
from profiles.json import Resource


def claims(patient: Resource) -> Iterator[str]:
    """One person, one active Patient for a resident id number."""
    number = identifier_value(patient.get("identifier", ()), RESIDENT_ID)
    if number and patient.get("active", True):
        yield f"resident-id/{number}"


async def known(work: Work, patient: Resource | None) -> Resource | None:
    """The active Patient that carries the resident id number of what a sender said of a person."""
    number = identifier_value((patient or {}).get("identifier", ()), RESIDENT_ID)
    if number is None:
        return None
    return next(iter((await work.held([f"resident-id/{number}"])).values()), None)

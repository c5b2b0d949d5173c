"""Removes what a run made on its target. https://hl7.org/fhir/R4/http.html#delete"""

from collections.abc import Iterable
from contextlib import suppress

from conformance.checks.answer import Answer
from conformance.checks.target import Target
from conformance.checks.trace import Trace
from conformance.checks.verdict import Missed
from profiles.definitions import resource_types
from profiles.json import Resource

_MOST_PASSES = 4
"""How often removal goes through what is left: a resource may be held by one that is removed after it."""
_GONE = frozenset({200, 202, 204, 404, 410})
_MOST = 200


async def clear(target: Target) -> None:
    """The newest first; then what is held by something else; then, in one transaction, what is held in a circle."""
    try:
        for _ in range(_MOST_PASSES):
            for reference in [*reversed(target.made)]:
                await _delete(target, reference)
        if target.made and "system.transaction" in target.claims:
            await _delete_together(target)
    finally:
        target.left += target.made
        target.made.clear()


async def about(target: Target, patients: Iterable[str]) -> list[str]:
    """`Type/id` of all that the server itself may have made about these patients, as its rules ask."""
    kinds = [
        one
        for one in sorted(resource_types())
        if f"{one}?patient" in target.claims and f"{one}.delete" in target.claims
    ]
    found = []
    for query in (f"{kind}?patient={patient}&_count={_MOST}" for patient in patients for kind in kinds):
        answer = await _send(target, "GET", query)
        with suppress(Missed):
            found += [f"{one['resourceType']}/{one['id']}" for one in answer.matches]
    return found


def transaction(references: Iterable[str]) -> Resource:
    """Deletes them all, or none."""
    entries = [{"request": {"method": "DELETE", "url": one}} for one in dict.fromkeys(references)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def _delete(target: Target, reference: str) -> None:
    if f"{reference.partition('/')[0]}.delete" in target.claims:
        answer = await _send(target, "DELETE", reference)
        if answer.status in _GONE:
            del target.made[reference]
            target.removed += 1


async def _delete_together(target: Target) -> None:
    patients = [one for one in target.made if one.startswith("Patient/")]
    answer = await _send(target, "POST", "", transaction([*target.made, *await about(target, patients)]))
    if answer.status == 200:
        target.removed += len(target.made)
        target.made.clear()


async def _send(target: Target, method: str, path: str, body: Resource | None = None) -> Answer:
    return await target.send(Trace(), method, path, body, {}, authorized=True)

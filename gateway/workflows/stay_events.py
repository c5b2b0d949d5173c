"""What one event of a feed makes of the Encounter it speaks of: pure, from the current state to the next.

fhir-model §6.4 and §6.6.
"""

from collections.abc import Callable

from profiles.json import Resource

Event = Callable[[Resource | None, Resource, str], Resource | None]
"""(current, told, when) → next; None where the event has nothing to work on. `when` is a FHIR dateTime."""

_OVER = frozenset({"finished", "cancelled", "entered-in-error"})
_FROM_SENDER = (
    "class",
    "type",
    "priority",
    "participant",
    "hospitalization",
    "serviceProvider",
    "identifier",
    "reasonCode",
)


def admitted(current: Resource | None, told: Resource, when: str) -> Resource:
    """A01: the stay begins; told again, or late, it adds what was not known and undoes nothing."""
    if current is None:
        return (
            {**told, "location": [_entered(location, told) for location in told["location"]]}
            if "location" in told
            else told
        )
    period = {**told.get("period", {}), **current.get("period", {})}
    merged = {**current, **_told(told), "period": period}
    if current["status"] in _OVER:
        return merged
    return _with_status(merged, "in-progress", when)


def transferred(current: Resource | None, told: Resource, when: str) -> Resource:
    """A02: the bed changes; the bed before keeps its time."""
    if current is None:
        return told
    merged = {**current, **_told(told)}
    if current["status"] in _OVER:
        return merged
    return {**merged, "location": _moved(current.get("location", []), told.get("location", []), when)}


def discharged(current: Resource | None, told: Resource, when: str) -> Resource:
    """A03: the stay ends, and with it the use of its bed."""
    if current is None:
        return told
    period = {**current.get("period", {}), "end": told.get("period", {}).get("end", when)}
    merged = {**current, **_told(told), "period": period}
    ended = _with_status(merged, "finished", when)
    if "location" in current:
        ended["location"] = [_left(location, when) for location in current["location"]]
    return ended


def cancelled(current: Resource | None, _: Resource, when: str) -> Resource | None:
    """A11: the admission never was; without one there is nothing to take back."""
    return None if current is None else _with_status(current, "cancelled", when)


EVENTS: dict[str, Event] = {
    "encounter-admitted": admitted,
    "encounter-transferred": transferred,
    "encounter-discharged": discharged,
    "admission-cancelled": cancelled,
}


def _told(told: Resource) -> Resource:
    """What a later message may correct; the person, the state and the beds follow rules of their own."""
    return {name: told[name] for name in _FROM_SENDER if name in told}


def _with_status(encounter: Resource, status: str, when: str) -> Resource:
    if encounter["status"] == status:
        return encounter
    history = encounter.get("statusHistory", [])
    since = history[-1]["period"].get("end") if history else encounter.get("period", {}).get("start")
    past = {"status": encounter["status"], "period": {**({"start": since} if since else {}), "end": when}}
    return {**encounter, "status": status, "statusHistory": [*history, past]}


def _moved(past: list[Resource], told: list[Resource], when: str) -> list[Resource]:
    """The sender may name the bed before as well; it is known, and only where the person is now is new."""
    now = [location for location in told if location.get("status", "active") == "active"]
    current = [location["location"] for location in past if location.get("status") == "active"]
    if not now or [location["location"] for location in now] == current:
        return past
    here = [{**location, "status": "active", "period": {"start": when}} for location in now]
    return [*(_left(location, when) for location in past), *here]


def _entered(location: Resource, told: Resource) -> Resource:
    """The bed of an admission is taken from its start."""
    start = told.get("period", {}).get("start")
    unknown = start is None or "period" in location or location.get("status") != "active"
    return location if unknown else {**location, "period": {"start": start}}


def _left(location: Resource, when: str) -> Resource:
    if location.get("status") != "active":
        return location
    return {**location, "status": "completed", "period": {**location.get("period", {}), "end": when}}

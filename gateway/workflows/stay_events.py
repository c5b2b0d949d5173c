"""What one event of a feed makes of the Encounter it speaks of: pure, from the current state to the next.

fhir-model §6.4 and §6.6.
"""

from collections.abc import Callable

from gateway.workflows.reading import moment
from profiles.json import Resource

Event = Callable[[Resource | None, Resource, str], Resource | None]
"""(current, told, when) → next; None where the event has nothing to work on. `when` is a FHIR dateTime."""

_NEVER_WAS = frozenset({"cancelled", "entered-in-error"})
_OVER = _NEVER_WAS | {"finished"}
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
    """A01: the stay begins, or begins again after it was cancelled; told again, or late, it undoes nothing."""
    if current is None:
        period = {"start": when, **told.get("period", {})}
        there = [_entered(location, period["start"]) for location in told.get("location", ())]
        return {**told, "period": period, **({"location": there} if there else {})}
    if current.get("status") == "cancelled" and not _precedes_last_change(when, current):
        return _readmitted(current, told, when)
    period = {**told.get("period", {}), **current.get("period", {})}
    merged = {**current, **_told(told), "period": period}
    return merged if current.get("status") in _OVER else _with_status(merged, "in-progress", when)


def transferred(current: Resource | None, told: Resource, when: str) -> Resource:
    """A02: the bed changes; the bed before keeps its time."""
    if current is None:
        return told
    merged = {**current, **_told(told)}
    if current.get("status") in _OVER:
        return merged
    return {**merged, "location": _moved(current.get("location", []), told.get("location", []), when)}


def discharged(current: Resource | None, told: Resource, when: str) -> Resource:
    """A03: the stay ends, and with it the use of its bed; one that was cancelled does not come back to life."""
    if current is None:
        return {**told, "period": {"end": when, **told.get("period", {})}}
    if current.get("status") in _NEVER_WAS:
        return {**current, **_told(told)}
    period = {**current.get("period", {}), "end": told.get("period", {}).get("end", when)}
    ended = _with_status({**current, **_told(told), "period": period}, "finished", when)
    if "location" in current:
        ended["location"] = [_left(location, when) for location in current["location"]]
    return ended


def cancelled(current: Resource | None, _: Resource, when: str) -> Resource | None:
    """A11: the admission never was; without one there is nothing to take back, and one that came later stays."""
    if current is None or current.get("status") in _NEVER_WAS:
        return current
    history = current.get("statusHistory", [])
    again = bool(history) and history[-1].get("status") == "cancelled"
    return current if again and _precedes_last_change(when, current) else _with_status(current, "cancelled", when)


EVENTS: dict[str, Event] = {
    "encounter-admitted": admitted,
    "encounter-transferred": transferred,
    "encounter-discharged": discharged,
    "admission-cancelled": cancelled,
}


def _told(told: Resource) -> Resource:
    """What a later message may correct; the person, the state and the beds follow rules of their own."""
    return {name: told[name] for name in _FROM_SENDER if name in told}


def _readmitted(current: Resource, told: Resource, when: str) -> Resource:
    """The same visit number admitted again: the sender's account of it counts, what was keeps its history."""
    period = {"start": when, **told.get("period", {})}
    beds = _moved(current.get("location", []), told.get("location", []), when)
    again = {**current, **_told(told), "period": period, **({"location": beds} if beds else {})}
    return _with_status(again, "in-progress", when)


def _with_status(encounter: Resource, status: str, when: str) -> Resource:
    old = encounter.get("status")
    if old is None or old == status:
        return {**encounter, "status": status}
    since = _last_change(encounter) or encounter.get("period", {}).get("start")
    past = {"status": old, "period": {**({"start": since} if since else {}), "end": when}}
    return {**encounter, "status": status, "statusHistory": [*encounter.get("statusHistory", []), past]}


def _last_change(encounter: Resource) -> str | None:
    """When the status became what it is, as far as its history tells."""
    history = encounter.get("statusHistory", [])
    return history[-1]["period"].get("end") if history else None


def _precedes_last_change(when: str, encounter: Resource) -> bool:
    """Whether it happened no later than what made the status what it is, by its history or when that was stored."""
    last = _last_change(encounter) or encounter.get("meta", {}).get("lastUpdated")
    return last is not None and moment(when) <= moment(last)


def _moved(past: list[Resource], told: list[Resource], when: str) -> list[Resource]:
    """The sender may name the bed before as well; it is known, and only where the person is now is new."""
    now = [location for location in told if location.get("status", "active") == "active"]
    current = [location["location"] for location in past if location.get("status") == "active"]
    if not now or [location["location"] for location in now] == current:
        return past
    here = [{**location, "status": "active", "period": {"start": when}} for location in now]
    return [*(_left(location, when) for location in past), *here]


def _entered(location: Resource, start: str) -> Resource:
    """The bed of an admission is taken from its start."""
    known = "period" in location or location.get("status") != "active"
    return location if known else {**location, "period": {"start": start}}


def _left(location: Resource, when: str) -> Resource:
    if location.get("status") != "active":
        return location
    return {**location, "status": "completed", "period": {**location.get("period", {}), "end": when}}

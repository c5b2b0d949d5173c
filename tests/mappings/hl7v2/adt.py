"""ADT messages of invented people, field by field, and what became of them."""

from datetime import datetime, timedelta, timezone
from typing import Any

from mappings import hl7v2

Fields = dict[int, str]
RECEIVED = datetime(2025, 9, 2, 8, 30, 13, 250000, tzinfo=timezone(timedelta(hours=8)))
IDENTIFIER = "HIS/H500199/M1"

_DEFAULTS: dict[str, Fields] = {
    "MSH": {3: "HIS", 4: "H500199", 7: "20250902083012", 10: "M1", 11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"},
    "EVN": {2: "20250902083010"},
    "PID": {3: "P000123^^^^PI", 5: "示例甲", 7: "19491231", 8: "M"},
    "PV1": {2: "I", 3: "W3^301^12", 19: "ZY1", 44: "20250902083000"},
}


def resident_id(born: str = "19491231", serial: int = 1, region: str = "990101") -> str:
    """A number of a region that does not exist, with the check character of ISO 7064 MOD 11-2 by its definition."""
    digits = f"{region}{born}{serial:03}"
    remainder = 0
    for digit in digits:
        remainder = (remainder + int(digit)) * 2 % 11
    check = (12 - remainder) % 11
    return digits + ("X" if check == 10 else str(check))


def er7(trigger: str = "A01", end: str = "\r", **changed: Fields) -> str:
    """The message, its defaults changed by segment and field number; "" takes a field away."""
    segments = {name: fields | changed.get(name, {}) for name, fields in _DEFAULTS.items()}
    segments["MSH"].setdefault(9, f"ADT^{trigger}")
    segments |= {name: fields for name, fields in changed.items() if name not in segments}
    return "".join(_segment(name, fields) + end for name, fields in segments.items())


def translated(text: str, feed: hl7v2.Feed | None = None) -> dict[str, Any]:
    message = hl7v2.parse(text)
    return hl7v2.translate(
        message, raw=text.encode(), codec="utf-8", received=RECEIVED, identifier=IDENTIFIER, feed=feed
    )


def resource(bundle: dict[str, Any], resource_type: str) -> dict[str, Any]:
    [found] = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == resource_type]
    return found


def patient(feed: hl7v2.Feed | None = None, **changed: Fields) -> dict[str, Any]:
    return resource(translated(er7(**changed), feed), "Patient")


def encounter(trigger: str = "A01", feed: hl7v2.Feed | None = None, **changed: Fields) -> dict[str, Any]:
    return resource(translated(er7(trigger, **changed), feed), "Encounter")


def _segment(name: str, fields: Fields) -> str:
    first = 3 if name == "MSH" else 1
    head = "MSH|^~\\&" if name == "MSH" else name
    return "|".join([head, *(fields.get(n, "") for n in range(first, max(fields, default=0) + 1))])

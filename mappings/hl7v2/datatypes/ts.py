"""TS, DTM, DT: times with the precision and offset that were sent; without one they are local to the feed.

https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

_OFFSET = "(Z|[+-](?:0[0-9]|1[0-3]):?[0-5][0-9]|[+-]14:?00)?"
_SHAPES = (
    # The groups are those of _Parts. 20180604, 201806041434, 20180604143425.489+0800, 20180604143425489
    re.compile(
        r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)"
        r"(?:(\d\d)(?:(?:\.(?=\d)|(?=\d{3}(?!\d)))(\d{1,9}))?)?)?)?)?)?" + _OFFSET,
        re.ASCII,
    ),
    # 1993-11-20 00:00:00.0, 1993/11/20, 2025-09-02T08:30:00+08:00: as databases print them
    re.compile(
        r"(\d{4})[-/](\d\d)[-/](\d\d)"
        r"(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?" + _OFFSET,
        re.ASCII,
    ),
)


class _Parts(NamedTuple):
    year: str
    month: str | None
    day: str | None
    hour: str | None
    minute: str | None
    second: str | None
    fraction: str | None
    offset: str | None


def date(value: str) -> str:
    """A FHIR date: year, month or day; a time of day is left out. Raises ValueError."""
    return _date(_read(value, UTC)[0])


def date_time(value: str, zone: tzinfo) -> str:
    """A FHIR dateTime. An hour alone is kept as the date: FHIR knows no such precision. Raises ValueError."""
    parts, moment = _read(value, zone)
    return _time(parts, moment) if parts.minute else _date(parts)


def instant(value: str, zone: tzinfo) -> str:
    """A FHIR instant; raises ValueError for a value that is not known to the second."""
    parts, moment = _read(value, zone)
    if not parts.second:
        raise ValueError("not known to the second")
    return _time(parts, moment)


def is_before(one: str, other: str) -> bool:
    """Whether one FHIR dateTime is before another; by the date alone where one has nothing more."""
    if "T" in one and "T" in other:
        return datetime.fromisoformat(one) < datetime.fromisoformat(other)
    known = min(len(one), len(other), len("YYYY-MM-DD"))
    return one[:known] < other[:known]


def _read(value: str, zone: tzinfo) -> tuple[_Parts, datetime]:
    for shape in _SHAPES:
        if found := shape.fullmatch(value.strip()):
            parts = _Parts(*found.groups())
            return parts, _moment(parts, zone)
    raise ValueError("not a date or time")


def _moment(parts: _Parts, zone: tzinfo) -> datetime:
    # Raises ValueError for a day or an hour that does not exist.
    return datetime(
        int(parts.year),
        int(parts.month or 1),
        int(parts.day or 1),
        int(parts.hour or 0),
        int(parts.minute or 0),
        int(parts.second or 0),
        tzinfo=zone,
    )


def _date(parts: _Parts) -> str:
    return "-".join(filter(None, parts[:3]))


def _time(parts: _Parts, moment: datetime) -> str:
    local = moment.isoformat()  # YYYY-MM-DDTHH:MM:SS+HH:MM, and the seconds of offsets before standard time
    clock, offset = local[:19], local[19:25]
    if written := parts.offset:
        offset = written if written == "Z" or ":" in written else f"{written[:3]}:{written[3:]}"
    return f"{clock}.{parts.fraction}{offset}" if parts.fraction else f"{clock}{offset}"

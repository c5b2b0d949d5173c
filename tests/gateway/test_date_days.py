"""Days are days of the site's zone, whatever zone a moment is written in; the last update is a moment like any other.

https://hl7.org/fhir/R4/search.html#date
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import SITE_ZONE
from profiles.json import Resource
from tests.conftest import Gateway
from tests.gateway.district import write
from tests.gateway.intervals import PREFIXES, holds, of

pytestmark = pytest.mark.feature("Time zone", "zone-less dates mean Asia/Shanghai")

MOMENTS = {
    "early": "2024-05-10T00:30:00+08:00",
    "late": "2024-05-10T23:30:00+08:00",
    "early-utc": "2024-05-10T00:30:00Z",
    "late-utc": "2024-05-10T23:30:00Z",
}
"""The last of them is half past seven of the next day in Shanghai."""


def observation(name: str, moment: str) -> Resource:
    about = {"status": "final", "code": {"text": "血压"}, "effectiveDateTime": moment}
    return {"resourceType": "Observation", "id": name, **about}


@pytest.fixture(scope="module")
def days(gateway: Gateway) -> Gateway:
    write(gateway, *(observation(name, moment) for name, moment in MOMENTS.items()))
    return gateway


def found(gateway: Gateway, *asked: tuple[str, str], kind: str = "Observation") -> set[str]:
    answer = gateway.client.get(f"/{kind}", params=[*asked, ("_count", "1000")])
    assert answer.status_code == 200, answer.text
    return {entry["resource"]["id"] for entry in answer.json().get("entry", [])}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("2024-05-10", {"early", "late", "early-utc"}),
        ("2024-05-11", {"late-utc"}),
        ("2024-05-09", set()),
        ("lt2024-05-10", set()),
        ("ge2024-05-11", {"late-utc"}),
        ("le2024-05-10", {"early", "late", "early-utc"}),
        ("sa2024-05-10", {"late-utc"}),
        ("ne2024-05-10", {"late-utc"}),
        ("2024-05-09T16:30:00Z", {"early"}),
        ("2024-05-09T16:30Z", {"early"}),
        ("2024-05-10T00:30", {"early"}),
        ("2024-05-10T08:30", {"early-utc"}),
        ("2024-05-10T15:30:00Z", {"late"}),
        ("2024-05-11T07:30:00", {"late-utc"}),
        ("2024-05-11T07:30:00.000", set()),  # a second is longer than its first millisecond
        ("eb2024-05-10T08:30", {"early"}),
        ("2024-05", {"early", "late", "early-utc", "late-utc"}),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(days: Gateway, asked: str, names: set[str]) -> None:
    assert found(days, ("date", asked)) == names


def test_a_plus_sign_that_was_not_escaped_is_refused_with_an_example(days: Gateway) -> None:
    """Unescaped it is a space; a guess might be another moment."""
    answer = days.client.get(f"{days.base}/Observation?date=2024-05-10T00:30:00+08:00")
    assert (answer.status_code, answer.json()["issue"][0]["details"]["coding"][0]["code"]) == (400, "FD-SEARCH-DATE")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("1988-04-17", True),
        ("sa1988-04-16T15:59:59Z", True),
        ("sa1988-04-16T16:00:00Z", False),
        ("eb1988-04-17T15:00:00Z", True),
        ("eb1988-04-17T14:59:59Z", False),
        ("eb1988-04-18", True),
    ],
)
def test_the_first_day_of_summer_time_has_an_hour_less(days: Gateway, asked: str, *, there: bool) -> None:
    """China had summer time from 1986 to 1991; birth dates lie there."""
    write(days, {"resourceType": "Patient", "id": "born", "birthDate": "1988-04-17"})
    assert ("born" in found(days, ("birthdate", asked), kind="Patient")) == there


def updated(gateway: Gateway) -> dict[str, str]:
    """Organizations written at different moments of the gateway's clock, each with when the gateway says it was."""
    start = datetime(2031, 3, 1, 0, 0, 0, 1000, SITE_ZONE)
    told = {}
    for number, hours in enumerate((-24.2, -0.1, 0, 0.1, 7.9, 8.1, 23.9, 24.1, 24 * 40)):
        gateway.clock.offset = start + timedelta(hours=hours) - datetime.now(SITE_ZONE)
        resource = {"resourceType": "Organization", "id": f"o{number}", "name": "示例"}
        written = gateway.client.put(f"/Organization/o{number}", json=resource).json()
        told[written["id"]] = written["meta"]["lastUpdated"]
    return told


def around(moment: str) -> Iterable[str]:
    """Values of every precision that begin with this moment or end with it."""
    own = datetime.fromisoformat(moment)
    for near in (own - timedelta(milliseconds=1), own, own + timedelta(milliseconds=1), own - timedelta(seconds=1)):
        for zoned in (near.astimezone(SITE_ZONE), near.astimezone(UTC)):
            for precision in ("milliseconds", "seconds", "minutes"):
                yield zoned.isoformat(timespec=precision).replace("+00:00", "Z")
    yield from (moment[:10], moment[:7], moment[:4], moment[:19])


def test_the_last_update_is_compared_like_any_other_date(days: Gateway) -> None:
    moments = updated(days)
    assert len(set(moments.values())) == len(moments)
    values = {value for moment in moments.values() for value in around(moment)}
    now = datetime.now(SITE_ZONE) + days.clock.offset
    for prefix in PREFIXES.keys() - {"ap"}:
        for value in sorted(values):
            expected = {name for name, moment in moments.items() if holds(prefix, of(value), of(moment), now)}
            assert found(days, ("_lastUpdated", prefix + value), kind="Organization") == expected, prefix + value


def test_about_a_last_update_means_a_tenth_of_its_distance_to_now(days: Gateway) -> None:
    moments = updated(days)
    days.clock.offset = datetime(2031, 3, 11, tzinfo=SITE_ZONE) - datetime.now(SITE_ZONE)
    # ten days after the first of March: a day before it and a day after it are near enough
    near = found(days, ("_lastUpdated", "ap2031-03-01T00:00:00"), kind="Organization")
    assert near == {"o1", "o2", "o3", "o4", "o5", "o6"}
    assert moments.keys() - near == {"o0", "o7", "o8"}

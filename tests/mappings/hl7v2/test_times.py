"""Times keep the precision and the offset they came with."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.hl7v2 import Feed, Untranslatable
from tests.mappings.hl7v2 import adt


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025", "2025"),
        ("202509", "2025-09"),
        ("20250902", "2025-09-02"),
        ("2025090208", "2025-09-02"),
        ("202509020830", "2025-09-02T08:30:00+08:00"),
        ("20250902083005", "2025-09-02T08:30:05+08:00"),
        ("20250902083005.1234", "2025-09-02T08:30:05.1234+08:00"),
        ("20250902083005489", "2025-09-02T08:30:05.489+08:00"),
        ("20250902083005+0000", "2025-09-02T08:30:05+00:00"),
        ("202509020830-0530", "2025-09-02T08:30:00-05:30"),
        ("20250902083005Z", "2025-09-02T08:30:05Z"),
        ("2025-09-02 08:30:05.0", "2025-09-02T08:30:05.0+08:00"),
        ("2025-09-02T08:30+09:00", "2025-09-02T08:30:00+09:00"),
        ("2025/09/02", "2025-09-02"),
        ("19880701120000", "1988-07-01T12:00:00+09:00"),
        ("19000101000000", "1900-01-01T00:00:00+08:05"),
        (" 20250902 ", "2025-09-02"),
    ],
)
def test_a_time_of_the_feed(written: str, meant: str) -> None:
    assert adt.encounter(PV1={44: written})["period"] == {"start": meant}


def test_a_feed_elsewhere_has_its_own_zone() -> None:
    feed = Feed(zone=ZoneInfo("Asia/Urumqi"))
    assert adt.encounter(feed=feed)["period"] == {"start": "2025-09-02T08:30:00+06:00"}


@pytest.mark.parametrize(
    "written",
    [
        *("00000000", "20250230", "20251301", "2025090225", "202509020860", "20250902083060", "20250902+9900"),
        *("0", "202509020830051", "2025090208300512345", "20250902083005.", "2025-9-2", "昨天", "２０２５"),
    ],
)
@pytest.mark.parametrize("place", [("PV1", 44), ("PV1", 45), ("EVN", 2), ("EVN", 6), ("PID", 7)])
def test_what_is_no_time_is_refused_with_its_place(written: str, place: tuple[str, int]) -> None:
    segment, n = place
    with pytest.raises(Untranslatable) as caught:
        adt.translated(adt.er7(**{segment: {n: written}}))
    assert (caught.value.ack, caught.value.code, caught.value.location) == ("AE", "102", f"{segment}-{n}")
    assert written not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("19931130", "1993-11-30"),
        ("19931130000000", "1993-11-30"),
        ("1993-11-20 00:00:00.0", "1993-11-20"),
        ("199311", "1993-11"),
        ("1993", "1993"),
        ("19931130081500+0900", "1993-11-30"),
    ],
)
def test_a_birth_date(written: str, meant: str) -> None:
    assert adt.patient(PID={7: written})["birthDate"] == meant


@pytest.mark.parametrize("written", ["", '""'])
def test_no_birth_date(written: str) -> None:
    assert "birthDate" not in adt.patient(PID={7: written})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20180604143425489", "2018-06-04T14:34:25.489+08:00"),
        ("20250902083012-0330", "2025-09-02T08:30:12-03:30"),
        ("202509020830", "2025-09-02T08:30:13.250+08:00"),
        ("soon", "2025-09-02T08:30:13.250+08:00"),
        ("", "2025-09-02T08:30:13.250+08:00"),
    ],
)
def test_the_time_of_the_message_is_an_instant_or_that_of_its_arrival(written: str, meant: str) -> None:
    assert adt.translated(adt.er7(MSH={7: written}))["timestamp"] == meant


@pytest.mark.parametrize(
    ("evn", "occurred"),
    [
        ({2: "20250902083010", 6: "20250902082500"}, "2025-09-02T08:25:00+08:00"),
        ({2: "20250902083010"}, "2025-09-02T08:30:10+08:00"),
        ({2: ""}, "2025-09-02T08:30:12+08:00"),
    ],
)
@pytest.mark.parametrize("trigger", ["A01", "A02", "A03"])
def test_the_time_of_the_event(trigger: str, evn: dict[int, str], occurred: str) -> None:
    bundle = adt.translated(adt.er7(trigger, EVN=evn))
    assert adt.resource(bundle, "Provenance")["occurredDateTime"] == occurred


def test_a_cancel_event_happens_when_it_is_recorded_not_when_the_admission_was() -> None:
    bundle = adt.translated(adt.er7("A11", EVN={2: "20250902110000", 6: "20250902082500"}))
    assert adt.resource(bundle, "Provenance")["occurredDateTime"] == "2025-09-02T11:00:00+08:00"


def test_an_event_without_any_time_is_refused() -> None:
    with pytest.raises(Untranslatable) as caught:
        adt.translated(adt.er7(EVN={2: ""}, MSH={7: ""}))
    assert (caught.value.code, caught.value.location) == ("101", "EVN-2")


def test_an_admission_without_pv1_44_begins_and_a_discharge_without_pv1_45_ends_with_the_event() -> None:
    event = {2: "20250903120000", 6: "20250903110000"}
    assert adt.encounter("A01", EVN=event, PV1={44: ""})["period"] == {"start": "2025-09-03T11:00:00+08:00"}
    assert adt.encounter("A03", EVN=event)["period"] == {
        "start": "2025-09-02T08:30:00+08:00",
        "end": "2025-09-03T11:00:00+08:00",
    }


def test_a_time_of_the_event_that_contradicts_the_visit_is_not_put_into_its_period() -> None:
    event = {6: "20250901110000"}
    assert adt.encounter("A03", EVN=event)["period"] == {"start": "2025-09-02T08:30:00+08:00"}
    late = adt.encounter("A01", PV1={44: "", 45: "20250101"})
    assert late["period"] == {"end": "2025-01-01"}


@pytest.mark.parametrize("end", ["20250902082959", "20250901", "2024", "20250902083000+0900"])
def test_a_discharge_before_the_admission_is_refused(end: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        adt.encounter("A03", PV1={45: end})
    assert (caught.value.code, caught.value.location) == ("102", "PV1-45")


@given(st.datetimes(min_value=adt.RECEIVED.replace(tzinfo=None, year=1950)))
def test_digits_of_a_time_are_never_changed(moment: object) -> None:
    written = f"{moment:%Y%m%d%H%M%S}"
    start = adt.encounter(PV1={44: written})["period"]["start"]
    assert "".join(filter(str.isdigit, start[:19])) == written.zfill(14)

"""What is refused at the door, in the words of the acknowledgement."""

import pytest

from mappings import hl7v2
from tests.mappings.hl7v2 import adt


def reason(text: str, feed: hl7v2.Feed | None = None) -> hl7v2.Untranslatable:
    with pytest.raises(hl7v2.Untranslatable) as caught:
        hl7v2.check(hl7v2.parse(text), feed)
    return caught.value


def without(segment: str) -> str:
    return "".join(line + "\r" for line in adt.er7().split("\r") if line and not line.startswith(segment))


@pytest.mark.parametrize("trigger", ["A01", "A02", "A03", "A11"])
@pytest.mark.parametrize("structure", ["", "^ADT_A01", "^ADT_A99"])
@pytest.mark.parametrize("version", ["2.3", "2.5.1", "2.8", "9", ""])
def test_the_four_events_pass_whatever_version_and_structure_they_claim(
    trigger: str, structure: str, version: str
) -> None:
    hl7v2.check(hl7v2.parse(adt.er7(MSH={9: f"ADT^{trigger}{structure}", 12: version})))


@pytest.mark.parametrize(
    ("text", "ack", "code", "location"),
    [
        (adt.er7(MSH={9: ""}), "AE", "101", "MSH-9"),
        (adt.er7(MSH={9: "ADT"}), "AE", "101", "MSH-9"),
        (adt.er7(MSH={9: '""'}), "AE", "101", "MSH-9"),
        (adt.er7("A99"), "AR", "201", "MSH-9.2"),
        (adt.er7("ZP1"), "AR", "201", "MSH-9.2"),
        (adt.er7(MSH={9: "ORU^R01"}), "AR", "200", "MSH-9.1"),
        (adt.er7(MSH={9: "ORM^A01"}), "AR", "200", "MSH-9.1"),
        (adt.er7(MSH={4: ""}), "AE", "101", "MSH-4"),
        (without("PID"), "AE", "100", "PID"),
        (without("PV1"), "AE", "100", "PV1"),
        (adt.er7(PID={3: ""}), "AE", "101", "PID-3"),
        (adt.er7(PID={3: "无~0^^^^PI~^^^H1^MR"}), "AE", "101", "PID-3"),
        (adt.er7(PID={3: "", 19: "111111111111111111"}), "AE", "101", "PID-3"),
        (adt.er7(PID={3: "123456^^^^NI"}), "AE", "101", "PID-3"),
        (adt.er7(PV1={2: ""}), "AE", "101", "PV1-2"),
        (adt.er7(PV1={2: "H"}), "AE", "103", "PV1-2"),
        (adt.er7(PV1={19: ""}), "AE", "101", "PV1-19"),
        (adt.er7(PV1={19: "^^^HIS"}), "AE", "101", "PV1-19"),
        (adt.er7(PV1={19: "无"}), "AE", "101", "PV1-19"),
        (adt.er7("A02", PV1={3: "^^"}), "AE", "101", "PV1-3"),
        (adt.er7(PID={7: "19491331"}), "AE", "102", "PID-7"),
        (adt.er7(PV1={44: "x"}), "AE", "102", "PV1-44"),
        (adt.er7(PV1={45: "20250901"}), "AE", "102", "PV1-45"),
    ],
)
def test_what_cannot_be_translated_is_refused_with_code_and_place(
    text: str, ack: str, code: str, location: str
) -> None:
    why = reason(text)
    assert (why.ack, why.code, why.location) == (ack, code, location)
    assert why.zh
    assert why.en
    with pytest.raises(hl7v2.Untranslatable) as caught:
        adt.translated(text)
    assert str(caught.value) == str(why)


def test_a_resident_number_in_pid_19_is_identification_enough() -> None:
    hl7v2.check(hl7v2.parse(adt.er7(PID={3: "", 19: adt.resident_id()})))


def test_the_profile_of_the_feed_counts() -> None:
    text = adt.er7(MSH={4: ""}, PV1={2: "H"})
    hl7v2.check(hl7v2.parse(text), hl7v2.Feed(facility="H500199", codes={"PatientClass": {"H": "I"}}))


def test_staff_read_the_event_that_is_not_supported_but_nothing_a_sender_may_have_put_there() -> None:
    assert "ADT^A99" in reason(adt.er7("A99")).en
    assert "ADT^A99" in reason(adt.er7("A99")).zh
    assert "示例甲" not in str(reason(adt.er7(MSH={9: "示例甲^A01"})))


def test_an_a02_may_know_the_bed_alone() -> None:
    assert adt.encounter("A02", PV1={3: "^^12"})["location"][0]["location"]["display"] == "12"


def test_what_is_no_message_is_untranslatable_too() -> None:
    assert issubclass(hl7v2.NotER7, hl7v2.Untranslatable)

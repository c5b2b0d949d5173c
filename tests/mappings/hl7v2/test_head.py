"""The head of any message, and the lane that keeps a person's messages in order."""

import pytest

from mappings.hl7v2 import Head, head, lane_key, parse
from profiles.canonical import RESIDENT_ID
from tests.mappings.hl7v2 import adt

NUMBER = adt.resident_id()


def test_the_head_says_who_sends_what_and_how_it_is_to_be_answered() -> None:
    text = "MSH|^~\\&|HIS|H1^甲院|FDGW|QJ|20250902083012||ADT^A01^ADT_A01|M1|P|2.5.1|||AL|NE|CHN|UNICODE UTF-8~GBK"
    assert head(parse(text)) == Head(
        sending_application="HIS",
        sending_facility="H1",
        receiving_application="FDGW",
        receiving_facility="QJ",
        control_id="M1",
        message_type="ADT",
        trigger_event="A01",
        structure="ADT_A01",
        processing_id="P",
        version="2.5.1",
        character_set="UNICODE UTF-8",
        accept_acknowledgement="AL",
        application_acknowledgement="NE",
    )


def test_a_head_may_say_nothing() -> None:
    assert head(parse("MSH|^~\\&")).control_id == ""


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"PID": {3: f"7~{NUMBER.lower()}^^^^NI"}}, f"{RESIDENT_ID}|{NUMBER}"),
        ({"PID": {19: NUMBER, 7: "not a date"}}, f"{RESIDENT_ID}|{NUMBER}"),
        ({"PID": {3: "7^^^H2"}}, "patient|H2|7"),
        ({"PID": {3: "无~7"}}, "patient|HIS/H500199|7"),
        ({"PID": {3: ""}}, "visit|HIS/H500199|ZY1"),
        ({"PID": {3: ""}, "PV1": {19: ""}}, "sender|HIS/H500199"),
        ({"PID": {3: ""}, "PV1": {19: ""}, "MSH": {3: "", 4: ""}}, "sender|/"),
    ],
)
def test_a_lane_is_the_best_known_name_of_the_person(changed: dict[str, dict[int, str]], key: str) -> None:
    assert lane_key(parse(adt.er7(**changed))) == key


def test_events_of_one_person_share_a_lane() -> None:
    keys = {lane_key(parse(adt.er7(trigger, PID={19: NUMBER}))) for trigger in ("A01", "A02", "A03", "A11")}
    assert len(keys) == 1

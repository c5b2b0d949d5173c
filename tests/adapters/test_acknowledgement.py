"""Answers in the words of the sender: mode, version, delimiters, character set."""

from datetime import datetime, timedelta, timezone

import pytest

from adapters.hl7v2 import acknowledgement
from adapters.hl7v2.acknowledgement import Fault
from adapters.hl7v2.header import header

RECEIVED = datetime(2026, 1, 31, 8, 0, 1, tzinfo=timezone(timedelta(hours=8)))
FAULT = Fault("AE", "101", "PID-3", "缺少患者标识。", "The patient has no identifier.")


def head(text="MSH|^~\\&|HIS|H1|FDGW|R|2026||ADT^A01|M1|P|2.5.1", **fields):
    values = text.split("|") + [""] * 8
    for name, value in fields.items():
        values[int(name.removeprefix("msh_")) - 1] = value
    return header("|".join(values))


@pytest.mark.parametrize(
    ("wants", "good", "bad"),
    [
        (("", ""), "AA", "AE"),
        (("AL", ""), "CA", "CE"),
        (("AL", "AL"), "CA", "CE"),
        (("SU", "NE"), "CA", ""),
        (("ER", "NE"), "", "CE"),
        (("NE", "NE"), "", ""),
        (("NE", "AL"), "AA", "AE"),
        (("", "ER"), "", "AE"),
        (("??", ""), "AA", "AE"),
    ],
)
def test_modes(wants, good, bad):
    asked = head(msh_15=wants[0], msh_16=wants[1])
    assert (acknowledgement.code(asked, "AA"), acknowledgement.code(asked, "AE")) == (good, bad)
    assert acknowledgement.code(asked, "AA", negotiated=False) == "AA"


def test_sender_and_receiver_change_places():
    answer = acknowledgement.acknowledgement(head(), "AA", RECEIVED, "X1", "UNICODE UTF-8")
    assert answer == (
        "MSH|^~\\&|FDGW|R|HIS|H1|20260131080001+0800||ACK^A01^ACK|X1|P|2.5.1||||||UNICODE UTF-8\rMSA|AA|M1\r"
    )


@pytest.mark.parametrize(
    ("version", "type_", "named"),
    [
        ("2.2", "ADT^A01", "ACK^A01"),
        ("2.3", "ADT^A01", "ACK^A01"),
        ("2.4", "ADT^A01", "ACK^A01^ACK"),
        ("2.4", "", "ACK"),
    ],
)
def test_the_type_of_the_answer_in_the_senders_version(version, type_, named):
    answer = acknowledgement.acknowledgement(head(msh_12=version, msh_9=type_), "AA", RECEIVED, "X1", "")
    assert answer.split("|")[8] == named


def test_err_since_2_5():
    answer = acknowledgement.refusal("MSH\rMSA|AE|M1\r", head(), FAULT, chinese=True)
    assert answer.split("\r")[2] == (
        "ERR||PID^1^3|101^Required field missing^HL70357|E||||缺少患者标识。 The patient has no identifier."
    )


def test_err_before_2_5():
    answer = acknowledgement.refusal("MSH\rMSA|AE|M1\r", head(msh_12="2.3.1"), FAULT, chinese=False)
    assert answer == ("MSH\rMSA|AE|M1|The patient has no identifier.\rERR|PID^1^3^101&Required field missing&HL70357\r")


@pytest.mark.parametrize(
    ("location", "place"),
    [("PID-3", "PID^1^3"), ("PV1", "PV1^1"), ("MSH-9.2", "MSH^1^9^1^2"), ("MSH[2]", "MSH^2"), ("PID[2]-3", "PID^2^3")],
)
def test_places(location, place):
    answer = acknowledgement.refusal("\r", head(), FAULT._replace(location=location), chinese=False)
    assert answer.split("|")[2] == place


def test_the_senders_own_delimiters_are_used_and_escaped():
    own = header("MSH#*@!%#HIS#H1#FDGW#R#2026##ADT*A01#M1#P#2.5")
    fault = FAULT._replace(en="# * @ ! % |")
    answer = acknowledgement.acknowledgement(own, "AE", RECEIVED, "X1", "")
    answer = acknowledgement.refusal(answer, own, fault, chinese=False)
    assert answer.split("\r")[1:3] == [
        "MSA#AE#M1",
        "ERR##PID*1*3#101*Required field missing*HL70357#E####!F! !S! !R! !E! !T! |",
    ]


@pytest.mark.parametrize(
    ("text", "control_id"),
    [
        ("MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1", "M1"),
        ("garbage MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P", "M1"),
        ("MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P\nPID|1\n", "M1"),
        ("MSH|", ""),
        ("MSH|^~\\&", ""),
    ],
)
def test_the_control_id_is_found_where_it_can_be(text, control_id):
    assert header(text).field(10) == control_id


@pytest.mark.parametrize("encoding", ["", "^", "abcd", "^^~&", "^~ &", '^~"&', "^~\\&#%"])
def test_what_cannot_separate_is_not_echoed(encoding):
    assert header(f"MSH|{encoding}|A").encoding == "^~\\&"


@pytest.mark.parametrize("text", ["", "MSH", "MSHA", "PID|1", "MSH\r", "MSH\x00", 'MSH"', "MSH^~|\\&^A"])
def test_no_header(text):
    assert header(text) is None

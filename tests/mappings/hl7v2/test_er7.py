"""The lexer: exact, lazy, and of one mind with an independent one."""

import tracemalloc
from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.hl7v2 import NotER7, parse

MESSAGE = "MSH|^~\\&|HIS|H1\rPID|1||7^^^A&1.2&ISO^MR~8||示例^甲\rDG1|1|a\rDG1|2|b\r"


def test_values_are_reached_by_segment_field_repetition_component_and_subcomponent() -> None:
    pid = parse(MESSAGE).segment("PID")
    assert pid.field(3).value() == "7"
    assert pid.value(3, 4, 2) == "1.2"
    assert [repetition.value() for repetition in pid.field(3).repetitions] == ["7", "8"]
    assert pid.field(3).components == ["7", None, None, "A", "MR"]
    assert pid.field(5).text == "示例^甲"


def test_a_segment_may_come_again_or_not_at_all() -> None:
    message = parse(MESSAGE)
    assert [segment.value(2) for segment in message.segments("DG1")] == ["a", "b"]
    assert message.segment("DG1").value(1) == "1"
    assert message.count("DG1") == 2
    assert not message.segment("PV1")
    assert message.segment("PV1").value(19) is None
    assert not message.segment("PV1").field(3)


def test_the_header_counts_its_separator_as_a_field_and_never_splits_its_encoding_characters() -> None:
    header = parse(MESSAGE).segment("MSH")
    assert [header.value(n) for n in (1, 2, 3, 4)] == ["|", "^~\\&", "HIS", "H1"]
    assert [repetition.text for repetition in header.field(2).repetitions] == ["^~\\&"]


def test_absent_and_deleted_are_two_things() -> None:
    pid = parse('MSH|^~\\&|\rPID|""||a^""|').segment("PID")
    assert (pid.value(1), pid.value(2), pid.value(3, 2), pid.value(3, 3), pid.value(9)) == ("", None, "", None, None)
    assert not pid.field(1)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n", "\n\n"])
def test_any_line_end_ends_a_segment_and_blank_ones_are_passed_over(end: str) -> None:
    text = MESSAGE.replace("\r", end) + end
    message = parse(text)
    assert [line[:3] for line in message.lines] == ["MSH", "PID", "DG1", "DG1"]
    assert str(message) == text


def test_line_ends_may_be_mixed() -> None:
    assert len(parse("MSH|^~\\&\rPID|1\nPV1|1\r\nDG1|1").lines) == 4


@pytest.mark.parametrize("before", ["\ufeff", "\r\n", " ", "\ufeff\n"])
def test_what_stands_before_the_header_is_kept_and_passed_over(before: str) -> None:
    message = parse(before + MESSAGE)
    assert str(message) == before + MESSAGE
    assert message.segment("MSH").value(3) == "HIS"


def test_a_sender_chooses_its_delimiters() -> None:
    pid = parse("MSH$%*!?$HIS\rPID$$$7%x?y*8$!F!!S!").segment("PID")
    assert (pid.value(3, 2, 2), pid.field(3).repetitions[1].value(), pid.value(4)) == ("y", "8", "$%")


def test_a_sender_may_declare_fewer_delimiters_or_one_more() -> None:
    few = parse("MSH|^|HIS\rPID|a~b^c&d\\S\\").segment("PID")
    assert (few.value(1), few.value(1, 2)) == ("a~b", "c&d\\S\\")
    more = parse("MSH|^~\\&#|HIS\rPID|a\\P\\b|a#b")
    assert more.segment("MSH").value(2) == "^~\\&#"
    assert (more.segment("PID").value(1), more.segment("PID").value(2)) == ("a#b", "a#b")


def test_a_header_may_end_after_its_delimiters() -> None:
    assert parse("MSH|^~\\&").segment("MSH").fields == ("MSH", "|", "^~\\&")


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("", "MSH"),
        ("PID|1", "MSH"),
        ("FHS|^~\\&|", "MSH"),
        ("MSH", "MSH-1"),
        ("MSHa^~\\&a", "MSH-1"),
        ("MSH\r|^~\\&", "MSH-1"),
        ("MSH|", "MSH-2"),
        ("MSH||HIS", "MSH-2"),
        ("MSH|^~\\&#!|", "MSH-2"),
        ("MSH|^^\\&|", "MSH-2"),
        ("MSH|^~\\a|", "MSH-2"),
        ("MSH HIS", "MSH-1"),
    ],
)
def test_what_is_no_message_is_refused_with_the_place_and_in_two_languages(text: str, location: str) -> None:
    with pytest.raises(NotER7) as caught:
        parse(text)
    reason = caught.value
    assert (reason.location, reason.ack, reason.code) == (location, "AR", "100")
    assert "MSH" in reason.zh
    assert "MSH" in reason.en


def test_lost_segment_ends_are_found_again() -> None:
    text = "MSH|^~\\&|LIS||||||ADT^A01|1|P|2.4|||NE|AL|CHN|PID|1||7|PV1|1|I"
    message = parse(text)
    assert [line[:3] for line in message.lines] == ["MSH", "PID", "PV1"]
    assert message.segment("PV1").value(2) == "I"
    assert str(message) == text


def test_sixteen_mebibytes_of_delimiters_in_a_field_that_nobody_asks_for_are_not_split() -> None:
    size = 16 * 2**20
    text = MESSAGE + "OBX|1|ED|a||" + "^&" * (size // 2)
    tracemalloc.start()
    message = parse(text)
    assert message.segment("PID").value(5, 2) == "甲"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * size


@given(st.text(alphabet='\r\n|^~\\&MSHPID1张弢"\ufeff', max_size=80))
def test_whatever_is_read_is_given_back_as_it_came(rest: str) -> None:
    text = "MSH|^~\\&|" + rest
    assert str(parse(text)) == text


VALUE = st.text(alphabet="ABCabc019 .张三弢珅", min_size=1, max_size=6).filter(lambda text: text == text.strip())
COMPONENT = st.lists(VALUE | st.just(""), min_size=1, max_size=3).map("&".join)
REPETITION = st.lists(COMPONENT, min_size=1, max_size=5).map("^".join)
FIELD = st.lists(REPETITION, min_size=1, max_size=3).map("~".join)


@settings(max_examples=25, deadline=None)
@given(
    fields=st.lists(st.tuples(st.sampled_from((3, 5, 11)), FIELD), min_size=1, max_size=3),
    location=REPETITION,
)
def test_an_independent_lexer_sees_the_same(fields: list[tuple[int, str]], location: str) -> None:
    written = dict(fields)
    pid = "|".join(["PID", *(written.get(n, "") for n in range(1, 12))])
    text = f"MSH|^~\\&|HIS|H1|||20250902083012||ADT^A01^ADT_A01|1|P|2.5\rPID{pid[3:]}\rPV1|1|I|{location}\r"
    other = parse_message(text, find_groups=False, validation_level=VALIDATION_LEVEL.TOLERANT)
    message = parse(text)
    for name, numbers in (("PID", (3, 5, 11)), ("PV1", (2, 3)), ("MSH", (3, 9, 10))):
        seen = next(child for child in other.children if child.name == name)
        for n in numbers:
            repetitions = [one for one in seen.children if one.name == f"{name}_{n}"]
            ours = [one for one in message.segment(name).field(n).repetitions if one.text.strip("^&")]
            theirs = [one for one in repetitions if one.to_er7().strip("^&")]
            assert [_components(one.components) for one in ours] == [_their_components(one) for one in theirs]


def _components(values: list[str | None]) -> list[str]:
    return "\0".join(value or "" for value in values).rstrip("\0").split("\0")


def _their_components(field: Any) -> list[str]:
    place = {_place(child.name): child.to_er7().partition("&")[0] for child in field.children}
    return _components([place.get(n) for n in range(1, max(place, default=1) + 1)])


def _place(name: str) -> int:
    # Components are named like CX_4; a field of a simple type has one, named like the type.
    return int(name.rpartition("_")[2]) if "_" in name else 1

"""The messages that the story sends: fields in their places, bytes in their character set."""

from datetime import datetime
from typing import Any

import hl7apy.parser
import pytest

from conformance.story.cast import cast
from conformance.story.steps import Step, steps
from conformance.synthetic.population import population
from mappings import hl7v2
from profiles import validation
from profiles.policy import ZONE

STARTED = datetime(2026, 3, 2, 9, 30, 15, tzinfo=ZONE)
PEOPLE = population(1, STARTED.date())
STEPS = steps(cast(PEOPLE, STARTED), STARTED)


def fields(step: Step, name: str) -> list[str]:
    text = step.payload.decode(step.charset).replace("\n", "\r")
    [segment] = [segment for segment in text.split("\r") if segment.startswith(name)]
    return segment.split("|")


def of(kind: str) -> list[Step]:
    return [step for step in STEPS if step.kind == kind]


@pytest.mark.parametrize("step", [one for one in STEPS if one.kind != "rejected"], ids=lambda one: one.control_id)
def test_a_message_says_who_where_and_when(step: Step) -> None:
    header, event, person, visit = (fields(step, name) for name in ("MSH", "EVN", "PID", "PV1"))
    assert header[2:4] == ["HIS", "QJZX"]
    assert header[8].split("^")[:2] == ["ADT", step.trigger]
    assert header[9] == step.control_id
    assert len(step.control_id) <= 20
    assert header[17] == {"utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}[step.charset]
    assert event[1] == step.trigger
    assert person[3].split("^")[0] == step.player.resident.identifier
    assert person[5] == step.player.resident.name
    assert visit[2:4] == ["I", "^".join((*step.stay.place, "QJZX"))]
    assert visit[19] == step.stay.visit_no
    assert visit[44] == f"{step.stay.admitted:%Y%m%d%H%M%S}"


@pytest.mark.parametrize("step", [one for one in STEPS if one.kind != "rejected"], ids=lambda one: one.control_id)
def test_another_parser_reads_the_same(step: Step) -> None:
    read = hl7apy.parser.parse_message(step.payload.decode(step.charset).replace("\n", "\r"), find_groups=False)
    assert read.pid.pid_5.value == step.player.resident.name
    assert read.pv1.pv1_19.value == step.stay.visit_no


@pytest.mark.parametrize("step", STEPS, ids=lambda one: one.control_id)
def test_what_becomes_of_a_message_keeps_our_profiles(step: Step) -> None:
    message = hl7v2.parse(step.payload.decode(step.charset).replace("\n", "\r"), step.charset)
    known: dict[str, Any] = {
        "raw": step.payload,
        "codec": step.charset,
        "received": STARTED,
        "identifier": step.message_id,
    }
    if step.kind == "rejected":
        with pytest.raises(hl7v2.Untranslatable) as refused:
            hl7v2.translate(message, **known)
        bundle = hl7v2.rejected(**known, reason=refused.value, header=hl7v2.head(message))
    else:
        bundle = hl7v2.translate(message, **known)
    assert [one for one in validation.shipped().check(bundle) if one.severity == "error"] == []


def test_the_names_in_gb18030_hold_a_delimiter_byte() -> None:
    names = [step.player.resident.name for step in of("contracted") if step.charset == "gb18030"]
    assert len(names) == 2
    assert all(name.encode("gb18030").endswith(b"|") for name in names)


def test_a_duplicate_is_the_same_bytes() -> None:
    [again] = of("duplicate")
    assert again.payload == STEPS[0].payload
    assert again.message_id == STEPS[0].message_id


def test_a_stay_goes_on_under_its_visit_number() -> None:
    [moved] = of("transferred")
    ended = next(step for step in of("discharged") if step.player is moved.player)
    admitted = next(step for step in of("contracted") if step.player is moved.player)
    assert admitted.stay.visit_no == moved.stay.visit_no == ended.stay.visit_no
    assert fields(moved, "PV1")[6] == fields(admitted, "PV1")[3]
    assert fields(ended, "PV1")[45] == f"{ended.stay.discharged:%Y%m%d%H%M%S}"


def test_line_feeds_and_nothing_else_end_the_lines_of_one_message() -> None:
    [step] = [step for step in STEPS if b"\n" in step.payload]
    assert b"\r" not in step.payload
    assert step.kind == "contracted"


def test_the_broken_message_says_everything_but_whom_it_is_about() -> None:
    [step] = of("rejected")
    assert b"PID" not in step.payload
    assert fields(step, "MSH")[9] == step.control_id


def test_another_run_uses_other_numbers_and_the_same_two_names() -> None:
    later = STARTED.replace(second=16)
    again = steps(cast(PEOPLE, later), later)
    assert not {step.control_id for step in STEPS} & {step.control_id for step in again}
    assert not {step.stay.visit_no for step in STEPS} & {step.stay.visit_no for step in again}
    assert STEPS[0].player != again[0].player
    assert STEPS[1].player == again[1].player

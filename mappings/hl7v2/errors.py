"""Why a message cannot be translated, in the words of its acknowledgement (HL7 tables 0008 and 0357)."""

import re
from typing import Literal

_WORD = re.compile(r"[A-Z0-9]{1,4}")


class Untranslatable(Exception):
    """A message that this library does not turn into FHIR; the texts name places, never values.

    `ack` is the acknowledgement code (AE or AR), `code` one of HL7 table 0357, `location` like `PID-3`.
    """

    def __init__(self, *, ack: Literal["AE", "AR"], code: str, location: str, zh: str, en: str) -> None:
        super().__init__(f"{location}: {en} {zh}")
        self.ack = ack
        self.code = code
        self.location = location
        self.zh = zh
        self.en = en


class NotER7(Untranslatable):
    """Text that is not an HL7 v2 message in the vertical-bar encoding."""

    def __init__(self, location: str, *, zh: str, en: str) -> None:
        super().__init__(ack="AR", code="100", location=location, zh=zh, en=en)


def missing_segment(name: str) -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="100",
        location=name,
        zh=f"缺少 {name} 段。",
        en=f"Segment {name} is missing.",
    )


def repeated_header() -> Untranslatable:
    return Untranslatable(
        ack="AR",
        code="100",
        location="MSH[2]",
        zh="一帧内有多条消息, 请逐条发送。",
        en="The frame holds more than one message; send them one by one.",
    )


def missing_field(location: str) -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="101",
        location=location,
        zh=f"{location} 必填但为空。",
        en=f"{location} is required but empty.",
    )


def missing_person() -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="101",
        location="PID-3",
        zh="PID-3 和 PID-19 中没有可用的患者标识 (院内号或有效的身份证号)。",
        en="PID-3 and PID-19 hold no usable identifier of the person.",
    )


def unreadable_time(location: str) -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="102",
        location=location,
        zh=f"{location} 不是有效的日期时间 (YYYYMMDD[HHMM[SS]][+ZZZZ])。",
        en=f"{location} is not a valid date or time (YYYYMMDD[HHMM[SS]][+ZZZZ]).",
    )


def reversed_period() -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="102",
        location="PV1-45",
        zh="出院时间早于入院时间 (PV1-44)。",
        en="The discharge is before the admission (PV1-44).",
    )


def unknown_code(location: str, table: str) -> Untranslatable:
    return Untranslatable(
        ack="AE",
        code="103",
        location=location,
        zh=f"{location} 的代码不在 {table} 表中; 本地代码请在发送方配置中对照。",
        en=f"The code in {location} is not in table {table}; map local codes in the sender's profile.",
    )


def unsupported_type(message_type: str) -> Untranslatable:
    name = _shown(message_type)
    return Untranslatable(
        ack="AR",
        code="200",
        location="MSH-9.1",
        zh=f"不支持的消息类型 {name}。",
        en=f"Message type {name} is not supported.",
    )


def unsupported_event(message_type: str, trigger_event: str) -> Untranslatable:
    name = f"{_shown(message_type)}^{_shown(trigger_event)}"
    return Untranslatable(
        ack="AR",
        code="201",
        location="MSH-9.2",
        zh=f"不支持的触发事件 {name}。",
        en=f"Trigger event {name} is not supported.",
    )


def _shown(word: str) -> str:
    # A sender may put anything in MSH-9; only what can be a code is repeated to staff.
    return word if _WORD.fullmatch(word) else "(?)"

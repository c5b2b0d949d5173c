"""A frame read: decoded before it is split, its MSH, whom it is about, why it is refused. HL7 v2.9 §2.9.2"""

import re
from typing import NamedTuple

import structlog

from adapters.hl7v2 import charset
from adapters.hl7v2.acknowledgement import Fault
from adapters.hl7v2.charset import UndecodableError
from adapters.hl7v2.framing import Defect, Frame
from adapters.hl7v2.header import Header, header
from mappings import hl7v2

_log = structlog.get_logger()

ANY_BYTES = "iso-8859-1"
"""Gives every byte back as it came, where no character set fits."""

_OURS = Fault("AE", "207", "MSH", "网关内部错误，消息已留存。", "An internal error; the message is kept.")
_CHARSET = Fault(
    "AE",
    "102",
    "MSH-18",
    "字符集无法识别：既非 MSH-18 所声明，也非 UTF-8 或 GB 18030。",
    "The bytes are neither what MSH-18 declares nor UTF-8 nor GB 18030.",
)
_VERSION = Fault(
    "AR",
    "203",
    "MSH-12",
    "不支持的 HL7 版本，应为 2.1 至 2.9。",
    "The version of HL7 is not supported; 2.1 to 2.9 are.",
)
_VERSIONS = re.compile(r"2\.[1-9](\.[1-9])?")
"""Table 0104. One that names none is read as 2.4."""
_DEFECTS = {
    Defect.OVERSIZE: Fault("AR", "207", "MSH", "消息超过大小上限。", "The message is larger than the limit."),
    Defect.UNFINISHED: Fault("AR", "207", "MSH", "帧缺少结束符。", "The frame was not ended."),
    Defect.UNFRAMED: Fault("AR", "207", "MSH", "字节在帧之外。", "Bytes outside a frame."),
}


class Reading(NamedTuple):
    """What could be made of a frame."""

    head: Header | None
    codec: str | None
    conflict: bool
    lane: str
    fault: Fault | None


def read(frame: Frame) -> Reading:
    try:
        text = charset.decode(_whole(frame))
    except UndecodableError:
        fault = _DEFECTS[frame.defect] if frame.defect else _CHARSET
        return Reading(header(frame.content.decode(ANY_BYTES)), None, conflict=True, lane="", fault=fault)
    head = text.head
    if frame.defect:
        return Reading(head, text.codec, text.conflict, "", _DEFECTS[frame.defect])
    if head and not _supported(head.first(12).strip()):
        return Reading(head, text.codec, text.conflict, "", _VERSION)
    try:
        message = hl7v2.parse(text.content, text.codec)
        hl7v2.check(message)
        lane = hl7v2.lane_key(message)
    except hl7v2.Untranslatable as why:
        fault = Fault(why.ack, why.code, why.location, why.zh, why.en)
        return Reading(head, text.codec, text.conflict, "", fault)
    except Exception as error:  # noqa: BLE001 - whatever a sender makes up, it gets an answer and its bytes are kept
        _log.error("message not understood", error=type(error).__name__)
        return Reading(head, text.codec, text.conflict, "", _OURS)
    return Reading(head, text.codec, text.conflict, lane, None)


def _supported(version: str) -> bool:
    return not version or _VERSIONS.fullmatch(version) is not None


def _whole(frame: Frame) -> bytes:
    """What can be decoded: a frame that was cut off may end within a character, its last segment end does not."""
    if not frame.defect:
        return frame.content
    end = frame.content.rfind(b"\r")
    return frame.content if end < 0 else frame.content[:end]

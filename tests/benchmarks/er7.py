"""Reading and translating one ADT message of 1.4 KB, in microseconds of CPU, against what bare Python needs."""

import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from mappings import hl7v2
from profiles import json

ROUNDS = 9
CALLS = 400

_TEXT = (
    "MSH|^~\\&|HIS|H500199^示例区中心医院|FDGW|QJ|20250902083012||ADT^A01^ADT_A01|M00001|P|2.5.1|||AL|NE|CHN|"
    "UNICODE UTF-8\r"
    "EVN|A01|20250902083010|||N001^示例护士|20250902082500|H500199\r"
    "PID|1|P000007|MR000007^^^H500199^MR~99010119491231001X^^^GA^NI~000007^^^H500199^PI||示^例甲^^^^^L^I~SHI^LIJIA^^^^^L^P||"
    "19491231|M|||示例路 1 号^^示例市^示例省^500100^CHN^H~示例街道^^示例市^示例省^500100^CHN^C||13800000000^PRN^PH|"
    "010-12345678^WPN^PH|ZH^中文|20^已婚|||99010119491231001X|||HA^汉族|示例市||||||CHN^中国|||N\r"
    "PD1|||示例社区卫生服务中心^^^^^^XX^^^S001|D008^示例家医\r"
    "NK1|1|示^例乙^^^^^L|SPO^配偶|示例路 1 号^^示例市^示例省^500100^CHN|13900000000||EP^紧急联系人\r"
    "PV1|1|I|W3^301^12^H500199^^^^^示例病区 301 室 12 床|R|||D001^示^例医师^^^^^^H500199|D002^示例家医|"
    "D003^示例专家~D004^示例药师|MED||||家庭医生转介|||D001^示^例医师|01|ZY20250001^^^H500199^VN|职工医保||||||||||||||||||||||||20250902082500\r"
    "PV2||1^普通|I10^原发性高血压|||||20250902|20250910|8\r"
    "DG1|1||I10.x00^原发性高血压^ICD-10|原发性高血压|20250902082500|A\r"
    "DG1|2||E11.900^2型糖尿病不伴有并发症^ICD-10|2型糖尿病不伴有并发症|20250902082500|A\r"
    "AL1|1|DA^药物过敏|J01CE^青霉素^ATC|MO|皮疹|20100101\r"
    "IN1|1|310^职工基本医疗保险|NHSA500199|国家医疗保障局|||||||||||||示^例甲|SEL^本人|19491231|||||||||||||||||||P500199000007\r"
)
_FIELDS = (
    *(("MSH", 3, 1), ("MSH", 4, 1), ("MSH", 9, 1), ("MSH", 9, 2), ("MSH", 10, 1), ("PID", 3, 1)),
    *(("PID", 5, 1), ("PID", 7, 1), ("PID", 8, 1), ("PV1", 2, 1), ("PV1", 3, 3), ("PV1", 19, 1)),
)
_NUMBERS = itertools.count()
_RAW = _TEXT.encode()
_RECEIVED = datetime(2025, 9, 2, 8, 30, 13, tzinfo=timezone(timedelta(hours=8)))


def measure() -> list[dict[str, Any]]:
    """Rows of `{name, value, unit, floor, ratio}`: the floor is splitting every segment, or encoding the Bundle."""
    message = hl7v2.parse(_TEXT)
    bundle = _translated(hl7v2.parse(_TEXT))
    split = _microseconds(_everything_split)
    encode = _microseconds(lambda: json.dumps(bundle))
    return [
        _row(f"parse and 12 fields, {len(_RAW)} bytes", _microseconds(_twelve_fields), split),
        _row("check", _microseconds(lambda: hl7v2.check(message)), split),
        _row("lane key", _microseconds(lambda: hl7v2.lane_key(message)), split),
        _row("parse, check, lane key", _microseconds(_taken_in), split),
        _row("translate", _microseconds(lambda: _translated(message)), encode),
    ]


def _everything_split() -> list[list[str]]:
    return [segment.split("|") for segment in _TEXT.split("\r")]


def _twelve_fields() -> list[str | None]:
    message = hl7v2.parse(_TEXT)
    return [message.segment(name).value(n, component) for name, n, component in _FIELDS]


def _taken_in() -> str:
    message = hl7v2.parse(_TEXT)
    hl7v2.check(message)
    return hl7v2.lane_key(message)


def _translated(message: hl7v2.Message) -> dict[str, Any]:
    # Every message has names of its own.
    identifier = f"HIS/H500199/{next(_NUMBERS)}"
    return hl7v2.translate(message, raw=_RAW, codec="utf-8", received=_RECEIVED, identifier=identifier)


def _microseconds(work: Callable[[], object]) -> float:
    """The best of several rounds: what the machine does beside them only ever adds."""
    work()
    return min(_round(work) for _ in range(ROUNDS)) * 1e6


def _round(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - start) / CALLS


def _row(name: str, value: float, floor: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "unit": "µs", "floor": round(floor, 2), "ratio": value / floor}

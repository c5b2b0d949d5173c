"""The messages of the story in their order: about whom, written how, and what should come of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from conformance.story.cast import Player, Role
from conformance.synthetic import messages
from conformance.synthetic.institutions import HOSPITAL_CODE
from conformance.synthetic.messages import Charset, Stay, Trigger

Kind = Literal[
    "contracted", "duplicate", "uncontracted", "rejected", "unknown", "transferred", "discharged", "cancelled"
]
_WARD, _OTHER_WARD = ("内科", "301", "12"), ("外科", "402", "05")
_BEFORE = {
    "A01": timedelta(hours=5),
    "A02": timedelta(hours=3),
    "A03": timedelta(hours=1),
    "A11": timedelta(hours=2),
}
"""How long before the run each event happened."""


class _Scene(NamedTuple):
    kind: Kind
    note: str
    trigger: Trigger
    role: Role
    charset: Charset = "utf-8"
    spoilt: Callable[[bytes], bytes] | None = None


_SCRIPT = (
    _Scene("contracted", "已签约 contracted", "A01", "adult"),
    _Scene("contracted", "姓名第二字节为 | name with a delimiter byte", "A01", "aged", "gb18030"),
    _Scene("contracted", "姓名第二字节为 | name with a delimiter byte", "A01", "cancelled", "gb18030"),
    _Scene("duplicate", "重复发送 sent again", "A01", "adult"),
    _Scene("uncontracted", "未签约 not contracted", "A01", "uncontracted"),
    _Scene("uncontracted", "签约已到期 contract ended", "A01", "lapsed"),
    _Scene("contracted", "换行符为 \\n line ends \\n", "A01", "newline", spoilt=messages.with_newlines),
    _Scene("rejected", "缺 PID 段 no PID segment", "A01", "nameless", spoilt=messages.without_person),
    _Scene("unknown", "查无此人 nobody we know", "A01", "stranger"),
    _Scene("transferred", "转科 other ward", "A02", "aged", "gb18030"),
    _Scene("discharged", "80 岁以上 eighty or older", "A03", "aged", "gb18030"),
    _Scene("discharged", "不属重点人群 no key group", "A03", "adult"),
    _Scene("cancelled", "撤销入院 taken back", "A11", "cancelled", "gb18030"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One message of the story."""

    kind: Kind
    note: str
    trigger: Trigger
    player: Player
    stay: Stay
    charset: Charset
    control_id: str
    payload: bytes

    @property
    def message_id(self) -> str:
        """What its event is identified by."""
        return f"{messages.SENDER}/{HOSPITAL_CODE}/{self.control_id}"


def steps(players: Mapping[Role, Player], started: datetime) -> Sequence[Step]:
    """One run's messages; visit numbers and control ids hold the second in which it started."""
    told: dict[Role, Step] = {}
    return [_step(scene, number, players[scene.role], told, started) for number, scene in enumerate(_SCRIPT, start=1)]


def _step(scene: _Scene, number: int, player: Player, told: dict[Role, Step], started: datetime) -> Step:
    """The next message about its player, whose last one is in `told`."""
    if scene.kind == "duplicate":
        return replace(told[scene.role], kind=scene.kind, note=scene.note)
    control_id = f"{started:%y%m%d%H%M%S}{number:02}"
    at = (started - _BEFORE[scene.trigger] + timedelta(minutes=number)).replace(microsecond=0)
    known = told.get(scene.role)
    stay = _after(scene.trigger, known.stay, at) if known else Stay(player.resident, f"ZY{control_id}", at, _WARD)
    payload = messages.adt(scene.trigger, stay, control_id, at, scene.charset)
    payload = scene.spoilt(payload) if scene.spoilt else payload
    told[scene.role] = Step(scene.kind, scene.note, scene.trigger, player, stay, scene.charset, control_id, payload)
    return told[scene.role]


def _after(trigger: Trigger, stay: Stay, at: datetime) -> Stay:
    match trigger:
        case "A02":
            return stay.moved(_OTHER_WARD)
        case "A03":
            return stay.ended(at)
        case _:
            return stay

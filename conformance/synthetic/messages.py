"""ADT messages as a hospital's HIS sends them. HL7 v2.4 chapter 3, https://www.hl7.eu/HL7v2x/v24/hl7v24.htm"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from conformance.synthetic.institutions import HOSPITAL_CODE
from conformance.synthetic.residents import Resident
from profiles.policy import ZONE

SENDER = "HIS"
"""MSH-3 of the hospital."""

Trigger = Literal["A01", "A02", "A03", "A11"]
Charset = Literal["utf-8", "gb18030"]

_STRUCTURES = {"A01": "ADT_A01", "A02": "ADT_A02", "A03": "ADT_A03", "A11": "ADT_A09"}
DECLARED = {"utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}
"""MSH-18."""
_SEX = {"male": "M", "female": "F"}


@dataclass(frozen=True, slots=True)
class Stay:
    """One inpatient stay as its hospital knows it; places are ward, room and bed."""

    resident: Resident
    visit_no: str
    admitted: datetime
    place: tuple[str, str, str]
    left: tuple[str, str, str] | None = None
    discharged: datetime | None = None

    def moved(self, place: tuple[str, str, str]) -> "Stay":
        return replace(self, place=place, left=self.place)

    def ended(self, at: datetime) -> "Stay":
        return replace(self, discharged=at)


def adt(trigger: Trigger, stay: Stay, control_id: str, at: datetime, charset: Charset) -> bytes:
    """The message about something that happened at `at`; a carriage return ends every segment."""
    segments = (
        _header(trigger, control_id, at, charset),
        _segment("EVN", {1: trigger, 2: _time(at), 6: _time(at)}),
        _person(stay.resident),
        _visit(stay),
    )
    return "".join(f"{segment}\r" for segment in segments).encode(charset)


def with_newlines(message: bytes) -> bytes:
    """The same with line feeds for carriage returns, as senders do that build messages from text files."""
    return message.replace(b"\r", b"\n")


def without_person(message: bytes) -> bytes:
    """Broken: an ADT message that does not say whom it is about."""
    return b"".join(line + b"\r" for line in message.split(b"\r") if line and not line.startswith(b"PID"))


def _header(trigger: Trigger, control_id: str, at: datetime, charset: Charset) -> str:
    message_type = f"ADT^{trigger}^{_STRUCTURES[trigger]}"
    fields = {2: SENDER, 3: HOSPITAL_CODE, 4: "FDGW", 5: "QJ", 6: _time(at), 8: message_type, 9: control_id}
    return _segment("MSH", {1: "^~\\&", **fields, 10: "P", 11: "2.4", 16: "CHN", 17: DECLARED[charset]})


def _person(resident: Resident) -> str:
    identifiers = f"{resident.identifier}^^^GA^NI~MR{resident.serial:06}^^^{HOSPITAL_CODE}^MR"
    sex = _SEX[resident.gender]
    return _segment("PID", {1: "1", 3: identifiers, 5: resident.name, 7: f"{resident.birth:%Y%m%d}", 8: sex})


def _visit(stay: Stay) -> str:
    fields = {
        1: "1",
        2: "I",
        3: _place(stay.place),
        7: "D001^示例医师",
        10: "MED",
        19: stay.visit_no,
        44: _time(stay.admitted),
    }
    if stay.left:
        fields[6] = _place(stay.left)
    if stay.discharged:
        fields[45] = _time(stay.discharged)
    return _segment("PV1", fields)


def _place(place: tuple[str, str, str]) -> str:
    return "^".join((*place, HOSPITAL_CODE))


def _segment(name: str, fields: dict[int, str]) -> str:
    """Fields by their place after the name; MSH counts from the encoding characters."""
    return "|".join((name, *(fields.get(place, "") for place in range(1, max(fields) + 1))))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y%m%d%H%M%S}"

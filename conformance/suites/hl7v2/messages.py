"""The messages that a hospital sends in this suite, good and bad, about somebody invented for each check.

HL7 v2.4 chapters 2 and 3, https://www.hl7.eu/HL7v2x/v24/hl7v24.htm
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from conformance.checks import Session
from conformance.synthetic import messages
from conformance.synthetic.identifiers import resident_id
from conformance.synthetic.institutions import HOSPITAL_CODE
from conformance.synthetic.messages import Charset, Stay, Trigger
from conformance.synthetic.residents import ADULT, Resident
from profiles.canonical import RESIDENT_ID
from profiles.json import Resource
from profiles.policy import ZONE

_PLACE, OTHER_PLACE = ("内科", "301", "12"), ("外科", "402", "05")
_HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
_BIRTHS, _SERIALS = 20_000, 500
HUGE = 2 * 1024 * 1024
"""Bytes of text in a message that is larger than most and smaller than what a feed may refuse."""


@dataclass(frozen=True, slots=True)
class Case:
    """One stay of one person who is in no other check, and its messages."""

    stay: Stay
    control_id: str
    facility: str

    def adt(self, trigger: Trigger = "A01", *, step: int = 1, charset: Charset = "utf-8") -> bytes:
        """The message about the stay `step` hours after it began; each step has a control id of its own."""
        at = self.stay.admitted + timedelta(hours=step - 1)
        message = messages.adt(trigger, self.stay, self.numbered(step), at, charset)
        return message.replace(f"|{HOSPITAL_CODE}|".encode(), f"|{self.facility}|".encode()).replace(
            f"^{HOSPITAL_CODE}".encode(), f"^{self.facility}".encode()
        )

    def numbered(self, step: int = 1) -> str:
        """MSH-10."""
        return f"{self.control_id}{step}"

    def message_id(self, step: int = 1) -> str:
        """Under which our guide has the Provenance of a message."""
        return f"{messages.SENDER}/{self.facility}/{self.numbered(step)}"

    def moved(self) -> "Case":
        return replace(self, stay=self.stay.moved(OTHER_PLACE))

    def ended(self) -> "Case":
        return replace(self, stay=self.stay.ended(self.stay.admitted + timedelta(hours=2)))

    @property
    def patient(self) -> Resource:
        """The person, as the server is told of them beforehand."""
        resident = self.stay.resident
        return {
            "resourceType": "Patient",
            "meta": {"tag": [_HTEST]},
            "identifier": [{"use": "official", "system": RESIDENT_ID, "value": resident.identifier}],
            "active": True,
            "name": [{"use": "official", "text": resident.name}],
            "gender": resident.gender,
            "birthDate": resident.birth.isoformat(),
        }


def case(on: Session, name: str = "示例患者") -> Case:
    """Another one for every check of every run; admitted five hours ago."""
    number = int(on.unique, 36)
    days, serial = number % _BIRTHS, number // _BIRTHS % _SERIALS
    birth = date(1945, 1, 1) + timedelta(days=days)
    resident = Resident(serial, name, "female", birth, ADULT)
    admitted = (datetime.now(ZONE) - timedelta(hours=5)).replace(microsecond=0)
    stay = Stay(resident, f"ZY{on.unique}", admitted, _PLACE)
    return Case(stay, f"C{on.unique}", on.inputs.get("hl7v2_facility", HOSPITAL_CODE))


def identifier(one: Case) -> str:
    """公民身份号码 of the person of a case."""
    resident = one.stay.resident
    return resident_id(resident.birth, resident.gender, resident.serial)


# Made bad, or unusual


def as_event(message: bytes, event: str) -> bytes:
    """An admission under the name of another event of the same structure."""
    return message.replace(b"ADT^A01^", f"ADT^{event}^".encode()).replace(b"\rEVN|A01|", f"\rEVN|{event}|".encode())


def as_version(message: bytes, version: str) -> bytes:
    return message.replace(b"|P|2.4|", f"|P|{version}|".encode())


def asking(message: bytes, accept: str, application: str) -> bytes:
    """In enhanced mode: MSH-15 and MSH-16."""
    return message.replace(b"|P|2.4|||||CHN|", f"|P|2.4|||{accept}|{application}|CHN|".encode())


def undecodable(message: bytes) -> bytes:
    """Bytes that are neither UTF-8 nor GB 18030."""
    return message + b"ZFD|\xff\xfe\xff\r"


def huge(message: bytes) -> bytes:
    """With an observation of two million characters, as a report in text is."""
    return message + b"OBX|1|TX|REPORT^^L||" + b"x" * HUGE + b"||||||F\r"

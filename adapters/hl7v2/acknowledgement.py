"""Answers to messages, in the sender's own delimiters, version and mode. HL7 v2.5.1 §2.9.2, §2.15."""

import re
from datetime import datetime
from typing import NamedTuple

from adapters.hl7v2.header import Header

TABLE_0357 = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}
_LOCATION = re.compile(r"(\w+)(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?")
_CONDITIONS = {"AL", "NE", "ER", "SU"}
_ERR_IN_PARTS = "2.5"
"""The version from which ERR has a field for each of location, code, severity and text."""
_STRUCTURE_NAMED = "2.3.1"
"""The version from which MSH-9 names the structure."""


class Fault(NamedTuple):
    """Why a message is not accepted: AE or AR, a code of table 0357, a place as "PID-3", words for staff."""

    ack: str
    code: str
    location: str
    zh: str
    en: str


def code(head: Header, outcome: str, *, negotiated: bool = True) -> str:
    """The MSA-1 that the sender asked for, "" where it asked for no answer now.

    Without MSH-15 and MSH-16 the mode is original: AA, AE or AR. With them it is enhanced: the accept
    acknowledgement CA, CE or CR where MSH-15 wants one; where only MSH-16 does, its application
    acknowledgement is given at once, because safe storage is all that we do while the sender waits.
    """
    accept, application = head.field(15), head.field(16)
    if not negotiated or not (accept in _CONDITIONS or application in _CONDITIONS):
        return outcome
    if _wanted(accept, outcome):
        return f"C{outcome[1]}"
    return outcome if _wanted(application, outcome) else ""


def acknowledgement(head: Header, msa_1: str, received: datetime, control_id: str, charset: str) -> str:
    """MSH and MSA; `control_id` is the answer's own, `charset` its MSH-18."""
    mark, fields = head.separator, head.fields
    msh = [
        "MSH",
        head.encoding,
        fields[4],
        fields[5],
        fields[2],
        fields[3],
        _timestamp(received),
        "",
        _message_type(head),
        control_id,
        fields[10] or "P",
        fields[11] or "2.4",
    ]
    if charset:
        msh += ["", "", "", "", "", charset]
    return f"{mark.join(msh)}\rMSA{mark}{msa_1}{mark}{fields[9]}\r"


def refusal(answer: str, head: Header, fault: Fault, *, chinese: bool) -> str:
    """`answer` with its reason: ERR in the layout of the sender's version, MSA-3 where ERR has no text."""
    text = escaped(f"{fault.zh} {fault.en}" if chinese else fault.en, head)
    component, mark = head.encoding[0], head.separator
    place = _place(fault.location)
    named = [fault.code, TABLE_0357.get(fault.code, ""), "HL70357"]
    if _version(head) >= _ERR_IN_PARTS:
        err = ["ERR", "", component.join(place), component.join(named), "E", "", "", "", text]
        return f"{answer}{mark.join(err)}\r"
    coded = component.join([*[*place, ""][:3], head.encoding[3].join(named)])
    return f"{answer[:-1]}{mark}{text}\rERR{mark}{coded}\r"


def escaped(text: str, head: Header) -> str:
    """`text` with the sender's delimiters escaped. HL7 v2.5.1 §2.7.1"""
    component, repetition, escape, subcomponent = tuple(head.encoding[:4])
    codes = {escape: "E", head.separator: "F", component: "S", repetition: "R", subcomponent: "T"}
    return "".join(f"{escape}{codes[each]}{escape}" if each in codes else each for each in text)


def _place(location: str) -> list[str]:
    """ERL of "PID[2]-3[1].4": segment, its occurrence, field, repetition, component, as far as they are told."""
    found = _LOCATION.match(location)
    segment, occurrence, field, repetition, component = found.groups("") if found else [""] * 5
    place = [segment, occurrence or "1"]
    if field:
        place.append(field)
    if component:
        place += [repetition or "1", component]
    return place


def _wanted(condition: str, outcome: str) -> bool:
    match condition:
        case "AL":
            return True
        case "SU":
            return outcome == "AA"
        case "ER":
            return outcome != "AA"
        case _:
            return False


def _version(head: Header) -> str:
    return head.first(12) or "2.4"


def _message_type(head: Header) -> str:
    """ACK^A01^ACK, as far as the sender's version knows these components and the sender named a trigger."""
    component = head.encoding[0]
    _, _, rest = head.fields[8].partition(component)
    trigger = rest.partition(component)[0]
    if not trigger:
        return "ACK"
    named = f"ACK{component}{trigger}"
    return named if _version(head) < _STRUCTURE_NAMED else f"{named}{component}ACK"


def _timestamp(moment: datetime) -> str:
    """To the second, with its offset: 20260131080000+0800."""
    iso = moment.isoformat(timespec="seconds")
    return f"{iso[:4]}{iso[5:7]}{iso[8:10]}{iso[11:13]}{iso[14:16]}{iso[17:22]}{iso[23:]}"

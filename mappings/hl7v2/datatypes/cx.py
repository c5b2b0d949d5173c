"""CX: identifiers. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-datatype-cx-to-identifier.html"""

import re
from typing import Any

from mappings.elements import valued
from mappings.hl7v2.codesystems import concept
from mappings.hl7v2.er7 import Field
from profiles.canonical import MEDICAL_RECORD_NO, RESIDENT_ID, naming_system

from . import st
from .hd import organization

_SYSTEMS = {
    "MR": MEDICAL_RECORD_NO,
    "PI": naming_system("patient-no"),
    "PT": naming_system("patient-no"),
}
"""Numbers that a facility gives out: unique together with their assigner."""
_RESIDENT_SYSTEMS = frozenset({RESIDENT_ID, "urn:oid:2.16.840.1.113883.2.23.1.19.1"})
"""The national OID, and the one of HL7 China."""
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


def is_resident_number(cx: Field) -> bool:
    """Whether the sender calls it a resident identity number."""
    kind = concept("IdentifierType", st.text(cx.value(5)))
    return (kind is not None and kind.code == "NI") or _system(cx) in _RESIDENT_SYSTEMS


def number(cx: Field) -> str | None:
    """The number that a facility or authority gave; None for a placeholder or a resident number."""
    value = st.number(cx.value())
    return value if value and not is_resident_number(cx) else None


def identifier(cx: Field, facility: str) -> dict[str, Any] | None:
    """The Identifier of that number; its assigner is `facility` where CX-4 names none."""
    value = number(cx)
    if not value:
        return None
    written = st.text(cx.value(5))
    kind = concept("IdentifierType", written)
    coded = {"coding": [{"system": kind.system, "code": kind.code}]} if kind else {"text": written}
    authority, name = st.text(cx.value(4, 1)) or facility, st.text(cx.value(4, 2))
    return valued(
        {
            "type": coded if written else None,
            "system": _system(cx) or _SYSTEMS.get(kind.code if kind else written or "PI"),
            "value": value,
            "assigner": organization(authority, name if not cx.value(4, 3) else None),
        }
    )


def resident(number: str) -> dict[str, Any]:
    """The Identifier of a resident identity number."""
    kind = concept("IdentifierType", "NI")
    coded = {"coding": [{"system": kind.system, "code": kind.code}]} if kind else None
    return valued({"use": "official", "type": coded, "system": RESIDENT_ID, "value": number})


def _system(cx: Field) -> str | None:
    universal, kind = st.text(cx.value(4, 2)), st.text(cx.value(4, 3))
    return f"urn:oid:{universal}" if kind == "ISO" and universal and _OID.fullmatch(universal) else None

"""XCN: a person of the staff, as a logical reference. https://build.fhir.org/ig/HL7/v2-to-fhir/datatype_maps.html"""

from typing import Any

from mappings.elements import valued
from mappings.hl7v2.er7 import Field
from profiles.canonical import STAFF_NO

from . import st
from .hd import organization
from .xpn import is_han, spoken


def practitioner(xcn: Field, facility: str) -> dict[str, Any] | None:
    """A Reference by staff number (given by `facility`) and name; None for an empty repetition.

    Some senders write only a name, in XCN-1.
    """
    value = st.number(xcn.value())
    name = spoken(st.text(xcn.value(2)), st.text(xcn.value(3)))
    if value and is_han(value):
        value, name = None, name or spoken(value)
    if not value and not name:
        return None
    number = {"system": STAFF_NO, "value": value, "assigner": organization(facility)} if value else None
    return valued({"type": "Practitioner", "identifier": number, "display": name})

"""PL: where a patient lies, as a logical reference. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-datatype-pl-to-location.html"""

from typing import Any

from mappings.elements import valued
from mappings.hl7v2.er7 import Field
from profiles.canonical import BED_NO

from . import st
from .hd import organization

_PHYSICAL_TYPE = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def location(pl: Field, facility: str) -> dict[str, Any] | None:
    """`location` and `physicalType` of an Encounter.location; None when nothing is said.

    A bed is identified as `ward^room^bed` (PL-1 to PL-3; an empty part stays empty) within its facility
    (PL-4, else `facility`). A ward or room alone has no number of its own, so it is named only.
    """
    ward, room, bed = (st.text(pl.value(n)) for n in (1, 2, 3))
    display = st.text(pl.value(9)) or st.text(" ".join(filter(None, (ward, room, bed))))
    if not display:
        return None
    number = {
        "system": BED_NO,
        "value": f"{ward or ''}^{room or ''}^{bed}",
        "assigner": organization(st.text(pl.value(4)) or facility),
    }
    kind = "bd" if bed else "ro" if room else "wa"
    return {
        "location": valued({"identifier": number if bed else None, "display": display}),
        "physicalType": {"coding": [{"system": _PHYSICAL_TYPE, "code": kind}]},
    }

"""XTN: telephone numbers. https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-datatype-xtn-to-contactpoint.html"""

from typing import Any

from mappings.hl7v2.er7 import Field

from . import st

_NOT_TELEPHONES = frozenset({"Internet", "X.400"})


def telephones(numbers: Field) -> list[dict[str, Any]]:
    """A ContactPoint for each telephone number, taken as written from XTN-1, else XTN-12."""
    return [
        {"system": "phone", "value": value}
        for xtn in numbers.repetitions
        if st.text(xtn.value(3)) not in _NOT_TELEPHONES
        and (value := st.number(xtn.value(1)) or st.number(xtn.value(12)))
    ]

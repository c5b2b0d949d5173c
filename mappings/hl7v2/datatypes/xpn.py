"""XPN: names of persons, with the shapes in which Chinese names come.

https://build.fhir.org/ig/HL7/v2-to-fhir/ConceptMap-datatype-xpn-to-humanname.html
"""

import re
from typing import Any

from mappings.elements import valued
from mappings.hl7v2.codesystems import concept
from mappings.hl7v2.er7 import Field

from . import st

_REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_IDEOGRAPH = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_HAN = re.compile(_IDEOGRAPH)
_WHOLE_HAN = re.compile(f"{_IDEOGRAPH}{{2,}}")
_PADDING = re.compile(f"(?<={_IDEOGRAPH}) +(?={_IDEOGRAPH})")


def human_names(names: Field) -> list[dict[str, Any]]:
    """A HumanName for each repetition; two where characters and pinyin share one."""
    return [name for xpn in names.repetitions for name in _names(xpn)]


def spoken(*parts: str | None) -> str | None:
    """Name parts, family name first, as one text: Chinese ones without spaces, others with."""
    return st.text(_PADDING.sub("", " ".join(part for part in parts if part)))


def is_han(value: str) -> bool:
    """Whether it has Chinese characters."""
    return _HAN.search(value) is not None


def _names(xpn: Field) -> list[dict[str, Any]]:
    family, given = (spoken(st.text(xpn.value(n))) for n in (1, 2))
    use = concept("NameType", st.text(xpn.value(7)))
    common = {"use": use.code if use else None}
    if family and given and is_han(family) != is_han(given):
        characters, letters = (family, given) if is_han(family) else (given, family)
        if _WHOLE_HAN.search(characters):
            return [_name(common, "IDE", characters), _name(common, "SYL", letters)]
    representation = concept("NameRepresentation", st.text(xpn.value(8)))
    name = _name(common, representation.code if representation else None, _text(xpn, family, given))
    if family and given:
        middle, suffix, prefix = (st.text(xpn.value(n)) for n in (3, 4, 5))
        name |= valued({"family": family, "given": [given, *filter(None, [middle])]})
        name |= valued({"prefix": [*filter(None, [prefix])], "suffix": [*filter(None, [suffix])]})
    return [name] if family or given else []


def _name(common: dict[str, Any], representation: str | None, text: str | None) -> dict[str, Any]:
    extension = {"url": _REPRESENTATION, "valueCode": representation}
    return valued({"extension": [extension] if representation else [], **common, "text": text})


def _text(xpn: Field, family: str | None, given: str | None) -> str | None:
    if any(part and is_han(part) for part in (family, given)) or st.text(xpn.value(8)) == "P":
        return spoken(family, given)
    prefix, middle, suffix = (st.text(xpn.value(n)) for n in (5, 3, 4))
    return spoken(prefix, given, middle, family, suffix)

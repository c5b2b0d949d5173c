"""Words of an artefact in Chinese and in English, as the translation extension carries them.

https://hl7.org/fhir/R4/extension-translation.html
"""

from typing import NamedTuple

from profiles.json import Resource

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


class Words(NamedTuple):
    zh: str
    en: str


def words(holder: Resource, member: str) -> Words:
    """Of a member and its `_member`; the English is empty where there is none."""
    said = holder.get(member, "")
    return Words(said if isinstance(said, str) else "", _english(holder.get(f"_{member}", {})))


def designated(concept: Resource) -> Words:
    """Of a concept: its display, and its designation in English."""
    found = (one["value"] for one in concept.get("designation", ()) if str(one.get("language", "")).startswith("en"))
    return Words(concept.get("display", ""), next(found, ""))


def _english(sibling: Resource) -> str:
    for extension in sibling.get("extension", ()):
        parts = {part["url"]: part for part in extension.get("extension", ())}
        if extension.get("url") == _TRANSLATION and parts.get("lang", {}).get("valueCode", "").startswith("en"):
            return str(next((said for name, said in parts.get("content", {}).items() if name.startswith("value")), ""))
    return ""

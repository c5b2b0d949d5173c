"""Where a canonical URL or a type is explained: on a page of ours, or in HL7's specification."""

from collections.abc import Iterable

from profiles.json import Resource

SPECIFICATION = "http://hl7.org/fhir/R4/"
_HL7 = "http://hl7.org/fhir/"
_KINDS = {"StructureDefinition": "", "ValueSet": "valueset-", "CodeSystem": "codesystem-"}


class Links:
    def __init__(self, resources: Iterable[Resource]) -> None:
        self._pages = {one["url"]: page(one) for one in resources if "url" in one}

    def of(self, canonical: str) -> str:
        """An address, or nothing where we know of none."""
        url = canonical.partition("|")[0]
        if url in self._pages:
            return self._pages[url]
        kind, _, name = url.removeprefix(_HL7).partition("/")
        if not url.startswith(_HL7) or kind not in _KINDS or not name:
            return ""
        if kind == "StructureDefinition" and name[:1].islower():
            return f"{SPECIFICATION}extension-{name.lower()}.html"
        return f"{SPECIFICATION}{_KINDS[kind]}{name.lower()}.html"


def page(resource: Resource) -> str:
    return f"{resource['resourceType']}-{resource['id']}.html"


def of_type(code: str) -> str:
    """Of a type as an element has it: a resource, a data type, a primitive."""
    if code.startswith("http"):
        return ""
    if code in {"Reference", "canonical", "Extension", "Narrative", "Resource"}:
        special = {"canonical": "datatypes.html#canonical", "Reference": "references.html", "Resource": "resource.html"}
        return SPECIFICATION + special.get(code, f"{'extensibility' if code == 'Extension' else 'narrative'}.html")
    return f"{SPECIFICATION}datatypes.html#{code}"

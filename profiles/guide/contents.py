"""What the package of our implementation guide holds. https://hl7.org/fhir/R4/implementationguide.html"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from profiles import canonical, json, package
from profiles.guide import archive
from profiles.json import Resource
from profiles.structures import Structures, shipped

PACKAGE_ID = "fdgw.family-doctor"
VERSION = "0.1.0"
_DATE = "2026-11-22"
_TITLE = "家庭医生签约服务 FHIR 实施指南"
_ENGLISH = "FHIR implementation guide for family-doctor contract services"


def manifest() -> Resource:
    """package.json."""
    return {
        "name": PACKAGE_ID,
        "version": VERSION,
        "tools-version": 3,
        "type": "IG",
        "date": _DATE.replace("-", "") + "000000",
        "license": "CC0-1.0",
        "canonical": canonical.BASE,
        "url": canonical.BASE,
        "title": _TITLE,
        "description": _ENGLISH,
        "fhirVersions": ["4.0.1"],
        "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
        "author": "fdgw",
        "jurisdiction": "urn:iso:std:iso:3166#CN",
        "directories": {"lib": "package", "example": "example"},
    }


def built() -> bytes:
    """The package as a .tgz."""
    return archive.written(manifest(), resources(), examples())


def resources() -> list[Resource]:
    """Every conformance resource, StructureDefinitions with their snapshots, and the guide that lists them."""
    found = [_with_snapshot(one, shipped()) for kind in package.KINDS for one in package.resources(kind)]
    return [*found, _guide(found, examples())]


@cache
def _examples() -> tuple[bytes, ...]:
    folder = files("profiles").joinpath("examples")
    return tuple(
        path.read_bytes()
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".json")
    )


def examples() -> list[Resource]:
    """The valid ones."""
    return [json.loads(one) for one in _examples()]


def _with_snapshot(resource: Resource, structures: Structures) -> Resource:
    if resource["resourceType"] != "StructureDefinition":
        return resource
    elements = [_described(one) for one in structures.snapshot(resource["url"])]
    made = {name: value for name, value in resource.items() if name != "differential"}
    return made | {"snapshot": {"element": elements}, "differential": resource["differential"]}


def _described(element: Resource) -> Resource:
    """HL7's prose is not shipped, and every element of a snapshot must be defined in words."""
    return {"definition": element.get("short", element["path"]), **element}


def _guide(found: Iterable[Resource], shown: Iterable[Resource]) -> Resource:
    listed = [*_listed(found, example=False), *_listed(shown, example=True)]
    return {
        "resourceType": "ImplementationGuide",
        "id": PACKAGE_ID,
        "language": "zh-CN",
        "url": f"{canonical.BASE}/ImplementationGuide/{PACKAGE_ID}",
        "version": VERSION,
        "name": "FamilyDoctorContractServices",
        "title": _TITLE,
        "status": "active",
        "date": _DATE,
        "publisher": "fdgw",
        "description": _ENGLISH,
        "packageId": PACKAGE_ID,
        "license": "CC0-1.0",
        "fhirVersion": ["4.0.1"],
        "definition": {"resource": listed},
    }


def _listed(found: Iterable[Resource], *, example: bool) -> Iterator[Resource]:
    for one in found:
        about: Resource = {"reference": {"reference": f"{one['resourceType']}/{one['id']}"}}
        if isinstance(name := one.get("title", one.get("name")), str):
            about["name"] = name
        claimed = [url for url in one.get("meta", {}).get("profile", ()) if url.startswith(canonical.BASE)]
        yield about | (_example_of(claimed) if example else {"exampleBoolean": False})


def _example_of(claimed: list[str]) -> Resource:
    return {"exampleCanonical": claimed[0]} if claimed else {"exampleBoolean": True}

"""Who serves a place: a hospital for a district, a centre for a street, a team for a community (NA-1.3b)."""

from collections.abc import Iterator
from datetime import date
from random import Random

from conformance.region import names
from conformance.region.elements import HL7, TEST_DATA, link
from conformance.region.elements import concept as coded
from conformance.region.places import Place, numeral
from conformance.synthetic.identifiers import credit_code
from profiles.canonical import BED_NO, STAFF_NO, concept, naming_system
from profiles.json import Resource

DEPARTMENTS = ("心血管内科", "内分泌科", "呼吸内科", "普通外科", "妇产科")
_BEDS = 10
"""In a ward."""
_FIRST_CREDIT_CODE = 90_000_000
_PER_DISTRICT = 20
"""Credit codes: the hospital has the first, its centres those of their streets, the commission the last."""
_MEMBERS = (
    ("doctor", ("family-doctor", "team-leader")),
    ("nurse", ("nurse",)),
    ("public-health", ("public-health-physician",)),
)
_ELIGIBILITY = ("registered-gp", "registered-gp", "tcm-gp", "assistant-gp", "township-physician")
_PHYSICAL = f"{HL7}/location-physical-type"


def of_district(place: Place, today: date) -> Iterator[Resource]:
    """The health commission, the hospital, its departments, a ward for each and the beds in it."""
    code, serial = place.code, place.district_number * _PER_DISTRICT
    name = f"{place.city_name}{place.district_name}"
    yield _organization(f"commission-{code}", f"{name}卫生健康委员会", "health-commission", serial + _PER_DISTRICT - 1)
    hospital = _licensed(f"hospital-{code}", f"{name}人民医院", "district-general-hospital", serial, today)
    hospital["identifier"].append({"system": naming_system("facility-code"), "value": f"SYN{code}"})
    hospital["contact"] = [
        {
            "purpose": concept("contact-purpose", "fd-liaison"),
            "name": {"text": "示例联络员"},
            "telecom": [{"system": "phone", "value": f"000-{place.number:08}"}],
        }
    ]
    yield hospital
    for number, department in enumerate(DEPARTMENTS, start=1):
        yield {
            "resourceType": "Organization",
            "id": f"hospital-{code}-{number}",
            "active": True,
            "type": [coded(f"{HL7}/organization-type", "dept")],
            "name": department,
            "partOf": link(place.hospital),
        }
        yield from _ward(place, number, department)


def of_street(place: Place, today: date) -> Iterator[Resource]:
    """The centre that holds the contracts, and where it is."""
    kind = "township-health-centre" if place.rural else "community-health-centre"
    name = place.centre_name
    serial = place.district_number * _PER_DISTRICT + place.street
    id_ = place.centre.partition("/")[2]
    yield _licensed(id_, name, kind, serial, today)
    yield {
        "resourceType": "Location",
        "id": id_,
        "status": "active",
        "name": name,
        "mode": "instance",
        "physicalType": coded(_PHYSICAL, "bu"),
        "address": {"text": f"{place.district_name}{place.street_name}示例路1号", "district": place.code},
        "managingOrganization": link(place.centre),
    }


def of_community(rng: Random, place: Place) -> Iterator[Resource]:
    """Three people, what they do, and the team that they are."""
    for member, roles in _MEMBERS:
        yield _practitioner(rng, place, member)
        codes = [concept("team-role", role) for role in roles]
        if member == "doctor":
            codes.append(concept("fd-eligibility", rng.choice(_ELIGIBILITY)))
        yield {
            "resourceType": "PractitionerRole",
            "id": f"{member}-{place.village}",
            "active": True,
            "practitioner": link(f"Practitioner/{member}-{place.village}"),
            "organization": link(place.centre),
            "code": codes,
        }
    yield _team(place)


def _organization(id_: str, name: str, kind: str, serial: int) -> Resource:
    return {
        "resourceType": "Organization",
        "id": id_,
        "identifier": [{"system": naming_system("uscc"), "value": credit_code(_FIRST_CREDIT_CODE + serial)}],
        "active": True,
        "type": [concept("institution-kind", kind)],
        "name": name,
    }


def _licensed(id_: str, name: str, kind: str, serial: int, today: date) -> Resource:
    licence = {
        "use": "official",
        "type": {"text": "医疗机构执业许可证"},
        "system": naming_system("mi-licence"),
        "value": f"PDY-SYNTHETIC-R{serial:05}",
        "period": {"start": f"{today.year - 5}-01-01", "end": f"{today.year + 9}-12-31"},
    }
    organization = _organization(id_, name, kind, serial)
    organization["identifier"].append(licence)
    return organization


def _ward(place: Place, number: int, department: str) -> Iterator[Resource]:
    ward = ward_of(place, number)
    yield {
        "resourceType": "Location",
        "id": ward.partition("/")[2],
        "status": "active",
        "name": f"{department}病区",
        "mode": "instance",
        "physicalType": coded(_PHYSICAL, "wa"),
        "managingOrganization": link(f"{place.hospital}-{number}"),
    }
    for bed in range(1, _BEDS + 1):
        yield {
            "resourceType": "Location",
            "id": f"bed-{place.code}-{number}-{bed:02}",
            "identifier": [{"system": BED_NO, "value": f"{number}-{bed:02}"}],
            "status": "active",
            "name": f"{department}{bed}床",
            "mode": "instance",
            "type": [concept("bed-type", "inpatient")],
            "physicalType": coded(_PHYSICAL, "bd"),
            "managingOrganization": link(place.hospital),
            "partOf": link(ward),
        }


def ward_of(place: Place, number: int) -> str:
    """The ward of the department of that number, counted from 1."""
    return f"Location/ward-{place.code}-{number}"


def _practitioner(rng: Random, place: Place, member: str) -> Resource:
    gender = "female" if member == "nurse" else rng.choice(("male", "female"))
    name = names.name(rng, gender, 1985)
    return {
        "resourceType": "Practitioner",
        "id": f"{member}-{place.village}",
        "meta": TEST_DATA,
        "identifier": [{"system": STAFF_NO, "value": f"SYNTHETIC-{place.village}-{member}"}],
        "active": True,
        "name": [{"text": name.text, "family": name.family, "given": [name.given]}],
        "gender": gender,
    }


def _team(place: Place) -> Resource:
    return {
        "resourceType": "CareTeam",
        "id": f"team-{place.village}",
        "identifier": [{"system": naming_system("team-no"), "value": f"SYNTHETIC-{place.village}"}],
        "status": "active",
        "category": [concept("careteam-category", "fd-team")],
        "name": f"{place.street_name}{place.community_name}家庭医生第{numeral(place.community)}团队",
        "participant": [
            {
                "role": [concept("team-role", role) for role in roles],
                "member": link(f"PractitionerRole/{member}-{place.village}"),
            }
            for member, roles in _MEMBERS
        ],
        "managingOrganization": [link(place.centre)],
        "telecom": [{"system": "phone", "value": f"000-{place.number:08}"}],
    }

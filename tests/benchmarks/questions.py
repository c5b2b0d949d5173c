"""What is asked of a region: the searches of every day, of people who are in a region of any size."""

from datetime import date, timedelta
from urllib.parse import quote

from conformance.region.population import resources
from gateway.search import chinese
from profiles.canonical import RESIDENT_ID
from profiles.json import Resource
from tests.benchmarks.loading import SEED

PEOPLE = 1000
"""Of whom every tenth is asked for."""
PRESSURE = "http://loinc.org%7C85354-9"
HYPERTENSION = "I10"
_FEW = "_count=5"
"""So that a page is as long in a small region as in a large one."""


def questions(today: date) -> dict[str, list[str]]:
    """Addresses by name; `#9` asks for the ninth page after that."""
    people = [one for one in resources(SEED, today, PEOPLE) if one["resourceType"] == "Patient"][::10]
    return {
        name: [f"/fhir/{path}" for path in dict.fromkeys(paths)]
        for asked in (_patients(people), _charts(people, today), _joined(people), _paged(today))
        for name, paths in asked.items()
    }


def _patients(people: list[Resource]) -> dict[str, list[str]]:
    names = [one["name"][0] for one in people]
    return {
        "read by id": [f"Patient/{one['id']}" for one in people],
        "Patient by identifier": [f"Patient?identifier={_number(one)}" for one in people],
        "Patient by full name": [f"Patient?name={quote(name['text'])}" for name in names],
        "Patient by family name": [f"Patient?name={quote(name['family'])}&{_FEW}" for name in names],
        "Patient by family and given": [
            f"Patient?family={quote(name['family'])}&given={quote(name['given'][0])}" for name in names
        ],
        "Patient by pinyin": [f"Patient?name={_pinyin(name['text'])}" for name in names],
        "Patient by pinyin of the family name": [f"Patient?name={_pinyin(name['family'])}&{_FEW}" for name in names],
        "Patient by name and gender": [
            f"Patient?name={quote(one['name'][0]['family'])}&gender={one['gender']}&{_FEW}" for one in people
        ],
        "Patient by birth date and gender": [
            f"Patient?birthdate={one['birthDate']}&gender={one['gender']}" for one in people
        ],
        "Patient by gender": ["Patient?gender=female", "Patient?gender=male"],
        "Patient, last updated first": ["Patient?_sort=-_lastUpdated", "Patient?_sort=-_lastUpdated&gender=female"],
        "Patient, by name in order": ["Patient?_sort=name", "Patient?_sort=-name"],
    }


def _charts(people: list[Resource], today: date) -> dict[str, list[str]]:
    own = [f"Patient/{one['id']}" for one in people]
    since, month, year = (today - timedelta(days=days) for days in (365, 30, 360))
    return {
        "Observation by patient": [f"Observation?patient={one}" for one in own],
        "… accurate total": [f"Observation?patient={one}&_total=accurate" for one in own],
        "Observation by patient, code, date, sorted": [
            f"Observation?patient={one}&code={PRESSURE}&date=ge{since}&_sort=-date" for one in own
        ],
        "Observation by code and date, last month": [f"Observation?code={PRESSURE}&date=ge{month}"],
        "… sorted": [f"Observation?code={PRESSURE}&date=ge{month}&_sort=-date"],
        "Observation by code and date, of tomorrow": [
            f"Observation?code={PRESSURE}&date=ge{today + timedelta(days=2)}"
        ],
        "Observation by code and date, a month a year ago": [
            f"Observation?code={PRESSURE}&date=ge{year}&date=lt{year + timedelta(days=30)}"
        ],
        "Observation by code and value": [
            "Observation?component-code-value-quantity=http://loinc.org%7C8480-6$gt170",
            "Observation?component-code-value-quantity=8480-6$gt180",
        ],
        "Encounter by patient": [f"Encounter?patient={one}" for one in own],
        "EpisodeOfCare by team and status": ["EpisodeOfCare?team=CareTeam/team-990101001001&status=active"],
        "Condition by code, last updated first": [f"Condition?code={HYPERTENSION}&_sort=-_lastUpdated"],
    }


def _joined(people: list[Resource]) -> dict[str, list[str]]:
    own = [f"Patient/{one['id']}" for one in people]
    return {
        "chain, Observation?patient.identifier": [f"Observation?patient.identifier={_number(one)}" for one in people],
        "chain, Encounter?patient.name": [f"Encounter?patient.name={quote(one['name'][0]['text'])}" for one in people],
        "_has, Patient of an Encounter by identifier": [
            f"Patient?identifier={_number(one)}&_has:Encounter:patient:status=finished" for one in people
        ],
        "_has, Patient of an EpisodeOfCare by team": [
            "Patient?_has:EpisodeOfCare:patient:team=CareTeam/team-990101001001&gender=female"
        ],
        "_has, Patient of a Condition by code": [f"Patient?_has:Condition:patient:code={HYPERTENSION}"],
        "_include, Observation with its Encounter": [
            f"Observation?patient={one}&code={PRESSURE}&_include=Observation:encounter" for one in own
        ],
        "_revinclude, Patient with contracts": [
            f"Patient?identifier={_number(one)}&_revinclude=EpisodeOfCare:patient" for one in people
        ],
        "compartment, Patient/…/Observation": [f"{one}/Observation" for one in own],
    }


def _paged(today: date) -> dict[str, list[str]]:
    month = today - timedelta(days=100)
    by_code = f"Observation?code={PRESSURE}&date=ge{month}&_sort=-date&_count=10"
    by_name = f"Patient?name={quote('王')}&_count=5"
    return {
        "first page of ten": [by_code, by_name],
        "second page": [f"{by_code}#1", f"{by_name}#1"],
        "tenth page": [f"{by_code}#9", f"{by_name}#9"],
    }


def _number(one: Resource) -> str:
    return f"{RESIDENT_ID}%7C{one['identifier'][0]['value']}"


def _pinyin(text: str) -> str:
    """As a clerk types it."""
    return max(chinese.romanised(text, surname=True), key=len)

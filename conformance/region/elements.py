"""FHIR elements that many resources hold. https://hl7.org/fhir/R4/datatypes.html"""

from datetime import date

from profiles.json import Resource

UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
TEST_DATA: Resource = {"tag": [{"system": f"{HL7}/v3-ActReason", "code": "HTEST", "display": "test health data"}]}
"""`meta` of everybody here: HL7's own word for people who do not exist."""


def link(reference: str) -> dict[str, str]:
    return {"reference": reference}


def concept(system: str, code: str, text: str = "") -> Resource:
    coded = {"coding": [{"system": system, "code": code}]}
    return {**coded, "text": text} if text else coded


def moment(day: date, minute: int) -> str:
    """A FHIR dateTime of a day in China, so many minutes after midnight."""
    return f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}:00+08:00"

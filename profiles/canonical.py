"""The names everything of ours goes by: one canonical base, and the identifier systems of the field."""

BASE = "https://fdgw.example.org/fhir"

RESIDENT_ID = "urn:oid:2.16.156.10011.1.3"
"""公民身份号码, GB 11643."""
HEALTH_RECORD_NO = "urn:oid:2.16.156.10011.1.2"
"""城乡居民健康档案编号."""
STAFF_NO = "urn:oid:2.16.156.10011.1.4"
VISIT_NO = "urn:oid:2.16.156.10011.1.12"
"""住院号; unique within the facility that assigned it."""
MEDICAL_RECORD_NO = "urn:oid:2.16.156.10011.1.13"
"""病案号; unique within the facility that assigned it."""
BED_NO = "urn:oid:2.16.156.10011.1.22"


def code_system(name: str) -> str:
    return f"{BASE}/CodeSystem/{name}"


def naming_system(name: str) -> str:
    return f"{BASE}/NamingSystem/{name}"


def structure(name: str) -> str:
    return f"{BASE}/StructureDefinition/{name}"


def coding(system: str, code: str) -> dict[str, str]:
    """A Coding of one of our own code systems, named without the canonical base."""
    return {"system": code_system(system), "code": code}


def concept(system: str, code: str) -> dict[str, list[dict[str, str]]]:
    return {"coding": [coding(system, code)]}

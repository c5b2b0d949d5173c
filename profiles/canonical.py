"""The names everything of ours goes by: one canonical base, and the identifier systems of the field."""

BASE = "https://fdgw.example.org/fhir"

RESIDENT_ID = "urn:oid:2.16.156.10011.1.3"
"""公民身份号码, GB 11643."""
RESIDENT_ID_ALIASES = ("urn:oid:2.16.840.1.113883.2.23.1.19.1", "urn:oid:2.16.840.1.113883.2.23.1.8.4.1")
"""The same number under OIDs of HL7 China, of its guide and of its old wiki; ours is the national one."""
HEALTH_RECORD_NO = "urn:oid:2.16.156.10011.1.2"
"""城乡居民健康档案编号."""
STAFF_NO = "urn:oid:2.16.156.10011.1.4"
ORGANISATION_CODE = "urn:oid:2.16.156.10011.1.5"
"""卫生机构(组织)代码, WS 218-2002."""
OUTPATIENT_NO = "urn:oid:2.16.156.10011.1.11"
"""门(急)诊号; unique within the facility that assigned it."""
VISIT_NO = "urn:oid:2.16.156.10011.1.12"
"""住院号; unique within the facility that assigned it."""
MEDICAL_RECORD_NO = "urn:oid:2.16.156.10011.1.13"
"""病案号; unique within the facility that assigned it."""
INSURANCE_CARD_NO = "urn:oid:2.16.156.10011.1.15"
HEALTH_CARD_NO = "urn:oid:2.16.156.10011.1.19"
"""居民健康卡号, WS 537-2017."""
ROOM_NO = "urn:oid:2.16.156.10011.1.21"
BED_NO = "urn:oid:2.16.156.10011.1.22"
ORDER_NO = "urn:oid:2.16.156.10011.1.24"
"""电子申请单编号."""
DEPARTMENT_NO = "urn:oid:2.16.156.10011.1.26"
CONSENT_FORM_NO = "urn:oid:2.16.156.10011.1.34"
"""知情同意书编号."""
SOCIAL_SECURITY_CARD_NO = "urn:oid:2.16.840.1.113883.2.23.1.19.2"
"""社会保障卡号, by the guide of HL7 China."""

COUNTRY = "urn:oid:2.16.156.10011.2.3.3.1"
"""GB/T 2659 世界各国和地区名称代码."""
ETHNICITY = "urn:oid:2.16.156.10011.2.3.3.3"
"""GB 3304 民族, numbers."""
SEX = "urn:oid:2.16.156.10011.2.3.3.4"
"""GB/T 2261.1 人的性别代码."""
MARITAL_STATUS = "urn:oid:2.16.156.10011.2.3.3.5"
"""GB/T 2261.2 婚姻状况代码."""
FAMILY_RELATION = "urn:oid:2.16.156.10011.2.3.3.8"
"""GB/T 4761 家庭关系代码."""
DIAGNOSIS = "urn:oid:2.16.156.10011.2.3.3.11"
"""ICD-10 as China numbers it; its codes are not here."""
EMPLOYMENT_STATUS = "urn:oid:2.16.156.10011.2.3.3.13"
"""GB/T 2261.4 从业状况(个人身份)代码."""


def code_system(name: str) -> str:
    return f"{BASE}/CodeSystem/{name}"


def naming_system(name: str) -> str:
    return f"{BASE}/NamingSystem/{name}"


def value_set(name: str) -> str:
    return f"{BASE}/ValueSet/{name}"


def structure(name: str) -> str:
    return f"{BASE}/StructureDefinition/{name}"


def coding(system: str, code: str) -> dict[str, str]:
    """A Coding of one of our own code systems, named without the canonical base."""
    return {"system": code_system(system), "code": code}


def concept(system: str, code: str) -> dict[str, list[dict[str, str]]]:
    return {"coding": [coding(system, code)]}

"""What people have: diseases by age, their ICD-10 codes (GB/T 14396 and WHO), their usual drugs (ATC)."""

from random import Random
from typing import NamedTuple

from conformance.region.elements import HL7, concept
from profiles.json import Resource

_ICD_CN = "urn:oid:2.16.156.10011.2.3.3.11"
_ICD = "http://hl7.org/fhir/sid/icd-10"
_ATC = "http://www.whocc.no/atc"


class Drug(NamedTuple):
    atc: str
    name: str
    dosage: str

    @property
    def concept(self) -> Resource:
        return concept(_ATC, self.atc, self.name)


class Disease(NamedTuple):
    code: str
    name: str
    drugs: tuple[Drug, ...] = ()
    flag: str = ""
    """The key population that comes with it."""
    prevalence: tuple[tuple[int, float], ...] = ()
    """From that age on, that share; later ones overrule."""

    @property
    def concept(self) -> Resource:
        chinese = {"system": _ICD_CN, "code": self.code, "display": self.name}
        return {"coding": [chinese, {"system": _ICD, "code": self.stem}], "text": self.name}

    @property
    def stem(self) -> str:
        """The code of WHO, three or four characters: the two that follow are Chinese."""
        return self.code[:5].removesuffix(".x")

    def share(self, age: int) -> float:
        return next((share for start, share in reversed(self.prevalence) if age >= start), 0.0)


_AMLODIPINE = Drug("C08CA01", "苯磺酸氨氯地平片 5mg", "口服，每日一次，每次5mg")
_VALSARTAN = Drug("C09CA03", "缬沙坦胶囊 80mg", "口服，每日一次，每次80mg")
_METFORMIN = Drug("A10BA02", "盐酸二甲双胍片 0.5g", "餐中口服，每日两次，每次0.5g")
_ACARBOSE = Drug("A10BF01", "阿卡波糖片 50mg", "餐中嚼服，每日三次，每次50mg")
_ATORVASTATIN = Drug("C10AA05", "阿托伐他汀钙片 20mg", "口服，每晚一次，每次20mg")
_ASPIRIN = Drug("B01AC06", "阿司匹林肠溶片 100mg", "口服，每日一次，每次100mg")
_TIOTROPIUM = Drug("R03BB04", "噻托溴铵粉吸入剂 18μg", "吸入，每日一次，每次18μg")
_OLANZAPINE = Drug("N05AH03", "奥氮平片 5mg", "口服，每晚一次，每次5mg")

HYPERTENSION = Disease(
    "I10.x00", "高血压", (_AMLODIPINE, _VALSARTAN), "hypertension", ((18, 0.04), (35, 0.14), (50, 0.36), (65, 0.56))
)
DIABETES = Disease(
    "E11.900", "2型糖尿病", (_METFORMIN, _ACARBOSE), "diabetes", ((18, 0.02), (35, 0.07), (50, 0.16), (65, 0.24))
)
CHRONIC = (
    HYPERTENSION,
    DIABETES,
    Disease("E78.500", "高脂血症", (_ATORVASTATIN,), "", ((30, 0.06), (50, 0.15))),
    Disease("I25.100", "冠心病", (_ASPIRIN, _ATORVASTATIN), "", ((45, 0.02), (60, 0.08), (75, 0.15))),
    Disease("J44.900", "慢性阻塞性肺疾病", (_TIOTROPIUM,), "copd", ((40, 0.02), (60, 0.08))),
    Disease("I69.300", "脑梗死后遗症", (_ASPIRIN,), "", ((55, 0.02), (70, 0.07))),
    Disease("F20.900", "精神分裂症", (_OLANZAPINE,), "severe-mental-disorder", ((18, 0.005),)),
)

_IBUPROFEN = Drug("M01AE01", "布洛芬缓释胶囊 0.3g", "口服，每日两次，每次0.3g")
_AMOXICILLIN = Drug("J01CA04", "阿莫西林胶囊 0.5g", "口服，每日三次，每次0.5g")
_OMEPRAZOLE = Drug("A02BC01", "奥美拉唑肠溶胶囊 20mg", "早餐前口服，每日一次，每次20mg")
_LORATADINE = Drug("R06AX13", "氯雷他定片 10mg", "口服，每日一次，每次10mg")
ACUTE = (
    Disease("J06.900", "急性上呼吸道感染", (_IBUPROFEN,)),
    Disease("J20.900", "急性支气管炎", (_AMOXICILLIN,)),
    Disease("K29.500", "慢性胃炎", (_OMEPRAZOLE,)),
    Disease("L30.900", "皮炎", (_LORATADINE,)),
    Disease("M54.500", "下背痛", (_IBUPROFEN,)),
    Disease("A09.901", "腹泻", ()),
)
ADMITTED = (
    Disease("J18.900", "肺炎"),
    Disease("I50.900", "心力衰竭"),
    Disease("K80.200", "胆囊结石"),
    Disease("S72.000", "股骨颈骨折"),
    Disease("I63.900", "脑梗死"),
)

ACTIVE = concept(f"{HL7}/condition-clinical", "active")
RESOLVED = concept(f"{HL7}/condition-clinical", "resolved")
CONFIRMED = concept(f"{HL7}/condition-ver-status", "confirmed")
PROBLEM = concept(f"{HL7}/condition-category", "problem-list-item")
DIAGNOSIS = concept(f"{HL7}/condition-category", "encounter-diagnosis")


def chronic(rng: Random, age: int) -> tuple[Disease, ...]:
    """The diseases that somebody of that age lives with."""
    return tuple(one for one in CHRONIC if rng.random() < one.share(age))

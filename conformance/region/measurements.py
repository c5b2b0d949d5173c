"""Observations in LOINC and UCUM, around what is usual for the person. https://hl7.org/fhir/R4/observation-vitalsigns.html"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from conformance.region.chart import Chart
from conformance.region.elements import HL7, UCUM, concept, link
from conformance.region.illness import DIABETES, HYPERTENSION
from profiles.json import Resource


class Kind(NamedTuple):
    """What is measured; values are whole numbers of `step`, a power of ten."""

    code: Resource
    unit: str
    ucum: str
    category: list[Resource]
    step: int = 0

    @property
    def name(self) -> str:
        return str(self.code["text"])

    def quantity(self, value: int) -> Resource:
        number = Decimal(value).scaleb(self.step) if self.step else value
        return {"value": number, "unit": self.unit, "system": UCUM, "code": self.ucum}


class Met(NamedTuple):
    """When and where something was found."""

    encounter: str
    day: date
    at: str


class Body(NamedTuple):
    """What is usual for a person: cm, 0.1 kg, mmHg, mmHg, 0.1 mmol/L, 0.1 %."""

    height: int
    weight: int
    systolic: int
    diastolic: int
    glucose: int
    hba1c: int


def _category(code: str) -> list[Resource]:
    return [concept(f"{HL7}/observation-category", code)]


_VITAL, _LABORATORY = _category("vital-signs"), _category("laboratory")


def _loinc(code: str, name: str) -> Resource:
    return concept("http://loinc.org", code, name)


_PRESSURE = Kind(_loinc("85354-9", "血压"), "mmHg", "mm[Hg]", _VITAL)
_SYSTOLIC = Kind(_loinc("8480-6", "收缩压"), "mmHg", "mm[Hg]", _VITAL)
_DIASTOLIC = Kind(_loinc("8462-4", "舒张压"), "mmHg", "mm[Hg]", _VITAL)
PULSE = Kind(_loinc("8867-4", "心率"), "次/分", "/min", _VITAL)
TEMPERATURE = Kind(_loinc("8310-5", "体温"), "℃", "Cel", _VITAL, -1)
HEIGHT = Kind(_loinc("8302-2", "身高"), "cm", "cm", _VITAL)
WEIGHT = Kind(_loinc("29463-7", "体重"), "kg", "kg", _VITAL, -1)
BMI = Kind(_loinc("39156-5", "体质指数"), "kg/m²", "kg/m2", _VITAL, -1)
WAIST = Kind(_loinc("8280-0", "腰围"), "cm", "cm", _VITAL)
GLUCOSE = Kind(_loinc("14771-0", "空腹血糖"), "mmol/L", "mmol/L", _LABORATORY, -1)
HBA1C = Kind(_loinc("4548-4", "糖化血红蛋白"), "%", "%", _LABORATORY, -1)
CHOLESTEROL = Kind(_loinc("14647-2", "总胆固醇"), "mmol/L", "mmol/L", _LABORATORY, -2)
LDL = Kind(_loinc("22748-8", "低密度脂蛋白胆固醇"), "mmol/L", "mmol/L", _LABORATORY, -2)
TRIGLYCERIDE = Kind(_loinc("14927-8", "甘油三酯"), "mmol/L", "mmol/L", _LABORATORY, -2)
CREATININE = Kind(_loinc("14682-9", "肌酐"), "μmol/L", "umol/L", _LABORATORY)
ALT = Kind(_loinc("1742-6", "丙氨酸氨基转移酶"), "U/L", "U/L", _LABORATORY)


def body(chart: Chart) -> Body:
    """Usual values; those of the chronically ill are higher, and not under control in a third of them."""
    rng, one = chart.rng, chart.person
    age = one.age
    grown = (172 if one.gender == "male" else 160) if age >= 16 else 75 + 6 * age
    height = int(rng.gauss(grown, 6 if age >= 16 else 3))
    weight = int(height * height * (rng.gauss(23.8, 3) if age >= 16 else rng.gauss(15.5, 0.8)) / 1000)
    ill, sweet = HYPERTENSION in one.chronic, DIABETES in one.chronic
    systolic = rng.gauss(136 if ill else 118 if age >= 16 else 100, 9)
    glucose = rng.gauss(74 if sweet else 52, 10 if sweet else 4)
    return Body(
        height, weight, int(systolic), int(systolic * 0.62), int(glucose), int(glucose * 0.95 if sweet else glucose)
    )


def measured(chart: Chart, kind: Kind, value: int, met: Met) -> None:
    """An Observation of one number."""
    chart.add("Observation", "obs", {**_head(chart, kind, met), "valueQuantity": kind.quantity(value)})


def blood_pressure(chart: Chart, usual: Body, met: Met) -> None:
    """One Observation with both pressures as its components."""
    systolic = max(70, int(chart.rng.gauss(usual.systolic, 8)))
    diastolic = min(systolic - 15, max(40, int(chart.rng.gauss(usual.diastolic, 6))))
    parts = [
        {"code": kind.code, "valueQuantity": kind.quantity(value)}
        for kind, value in ((_SYSTOLIC, systolic), (_DIASTOLIC, diastolic))
    ]
    chart.add("Observation", "obs", {**_head(chart, _PRESSURE, met), "component": parts})


def near(chart: Chart, usual: float, spread: float) -> int:
    """A value around what is usual, never below half of it."""
    return max(int(usual / 2), round(chart.rng.gauss(usual, spread)))


def _head(chart: Chart, kind: Kind, met: Met) -> Resource:
    return {
        "status": "final",
        "category": kind.category,
        "code": kind.code,
        "subject": chart.subject,
        "encounter": link(met.encounter),
        "effectiveDateTime": met.at,
    }

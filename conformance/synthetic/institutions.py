"""The institutions of the Qianjiang annex with their printed populations and tasks, and one hospital."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files

from conformance.synthetic.identifiers import credit_code
from profiles.canonical import BASE, concept, naming_system
from profiles.json import Resource

HOSPITAL = "qj-hospital"
HOSPITAL_CODE = "QJZX"
"""What the hospital's HIS calls it in MSH-4."""
_COMMISSION = "qj-health-commission"
_TASK_MEASURE = f"{BASE}/Measure/fd-contract-task-2024"


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """Residents, and how many of them to contract in 2024, as printed."""

    institution: str
    population: int
    task: int


def annex() -> tuple[AnnexRow, ...]:
    """The 30 rows of the annex, in its order."""
    return tuple(_rows("qianjiang-annex.csv"))


def printed_total() -> AnnexRow:
    """The total as printed; it is not the sum of the rows (requirements §8)."""
    (total,) = _rows("qianjiang-annex-printed-total.csv")
    return total


def institution_id(place: int) -> str:
    """The id of the institution in that row of the annex, counted from 1."""
    return f"qj-{place:02}"


def resources(today: date) -> Iterator[Resource]:
    """Organizations (31 and the commission that set the tasks), then the tasks as MeasureReports."""
    rows = annex()
    for place, row in enumerate(rows, start=1):
        yield _institution(institution_id(place), row.institution, _kind(row.institution), place, today)
    yield _hospital(today)
    yield {
        "resourceType": "Organization",
        "id": _COMMISSION,
        "identifier": [{"system": naming_system("uscc"), "value": credit_code(98)}],
        "active": True,
        "type": [concept("institution-kind", "health-commission")],
        "name": "黔江区卫生健康委员会",
    }
    for place, row in enumerate(rows, start=1):
        yield _target(institution_id(place), row)
    yield _target(_COMMISSION, printed_total())


def _rows(name: str) -> Iterator[AnnexRow]:
    text = files("profiles").joinpath("reference", name).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield AnnexRow(row["institution"], int(row["resident_population"]), int(row["all_population_task"]))


def _kind(name: str) -> str:
    return "community-health-centre" if name.endswith("社区卫生服务中心") else "township-health-centre"


def _institution(id_: str, name: str, kind: str, serial: int, today: date) -> Resource:
    return {
        "resourceType": "Organization",
        "id": id_,
        "identifier": [
            {"system": naming_system("uscc"), "value": credit_code(serial)},
            {
                "use": "official",
                "type": {"text": "医疗机构执业许可证"},
                "system": naming_system("mi-licence"),
                "value": f"PDY-SYNTHETIC-{serial:03}",
                "period": {"start": f"{today.year - 5}-01-01", "end": f"{today.year + 9}-12-31"},
            },
        ],
        "active": True,
        "type": [concept("institution-kind", kind)],
        "name": name,
    }


def _hospital(today: date) -> Resource:
    hospital = _institution(HOSPITAL, "黔江区示例中心医院", "district-general-hospital", 99, today)
    hospital["identifier"].append({"system": naming_system("facility-code"), "value": HOSPITAL_CODE})
    hospital["contact"] = [
        {
            "purpose": concept("contact-purpose", "fd-liaison"),
            "name": {"text": "示例联络员"},
            "telecom": [{"system": "phone", "value": "023-00000099"}],
        }
    ]
    return hospital


def _target(reporter: str, row: AnnexRow) -> Resource:
    return {
        "resourceType": "MeasureReport",
        "id": f"task-2024-{reporter}",
        "status": "complete",
        "type": "summary",
        "measure": _TASK_MEASURE,
        "date": "2024-05-09",
        "reporter": {"reference": f"Organization/{reporter}"},
        "period": {"start": "2024-01-01", "end": "2024-12-31"},
        "group": [
            {
                "population": [
                    _population("denominator", row.population),
                    _population("numerator", row.task),
                ],
                "measureScore": {"value": Decimal("0.39")},
            }
        ],
    }


def _population(code: str, count: int) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    return {"code": {"coding": [{"system": system, "code": code}]}, "count": count}

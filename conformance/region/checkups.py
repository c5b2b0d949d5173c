"""The yearly check-up of those who come first, with its report, and what they say of how they live."""

from datetime import date, timedelta

from conformance.region import measurements, visits
from conformance.region.chart import Chart
from conformance.region.elements import link, moment
from conformance.region.measurements import Body, Met, measured, near
from profiles.canonical import BASE
from profiles.canonical import concept as own
from profiles.json import Resource

_CHECK_UP = [{"text": "健康体检"}]
_YEAR = timedelta(days=365)
_KEPT, _ASKED, _REPORTED = 0.7, 0.25, 0.35
_QUESTIONS = (("smokes", "是否吸烟", 0.25), ("drinks", "是否饮酒", 0.3), ("exercises", "是否规律锻炼", 0.55))
QUESTIONNAIRE: Resource = {
    "resourceType": "Questionnaire",
    "id": "lifestyle",
    "url": f"{BASE}/Questionnaire/lifestyle",
    "status": "active",
    "title": "生活方式问卷（示例）",
    "item": [{"linkId": name, "text": text, "type": "boolean"} for name, text, _ in _QUESTIONS],
}


def write(chart: Chart, usual: Body) -> None:
    """Each of the last two years, of children, of the old and of the chronically ill."""
    one = chart.person
    if one.age >= 7 and one.age < 65 and not one.chronic:
        return
    for year in (1, 0):
        day = one.until - year * _YEAR - timedelta(days=chart.rng.randrange(360))
        if day > one.birth and chart.rng.random() < _KEPT:
            _check_up(chart, usual, day)


def _check_up(chart: Chart, usual: Body, day: date) -> None:
    met = visits.encounter(chart, day, _CHECK_UP, 60)
    found = _growth(chart, usual, met)
    if chart.person.age >= 18:
        found += _laboratory(chart, usual, met)
        if chart.rng.random() < _ASKED:
            _lifestyle(chart, met)
    if chart.contracted and chart.rng.random() < _REPORTED:
        _report(chart, met, found)


def _growth(chart: Chart, usual: Body, met: Met) -> list[str]:
    weight = near(chart, usual.weight, 8)
    bmi = weight * 10_000 // (usual.height * usual.height)
    return [
        measured(chart, measurements.HEIGHT, usual.height, met),
        measured(chart, measurements.WEIGHT, weight, met),
        measured(chart, measurements.BMI, bmi, met),
    ]


def _laboratory(chart: Chart, usual: Body, met: Met) -> list[str]:
    rows = (
        (measurements.WAIST, 84, 8),
        (measurements.GLUCOSE, usual.glucose, 6),
        (measurements.CHOLESTEROL, 480, 70),
        (measurements.LDL, 280, 60),
        (measurements.TRIGLYCERIDE, 150, 40),
        (measurements.CREATININE, 72, 12),
    )
    pressure = measurements.blood_pressure(chart, usual, met)
    return [pressure, *(measured(chart, kind, near(chart, value, spread), met) for kind, value, spread in rows)]


def _lifestyle(chart: Chart, met: Met) -> None:
    answers = [
        {"linkId": name, "text": text, "answer": [{"valueBoolean": chart.rng.random() < share}]}
        for name, text, share in _QUESTIONS
    ]
    chart.add(
        "QuestionnaireResponse",
        "answers",
        {
            "questionnaire": QUESTIONNAIRE["url"],
            "status": "completed",
            "subject": chart.subject,
            "encounter": link(met.encounter),
            "authored": met.at,
            "item": answers,
        },
    )


def _report(chart: Chart, met: Met, found: list[str]) -> None:
    where = chart.person.place
    chart.add(
        "Composition",
        "report",
        {
            "status": "final",
            "type": own("document-type", "health-assessment-report"),
            "subject": chart.subject,
            "encounter": link(met.encounter),
            "date": moment(met.day, 17 * 60 + 30),
            "author": [link(where.doctor)],
            "title": "健康评估报告（示例）",
            "custodian": link(where.centre),
            "section": [{"title": "体检指标", "entry": [link(one) for one in found]}],
        },
    )

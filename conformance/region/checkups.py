"""The yearly check-up of those who come first, what they say of how they live, and the assessment of both."""

from datetime import date, timedelta

from conformance.region import assessments, measurements, visits
from conformance.region.chart import Chart
from conformance.region.elements import link
from conformance.region.measurements import Body, Met, measured, near
from profiles.canonical import BASE
from profiles.json import Resource

_CHECK_UP = [{"text": "健康体检"}]
_YEAR = timedelta(days=365)
_ADULT = 18
_KEPT, _ASKED, _ASSESSED = 0.7, 0.25, 0.5
_QUESTIONS = (
    ("smokes", "是否吸烟", 0.25),
    ("drinks", "是否饮酒", 0.3),
    ("exercises", "是否规律锻炼", 0.55),
    ("eats-lightly", "是否清淡饮食", 0.6),
)
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
    _growth(chart, usual, met)
    if chart.person.age < _ADULT:
        return
    _laboratory(chart, usual, met)
    term = chart.term(day)
    if term and chart.rng.random() < _ASSESSED:
        _lifestyle(chart, met)
        assessments.write(chart, met, term)
    elif chart.rng.random() < _ASKED:
        _lifestyle(chart, met)


def _growth(chart: Chart, usual: Body, met: Met) -> None:
    weight = near(chart, usual.weight, 8)
    bmi = weight * 10_000 // (usual.height * usual.height)
    measured(chart, measurements.HEIGHT, usual.height, met)
    measured(chart, measurements.WEIGHT, weight, met)
    measured(chart, measurements.BMI, bmi, met)


def _laboratory(chart: Chart, usual: Body, met: Met) -> None:
    rows = (
        (measurements.WAIST, 84, 8),
        (measurements.GLUCOSE, usual.glucose, 6),
        (measurements.CHOLESTEROL, 480, 70),
        (measurements.LDL, 280, 60),
        (measurements.TRIGLYCERIDE, 150, 40),
        (measurements.CREATININE, 72, 12),
        (measurements.ALT, 22, 7),
    )
    measurements.blood_pressure(chart, usual, met)
    for kind, value, spread in rows:
        measured(chart, kind, near(chart, value, spread), met)


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

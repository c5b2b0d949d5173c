"""Outpatient care: visits for what passes, and the follow-up of what stays (高血压、糖尿病随访)."""

from datetime import date, timedelta

from conformance.region import illness, measurements
from conformance.region.chart import Chart
from conformance.region.elements import HL7, UCUM, link, moment
from conformance.region.illness import DIABETES, Disease, Drug
from conformance.region.measurements import Body, Met
from profiles.json import Resource

AMBULATORY = {"system": f"{HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"}
_VISIT, _FOLLOW_UP = [{"text": "门诊"}], [{"text": "慢性病随访"}]
_COMMUNITY = [{"coding": [{"system": f"{HL7}/medicationrequest-category", "code": "community"}]}]
_COURSE = f"{HL7}/medicationrequest-course-of-therapy"
_CONTINUOUS = {"coding": [{"system": _COURSE, "code": "continuous"}]}
_ACUTE = {"coding": [{"system": _COURSE, "code": "acute"}]}
_QUARTER = timedelta(days=91)


def conditions(chart: Chart) -> None:
    """The problem list."""
    for disease in chart.person.chronic:
        years = chart.rng.randint(1, 12)
        onset = max(chart.person.birth.year + 1, chart.person.until.year - years)
        chart.add(
            "Condition",
            "condition",
            {
                "clinicalStatus": illness.ACTIVE,
                "verificationStatus": illness.CONFIRMED,
                "category": [illness.PROBLEM],
                "code": disease.concept,
                "subject": chart.subject,
                "onsetDateTime": str(onset),
                "recorder": link(chart.person.place.doctor),
            },
        )


def follow_ups(chart: Chart, usual: Body) -> None:
    """Every quarter for those with a contract, now and then for the others."""
    if not chart.person.chronic:
        return
    kept = 0.84 if chart.terms else 0.3
    day = chart.first + timedelta(days=chart.rng.randrange(90))
    while day <= chart.person.until:
        if chart.rng.random() < kept:
            _follow_up(chart, usual, day)
        day += _QUARTER


def visits(chart: Chart, usual: Body) -> None:
    """For something that passes: a few in the two years, more of the very young and the old."""
    age = chart.person.age
    most = 5 if age < 7 or age >= 60 else 3
    for day in sorted(chart.day() for _ in range(chart.rng.randint(0, most))):
        _visit(chart, usual, day, chart.rng.choice(illness.ACUTE))


def encounter(chart: Chart, day: date, kind: list[Resource], minutes: int = 20) -> Met:
    """A visit to the centre that is over; what is found, is found half through it."""
    where, minute = chart.person.place, chart.minute()
    reference = chart.add(
        "Encounter",
        "encounter",
        {
            "status": "finished",
            "class": AMBULATORY,
            "type": kind,
            "subject": chart.subject,
            **chart.under(day),
            "participant": [{"individual": link(where.doctor)}],
            "period": {"start": moment(day, minute), "end": moment(day, minute + minutes)},
            "serviceProvider": link(where.centre),
        },
    )
    return Met(reference, day, moment(day, minute + minutes // 2))


def _follow_up(chart: Chart, usual: Body, day: date) -> None:
    met = encounter(chart, day, _FOLLOW_UP)
    measurements.blood_pressure(chart, usual, met)
    measurements.measured(chart, measurements.PULSE, measurements.near(chart, 74, 8), met)
    if chart.rng.random() < 0.8:
        measurements.measured(chart, measurements.WEIGHT, measurements.near(chart, usual.weight, 9), met)
    if DIABETES in chart.person.chronic:
        measurements.measured(chart, measurements.GLUCOSE, measurements.near(chart, usual.glucose, 8), met)
        if chart.rng.random() < 0.5:
            measurements.measured(chart, measurements.HBA1C, measurements.near(chart, usual.hba1c, 4), met)
    for disease in chart.person.chronic:
        if chart.rng.random() < 0.6:
            drug = disease.drugs[chart.person.number % len(disease.drugs)]
            _prescribe(chart, drug, disease, met, weeks=12)


def _visit(chart: Chart, usual: Body, day: date, disease: Disease) -> None:
    met = encounter(chart, day, _VISIT)
    passed = day < chart.today - timedelta(days=14)
    chart.add(
        "Condition",
        "condition",
        {
            "clinicalStatus": illness.RESOLVED if passed else illness.ACTIVE,
            "verificationStatus": illness.CONFIRMED,
            "category": [illness.DIAGNOSIS],
            "code": disease.concept,
            "subject": chart.subject,
            "encounter": link(met.encounter),
            "onsetDateTime": day.isoformat(),
        },
    )
    measurements.measured(chart, measurements.TEMPERATURE, measurements.near(chart, 367, 5), met)
    if chart.person.age >= 7:
        measurements.blood_pressure(chart, usual, met)
    for drug in disease.drugs:
        _prescribe(chart, drug, disease, met, weeks=1)


def _prescribe(chart: Chart, drug: Drug, reason: Disease, met: Met, *, weeks: int) -> None:
    end = met.day + timedelta(weeks=weeks)
    chart.add(
        "MedicationRequest",
        "prescription",
        {
            "status": "active" if end > chart.today and not chart.person.dead else "completed",
            "intent": "order",
            "category": _COMMUNITY,
            "medicationCodeableConcept": drug.concept,
            "subject": chart.subject,
            "encounter": link(met.encounter),
            "authoredOn": met.at,
            "requester": link(chart.person.place.doctor),
            "reasonCode": [reason.concept],
            "courseOfTherapyType": _CONTINUOUS if weeks > 4 else _ACUTE,
            "dosageInstruction": [{"text": drug.dosage}],
            "dispenseRequest": {"expectedSupplyDuration": {"value": weeks, "unit": "周", "system": UCUM, "code": "wk"}},
        },
    )

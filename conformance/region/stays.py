"""Hospital stays of the district's hospital, some by referral, some of them going on."""

from datetime import date, timedelta

from conformance.region import illness, measurements
from conformance.region.chart import Chart
from conformance.region.elements import HL7, concept, link, moment
from conformance.region.institutions import DEPARTMENTS, ward_of
from conformance.region.measurements import Body, Met
from profiles.canonical import VISIT_NO, naming_system
from profiles.json import Resource

_INPATIENT = {"system": f"{HL7}/v3-ActCode", "code": "IMP", "display": "inpatient encounter"}
_VISIT_NUMBER = concept(f"{HL7}/v2-0203", "VN")
_PLACER = concept(f"{HL7}/v2-0203", "PLAC")
_REFERRAL = concept("http://snomed.info/sct", "3457005", "转诊住院")
_OPEN = 0.004
"""The share of the living who are in hospital."""


def write(chart: Chart, usual: Body) -> None:
    rng, one = chart.rng, chart.person
    share = 0.07 if one.age < 45 else 0.14 if one.age < 65 else 0.34
    if rng.random() < share:
        nights = rng.randint(2, 16)
        day = chart.day() - timedelta(days=nights + 20)
        if day > one.birth:
            _stay(chart, usual, day, day + timedelta(days=nights))
    if rng.random() < _OPEN and not one.dead:
        _stay(chart, usual, chart.today - timedelta(days=rng.randint(1, 18)), None)


def _stay(chart: Chart, usual: Body, day: date, end: date | None) -> None:
    disease = chart.rng.choice(illness.ADMITTED)
    referral = _referral(chart, day, disease.concept, over=end is not None) if chart.rng.random() < 0.4 else None
    stay = chart.add("Encounter", "stay", _encounter(chart, day, end, referral))
    chart.add(
        "Condition",
        "condition",
        {
            "clinicalStatus": illness.RESOLVED if end else illness.ACTIVE,
            "verificationStatus": illness.CONFIRMED,
            "category": [illness.DIAGNOSIS],
            "code": disease.concept,
            "subject": chart.subject,
            "encounter": link(stay),
            "onsetDateTime": day.isoformat(),
        },
    )
    for after in range(1, 4):
        met = Met(stay, day, moment(day, 18 * 60 + after * 90))
        measurements.blood_pressure(chart, usual, met)
        measurements.measured(chart, measurements.TEMPERATURE, measurements.near(chart, 370, 7), met)


def _encounter(chart: Chart, day: date, end: date | None, referral: str | None) -> Resource:
    where, start = chart.person.place, moment(day, chart.minute())
    department = chart.rng.randrange(len(DEPARTMENTS)) + 1
    period = {"start": start, "end": moment(end, 10 * 60)} if end else {"start": start}
    return {
        "identifier": [
            {
                "type": _VISIT_NUMBER,
                "system": VISIT_NO,
                "value": f"ZY{day:%y%m%d}{chart.person.serial}",
                "assigner": link(where.hospital),
            }
        ],
        "status": "finished" if end else "in-progress",
        "class": _INPATIENT,
        "subject": chart.subject,
        **chart.under(day),
        **({"basedOn": [link(referral)]} if referral else {}),
        "period": period,
        "location": [
            {
                "location": link(ward_of(where, department)),
                "status": "completed" if end else "active",
                "period": period,
            }
        ],
        "serviceProvider": link(where.hospital),
    }


def _referral(chart: Chart, day: date, reason: Resource, *, over: bool) -> str:
    where = chart.person.place
    return chart.add(
        "ServiceRequest",
        "referral",
        {
            "identifier": [
                {
                    "type": _PLACER,
                    "system": naming_system("referral-no"),
                    "value": f"REF-{day:%Y%m%d}-{chart.person.serial}",
                }
            ],
            "status": "completed" if over else "active",
            "intent": "order",
            "category": [{"text": "上转"}],
            "priority": "routine",
            "code": _REFERRAL,
            "subject": chart.subject,
            "authoredOn": moment(day - timedelta(days=1), chart.minute()),
            "requester": link(where.doctor),
            "performer": [link(where.hospital)],
            "reasonCode": [reason],
        },
    )

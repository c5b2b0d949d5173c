"""Contracts, what agrees to them, and the flags that tell who comes first (fhir-model.md §6.2)."""

from dataclasses import replace
from datetime import date, timedelta

from conformance.region import names
from conformance.region.chart import Chart, Term
from conformance.region.elements import HL7, TEST_DATA, concept, link, moment
from conformance.region.people import MOTHER, resident_id
from conformance.synthetic.residents import years_after
from profiles import policy
from profiles.canonical import BASE, RESIDENT_ID, naming_system, structure
from profiles.canonical import concept as own
from profiles.json import Resource

_TEMPLATE = f"{BASE}/policy/agreement-template/synthetic-1"
_ADULT = 18
_KEY_SHARE, _OTHER_SHARE, _RENEWED_SHARE, _LAPSED_SHARE = 0.8, 0.42, 0.6, 0.3
_CHANNELS = ("online", "offline-resident-device", "offline-staff-device")
_DAY = timedelta(days=1)


def write(chart: Chart) -> None:
    """At most one contract in force; before it, or instead of it, one that has ended."""
    rng, one = chart.rng, chart.person
    signs = rng.random() < (_KEY_SHARE if one.flags else _OTHER_SHARE)
    chart.contracted = signs and not one.dead and one.birth < chart.today - timedelta(days=60)
    start = chart.today - timedelta(days=rng.randint(1, 330))
    start = max(start, one.birth + timedelta(days=30))
    before = years_after(start, -1)
    if rng.random() < (_RENEWED_SHARE if signs else _LAPSED_SHARE) and one.birth < before < one.until:
        _contract(chart, before, "finished")
    if chart.contracted:
        _contract(chart, start, "active")


def flags(chart: Chart) -> None:
    for code in chart.person.flags:
        chart.add(
            "Flag",
            "flag",
            {
                "status": "inactive" if chart.person.dead else "active",
                "category": [own("flag-category", "key-population")],
                "code": own("key-population", code),
                "subject": chart.subject,
                "period": {"start": chart.first.isoformat()},
                "author": link(chart.person.place.centre),
            },
        )


def timers(chart: Chart) -> None:
    """The next contact that the team owes to those who come first (`contact-due`)."""
    if not (chart.contracted and chart.person.flags):
        return
    due = chart.today + timedelta(days=chart.rng.randint(5, 90))
    chart.add(
        "Task",
        "task",
        {
            "status": "requested",
            "intent": "plan",
            "code": own("timer", "contact-due"),
            "focus": link(chart.terms[-1].episode),
            "for": chart.subject,
            "authoredOn": moment(due - timedelta(days=91), 0),
            "owner": link(chart.person.place.team),
            "restriction": {"period": {"end": f"{due}T23:59:59+08:00"}},
        },
    )


def _contract(chart: Chart, start: date, status: str) -> None:
    end = years_after(start, 1) - _DAY
    end = min(end, chart.person.until) if chart.person.dead else end
    episode = chart.add("EpisodeOfCare", "contract", _episode(chart, start, end, status))
    chart.terms.append(Term(start, end, episode))
    chart.add("Consent", "agreement", _consent(chart, chart.terms[-1], status))


def _episode(chart: Chart, start: date, end: date, status: str) -> Resource:
    where = chart.person.place
    return {
        "extension": [
            {"url": structure("contract-sign-channel"), "valueCode": chart.rng.choice(_CHANNELS)},
            {"url": structure("governing-policy"), "valueCanonical": policy.load("demonstration").canonical},
        ],
        "identifier": [
            {"system": naming_system("contract-no"), "value": f"FD-{where.code}-{start.year}-{chart.person.serial}"}
        ],
        "status": status,
        "type": [own("episode-type", "fd-contract"), own("episode-type", "standard")],
        "patient": chart.subject,
        "managingOrganization": link(where.centre),
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        "careManager": link(where.doctor),
        "team": [link(where.team)],
    }


def _consent(chart: Chart, term: Term, status: str) -> Resource:
    where, signed = chart.person.place, moment(term.start - _DAY, 10 * 60)
    signatory = link(_signatory(chart, term.start))
    number = {"system": naming_system("agreement-no"), "value": f"AGR-{term.start.year}-{chart.person.serial}"}
    return {
        "identifier": [number],
        "status": "active" if status == "active" else "inactive",
        "scope": concept(f"{HL7}/consentscope", "treatment"),
        "category": [own("consent-category", "fd-agreement")],
        "patient": chart.subject,
        "dateTime": signed,
        "performer": [signatory],
        "organization": [link(where.centre)],
        "sourceReference": {"type": "DocumentReference", "identifier": number},
        "policy": [{"uri": _TEMPLATE}],
        "verification": [{"verified": True, "verifiedWith": signatory, "verificationDate": signed}],
        "provision": {
            "type": "permit",
            "period": {"start": term.start.isoformat(), "end": term.end.isoformat()},
            "actor": [{"role": own("agreement-actor", "contracted-team"), "reference": link(where.team)}],
            "data": [{"meaning": "instance", "reference": link(term.episode)}],
        },
    }


def _signatory(chart: Chart, day: date) -> str:
    """The resident, or for a child the mother (SH-1.0b)."""
    child = chart.person
    if policy.age(child.birth, day) >= _ADULT:
        return child.reference
    chart.guardian = chart.guardian or _guardian(chart)
    return chart.guardian


def _guardian(chart: Chart) -> str:
    child = chart.person
    mother = replace(child, gender="female", birth=child.birth - MOTHER)
    name = names.name(chart.rng, mother.gender, mother.birth.year)
    return chart.add(
        "RelatedPerson",
        "guardian",
        {
            "meta": TEST_DATA,
            "identifier": [{"system": RESIDENT_ID, "value": resident_id(mother)}],
            "active": True,
            "patient": chart.subject,
            "relationship": [{"coding": [{"system": f"{HL7}/v3-RoleCode", "code": code} for code in ("MTH", "GUARD")]}],
            "name": [{"text": name.text, "family": name.family, "given": [name.given]}],
            "telecom": [{"system": "phone", "value": f"000-{child.number:08}"}],
            "gender": mother.gender,
            "birthDate": mother.birth.isoformat(),
        },
    )

"""The profiles of care: what says that a resource is one, and what a complete one has (fhir-model.md §6.2)."""

from typing import Any

import pytest

from profiles import validation
from profiles.canonical import BASE, concept, naming_system, structure
from profiles.invalid_examples import cases, example
from profiles.structures import shipped

pytestmark = pytest.mark.feature("Operations", "profiles, enforced and installed")

PROFILES = {
    "fd-health-assessment": "Composition-assess1",
    "fd-inpatient-service-record": "Composition-inpfile1",
    "fd-long-term-prescription": "MedicationRequest-rx1",
    "fd-referral": "ServiceRequest-ref1",
    "fd-referral-task": "Task-reftask1",
    "fd-referral-appointment": "Appointment-apt1",
    "fd-referral-schedule": "Schedule-sch-transfer",
    "fd-referral-slot": "Slot-slot1",
    "fd-bed": "Location-bed-301-12",
    "fd-ward": "Location-ward-1",
    "fd-inpatient-encounter": "Encounter-enc1",
    "fd-home-bed": "EpisodeOfCare-homebed1",
    "fd-home-bed-encounter": "Encounter-homevisit1",
    "fd-coverage": "Coverage-cov1",
    "fd-fee-account": "Account-acc1",
    "fd-fee-invoice": "Invoice-inv1",
    "fd-family-unit": "Group-family1",
    "fd-panel": "Group-panel-fd1-2025",
    "fd-functional-community": "Group-community1",
    "fd-indicator-report": "MeasureReport-mr-bed",
    "fd-event-subscription": "Subscription-sub1",
}
ONLY_CLAIMED = {"fd-indicator-report", "fd-event-subscription"}
"""Nothing but the text of a URL says what these are."""
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
RULES = [
    ("NA-3.7", "fd-home-bed-encounter", "not-said-why"),
    ("NA-3.9b", "fd-long-term-prescription", "no-reason-text"),
    ("NA-3.9c", "fd-long-term-prescription", "storage-not-told"),
    ("NA-4.2a", "fd-fee-invoice", "sources-too-small"),
    ("NA-6.2", "fd-referral", "down-for-another-reason"),
    ("NA-6.3a", "fd-long-term-prescription", "extended-without-basis"),
    ("SH-A2.1", "fd-health-assessment", "other-title"),
    ("SH-A2.2", "fd-health-assessment", "section-missing"),
    ("SH-A2.8", "fd-health-assessment", "no-risk-assessment"),
    ("SH-A2.10", "fd-health-assessment", "not-signed"),
    ("JS-2.2.2a", "fd-bed", "unknown-type"),
    ("JS-2.2.2(1)a", "fd-inpatient-encounter", "nobody-assigned-the-number"),
]
"""Row of the catalogue, profile, and the invalid example that breaks it."""
PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"
COURSE = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy"
ROUND = {"type": [concept("encounter-type", "joint-round")]}
UNDER = {"episodeOfCare": [{"reference": "EpisodeOfCare/contract1"}]}
TOLD_TO_STORE = [{"additionalInstruction": [concept("safety-instruction", "storage")]}]
OTHERS: dict[str, dict[str, Any]] = {
    "a stay without a contract": {"resourceType": "Encounter", "class": {"system": ACT_CODE, "code": "IMP"}},
    "IMP of another code system": {"resourceType": "Encounter", "class": {"code": "IMP"}, **UNDER},
    "a visit at home": {"resourceType": "Encounter", "class": {"system": ACT_CODE, "code": "HH"}, **UNDER},
    "a round": {"resourceType": "Encounter", "class": {"system": ACT_CODE, "code": "AMB"}, **UNDER, **ROUND},
    "a continuous course": {
        "resourceType": "MedicationRequest",
        "courseOfTherapyType": {"coding": [{"system": COURSE, "code": "continuous"}]},
    },
    "an order of a laboratory": {"resourceType": "ServiceRequest", "category": [{"text": "检验"}]},
    "a timer": {"resourceType": "Task", "businessStatus": concept("timer-status", "on-time")},
    "a clinic's appointment": {"resourceType": "Appointment", "serviceType": [{"text": "门诊"}]},
    "a clinic's schedule": {"resourceType": "Schedule", "serviceType": [{"text": "门诊"}]},
    "a clinic's slot": {"resourceType": "Slot", "serviceType": [{"text": "门诊"}]},
    "a building": {
        "resourceType": "Location",
        "physicalType": {"coding": [{"system": PHYSICAL, "code": "bu"}]},
    },
    "another episode": {"resourceType": "EpisodeOfCare", "type": [{"text": "慢病管理"}]},
    "private insurance": {"resourceType": "Coverage", "type": {"text": "商业保险"}},
    "another account": {"resourceType": "Account", "type": {"text": "住院预交金"}},
    "a group of patients": {"resourceType": "Group", "code": concept("group-kind", "self-management")},
    "another document": {"resourceType": "Composition", "type": {"text": "出院小结"}},
    "an adopted target": {"resourceType": "MeasureReport", "measure": f"{BASE}/Measure/fd-contract-task-2024"},
}


@pytest.mark.parametrize(("profile", "name"), PROFILES.items())
def test_a_profile_is_implied_by_its_example_alone(profile: str, name: str) -> None:
    found = set() if profile in ONLY_CLAIMED else {structure(profile)}
    assert set(validation.shipped().implied(example(name))) == found


@pytest.mark.parametrize("resource", OTHERS.values(), ids=OTHERS)
def test_what_does_not_say_so_is_none_of_them(resource: dict[str, Any]) -> None:
    assert validation.shipped().implied(resource) == []


@pytest.mark.parametrize(
    ("profile", "resource"),
    [
        ("fd-referral", {"resourceType": "ServiceRequest", "code": concept("referral-service", "lab")}),
        ("fd-bed", {"resourceType": "Location", "type": [concept("bed-type", "home-bed")]}),
        ("fd-coverage", {"resourceType": "Coverage", "identifier": [{"system": naming_system("nhsa-psn-no")}]}),
        (
            "fd-long-term-prescription",
            {"resourceType": "MedicationRequest", "dosageInstruction": TOLD_TO_STORE},
        ),
    ],
)
def test_part_of_what_a_profile_asks_for_implies_all_of_it(profile: str, resource: dict[str, Any]) -> None:
    assert validation.shipped().implied(resource) == [structure(profile)]


@pytest.mark.parametrize("profile", PROFILES)
def test_what_must_be_supported_has_a_place_in_the_snapshot(profile: str) -> None:
    definition = shipped().definition(structure(profile))
    assert definition
    known = {element["id"]: element for element in shipped().snapshot(structure(profile))}
    told = [element for element in definition["differential"]["element"] if element.get("mustSupport")]
    assert len(told) > 4
    assert [one["id"] for one in told if not known[one["id"]].get("mustSupport")] == []


@pytest.mark.req("SH-A2.11")
def test_a_health_assessment_may_have_sections_of_the_centre() -> None:
    report = example("Composition-assess1")
    report["section"].append({**report["section"][0], "code": {"text": "康复服务利用"}})
    assert [one for one in validation.shipped().check(report) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("profile", "name"),
    [pytest.param(profile, name, marks=pytest.mark.req(req)) for req, profile, name in RULES],
)
def test_what_a_paper_forbids_is_found(profile: str, name: str) -> None:
    (case,) = [one for one in cases(profile) if one.name == name]
    found = {(one.key, one.expression, one.severity) for one in validation.shipped().check(case.resource)}
    assert {(one.key, one.expression, one.severity) for one in case.expect} <= found

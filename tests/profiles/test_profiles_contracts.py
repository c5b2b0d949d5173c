"""The contract side of the profiles where no example shows the rule: what it leaves free, and whom it means."""

from datetime import datetime, timedelta

import pytest

from profiles import json, validation
from profiles.canonical import RESIDENT_ID, STAFF_NO, concept, structure
from profiles.invalid_examples import example, spoilt
from profiles.policy import ZONE


def errors(resource: json.Resource) -> set[str]:
    return {issue.key for issue in validation.shipped().check(resource) if issue.severity == "error"}


def warnings(resource: json.Resource) -> set[str]:
    return {issue.key for issue in validation.shipped().check(resource) if issue.severity == "warning"}


def implied(resource: json.Resource) -> list[str]:
    return validation.shipped().implied(resource)


def test_a_profile_holds_though_nobody_claims_it() -> None:
    contract = spoilt(example("EpisodeOfCare-contract1"), ["meta", "period.end"], {})
    assert errors(contract) == {"FD-REQUIRED"}


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "birthDate": "2026-01-01"},
        {"resourceType": "Patient", "identifier": [{"system": "urn:oid:2.16.156.10011.1.13", "value": "1"}]},
        {"resourceType": "Practitioner", "name": [{"family": "示例"}]},
        {"resourceType": "Organization", "name": "示例科", "partOf": {"reference": "Organization/hosp-d"}},
        {"resourceType": "CareTeam", "subject": {"reference": "Patient/p1"}},
        {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": "Patient/p1"}},
        {
            "resourceType": "Task",
            "status": "on-hold",
            "intent": "order",
            "code": concept("anomaly-kind", "id-conflict"),
        },
        {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/p1"}, "relationship": [{"text": "邻居"}]},
    ],
    ids=lambda resource: resource["resourceType"],
)
def test_what_does_not_say_so_is_not_meant(resource: json.Resource) -> None:
    assert implied(resource) == []
    assert errors(resource) == set()


def test_a_number_of_a_resident_or_of_staff_says_so() -> None:
    assert implied({"resourceType": "Patient", "identifier": [{"system": RESIDENT_ID}]}) == [structure("fd-resident")]
    assert implied({"resourceType": "Practitioner", "identifier": [{"system": STAFF_NO}]}) == [
        structure("fd-practitioner")
    ]


def test_a_hospital_may_register_a_resident_without_an_address() -> None:
    registered = spoilt(example("Patient-p1"), ["address"], {})
    assert errors(registered) == set()
    assert "fd-pat-1" in warnings(registered)
    assert "fd-pat-1" not in warnings(example("Patient-p1"))


@pytest.mark.req("NA-1.3b")
def test_a_nurse_who_is_going_to_leave_is_still_a_nurse() -> None:
    later = (datetime.now(ZONE) + timedelta(days=60)).date().isoformat()
    leaving = spoilt(example("CareTeam-team1"), (), {"participant[1].period.end": later})
    assert errors(leaving) == set()


@pytest.mark.req("NA-1.3b")
@pytest.mark.parametrize("status", ["suspended", "inactive", "proposed"])
def test_a_team_that_is_not_in_use_may_lack_a_nurse(status: str) -> None:
    resting = spoilt(example("CareTeam-team1"), ["participant[1]"], {"status": status})
    assert errors(resting) == set()


@pytest.mark.req("NA-1.3c")
def test_a_nurse_may_lead_though_it_is_not_the_principle() -> None:
    led = spoilt(
        example("CareTeam-team1"),
        ["participant[0].role[1]"],
        {"participant[1].role[1]": concept("team-role", "team-leader")},
    )
    assert errors(led) == set()
    assert "fd-team-4" in warnings(led)


@pytest.mark.req("NA-1.3d")
@pytest.mark.parametrize("role", [concept("team-role", "pharmacist"), {"text": "村级公共卫生委员"}])
def test_a_team_takes_members_of_any_role(role: json.Resource) -> None:
    member = {"role": [role], "member": {"reference": "PractitionerRole/nurse1-role"}}
    assert errors(spoilt(example("CareTeam-team1"), (), {"participant[2]": member})) == set()


@pytest.mark.req("NA-2.3g")
def test_a_deemed_agreement_needs_no_text() -> None:
    deemed = spoilt(
        example("Consent-agr1"), ["sourceReference"], {"category[0]": concept("consent-category", "deemed")}
    )
    assert errors(deemed) == set()


def test_a_draft_of_an_agreement_needs_no_text_yet() -> None:
    assert errors(spoilt(example("Consent-agr1"), ["sourceReference"], {"status": "draft"})) == set()


@pytest.mark.req("NA-1.1b")
def test_only_institutions_that_may_hold_contracts_need_a_licence() -> None:
    home = concept("institution-kind", "elderly-care-institution")
    assert errors(spoilt(example("Organization-chc-a"), ["identifier[2]"], {"type[0]": home})) == set()


def test_a_follow_up_of_somebody_without_a_contract_is_not_meant() -> None:
    followup = spoilt(example("Encounter-followup1"), ["meta", "episodeOfCare", "participant"], {})
    assert implied(followup) == []
    assert errors(followup) == set()


@pytest.mark.req("SH-1.2b")
def test_a_signing_has_no_deadline_and_no_contract_yet() -> None:
    signing = spoilt(example("Task-app-term"), ["focus", "restriction"], {"code": concept("application-type", "sign")})
    assert errors(signing) == set()


@pytest.mark.req("NA-3.4")
@pytest.mark.parametrize("code", ["SMS", "WECHAT", "APP", "PRINT"])
def test_every_medium_of_the_papers_is_known(code: str) -> None:
    contact = spoilt(example("Communication-contact1"), (), {"medium[0]": concept("medium", code)})
    assert not [one for one in validation.shipped().check(contact) if one.expression.startswith("Communication.medium")]

"""A region: reproducible person by person, valid, whole, and within the rules of contracts."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.region import people
from conformance.region.places import MOST, numeral, place
from conformance.region.population import batches, bundle, resources
from profiles import identifiers, package, policy, validation
from profiles.canonical import HEALTH_RECORD_NO, RESIDENT_ID, code_system, naming_system, structure
from profiles.json import Resource

TODAY = date(2026, 11, 22)
PEOPLE = 500
REGION = list(resources(1, TODAY, PEOPLE))


def of(resource_type: str) -> list[Resource]:
    return [one for one in REGION if one["resourceType"] == resource_type]


def name(one: Resource) -> str:
    return f"{one['resourceType']}/{one['id']}"


def identified(one: Resource, system: str) -> str:
    return next(str(item["value"]) for item in one["identifier"] if item["system"] == system)


def nodes(value: object) -> Iterator[dict[str, object]]:
    """Every object inside, itself included."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def references(value: object) -> set[str]:
    return {str(node["reference"]) for node in nodes(value) if isinstance(node.get("reference"), str)}


def test_the_same_seed_and_day_make_the_same_region() -> None:
    assert [*resources(1, TODAY, 60)] == [*resources(1, TODAY, 60)]
    assert [*resources(2, TODAY, 60)] != [*resources(1, TODAY, 60)]


def test_it_is_the_same_in_another_process() -> None:
    program = (
        "import hashlib; from datetime import date; from profiles import json;"
        "from conformance.region.population import resources;"
        f"told = b''.join(map(json.dumps, resources(1, date.fromisoformat('{TODAY}'), 40)));"
        "print(hashlib.sha256(told).hexdigest())"
    )
    told = [
        subprocess.check_output([sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": salt})
        for salt in ("1", "2")
    ]
    assert told[0] == told[1] != b""


def test_the_first_people_are_the_same_however_many_there_are() -> None:
    few = list(resources(1, TODAY, 50))
    assert few == REGION[: len(few)]
    assert REGION[len(few)]["id"] == "p-0000051"


def test_every_resource_keeps_our_profiles_with_all_that_it_refers_to() -> None:
    known = {name(one): one for one in REGION}
    found = [(name(one), issue) for one in REGION for issue in validation.shipped().check(one, resolve=known.get)]
    assert [one for one in found if one[1].severity == "error"] == []


def test_the_profiles_of_what_it_is_made_for_are_met_in_it() -> None:
    kept = {profile for one in REGION for profile in validation.shipped().implied(one)}
    meant = (
        *("resident", "agent", "organization", "practitioner", "practitioner-role", "careteam", "ward", "bed"),
        *("contract", "agreement-consent", "key-population-flag", "timer-task"),
        *("inpatient-encounter", "health-assessment"),
    )
    assert {structure(f"fd-{one}") for one in meant} <= kept


def test_transactions_keep_our_profiles() -> None:
    for batch in batches(1, TODAY, 60):
        issues = validation.shipped().check(bundle(batch))
        assert [one for one in issues if one.severity == "error"] == []


def test_a_resource_refers_to_those_before_it_and_none_is_there_twice() -> None:
    known: set[str] = set()
    for one in REGION:
        assert references(one) <= known, name(one)
        assert name(one) not in known
        known.add(name(one))


def test_every_code_of_ours_is_one_that_we_publish() -> None:
    published = {
        (one["url"], item["code"])
        for one in package.resources("code-systems")
        for item in nodes(one["concept"])
        if "display" in item
    }
    used = {(str(node.get("system")), str(node.get("code"))) for one in REGION for node in nodes(one)}
    assert {coding for coding in used if coding[0].startswith(code_system(""))} <= published


def test_there_are_about_thirty_resources_a_person() -> None:
    assert len(of("Patient")) == PEOPLE
    assert len(REGION) / PEOPLE == pytest.approx(30, abs=3)


def test_identifiers_are_right_in_form_of_a_region_that_does_not_exist_and_of_one_person_alone() -> None:
    everybody = [*of("Patient"), *of("RelatedPerson")]
    for one in everybody:
        number = identified(one, RESIDENT_ID)
        assert identifiers.resident_id(number) == number
        assert number.startswith("990101")
        assert str(identifiers.birth_date(number)) == one["birthDate"]
        assert identifiers.sex(number) == one["gender"]
        assert one["meta"]["tag"][0]["code"] == "HTEST"
    assert len({identified(one, RESIDENT_ID) for one in everybody}) == len(everybody)
    assert len({identified(one, HEALTH_RECORD_NO) for one in of("Patient")}) == PEOPLE
    licensed = [one for one in of("Organization") if "identifier" in one]
    codes = {identified(one, naming_system("uscc")) for one in licensed}
    assert all(map(identifiers.social_credit_code, codes))
    assert len(codes) == len(licensed)


def test_a_mother_has_a_number_of_her_own_among_all_of_her_age() -> None:
    numbers: list[str] = []
    for number in range(1, 40_001, 100):
        child = people.person(Random(number), number, TODAY)
        mother = replace(child, gender="female", birth=child.birth - people.MOTHER)
        numbers += people.resident_id(child), people.resident_id(mother)
        assert policy.age(mother.birth, child.birth) == 27
    assert len(set(numbers)) == len(numbers)


@pytest.mark.req("NA-2.3a")
def test_a_resident_has_at_most_one_contract_in_force_and_it_is_agreed_to() -> None:
    active = [one for one in of("EpisodeOfCare") if one["status"] == "active"]
    holders = Counter(one["patient"]["reference"] for one in active)
    agreed = {
        one["provision"]["data"][0]["reference"]["reference"]: one for one in of("Consent") if one["status"] == "active"
    }
    assert set(holders.values()) == {1}
    assert 0.3 < len(active) / PEOPLE < 0.8
    assert agreed.keys() == {name(one) for one in active}
    for one in active:
        assert one["period"]["start"] <= str(TODAY) <= one["period"]["end"]
        assert agreed[name(one)]["patient"] == one["patient"]
    assert not holders.keys() & {name(one) for one in of("Patient") if "deceasedDateTime" in one}


def test_contracts_of_a_resident_follow_each_other() -> None:
    by_resident = groupby(of("EpisodeOfCare"), key=lambda one: one["patient"]["reference"])
    terms = [[one["period"] for one in contracts] for _, contracts in by_resident]
    assert any(len(periods) == 2 for periods in terms)
    assert all(before["end"] < after["start"] for periods in terms for before, after in pairwise(periods))


@pytest.mark.req("SH-1.0b")
def test_a_childs_contract_is_signed_by_a_guardian() -> None:
    born = {name(one): date.fromisoformat(one["birthDate"]) for one in of("Patient")}
    guarded = 0
    for one in of("Consent"):
        patient, signatory = one["patient"]["reference"], one["performer"][0]["reference"]
        start = date.fromisoformat(one["provision"]["period"]["start"])
        child = policy.age(born[patient], start) < 18
        assert signatory.startswith("RelatedPerson/") if child else signatory == patient
        guarded += child
    assert guarded


def test_an_assessment_is_of_the_contract_of_its_day_and_signed_by_its_doctor() -> None:
    known = {name(one): one for one in REGION}
    assert len(of("Composition")) > PEOPLE / 20
    for report in of("Composition"):
        contract = known[report["event"][0]["detail"][0]["reference"]]
        assert contract["patient"] == report["subject"]
        assert contract["period"] == report["event"][0]["period"]
        assert contract["period"]["start"] <= report["date"][:10] <= contract["period"]["end"]
        [attester] = report["attester"]
        assert attester["party"] == known[contract["careManager"]["reference"]]["practitioner"]
        where = known[report["custodian"]["reference"]]["name"]
        assert report["title"] == f"虚构一区{where}健康评估报告"
        values = {code for one in entries(report, "basic-info", known) for code in loinc(one)}
        assert values == {"8302-2", "29463-7"}


def test_an_assessment_has_the_values_of_its_check_up_and_the_last_before_it_or_says_that_there_are_none() -> None:
    known = {name(one): one for one in REGION}
    without = 0
    for report in of("Composition"):
        values = entries(report, "physiological-indicators", known)
        now = [one for one in values if one["encounter"] == report["encounter"]]
        before = [one for one in values if one["encounter"] != report["encounter"]]
        assert {"39156-5", "8280-0", "85354-9", "14647-2", "14771-0", "1742-6"} <= {
            code for one in now for code in loinc(one)
        }
        assert all(one["effectiveDateTime"] < now[0]["effectiveDateTime"] for one in before)
        assert ("无历史数据" in section(report, "physiological-indicators")["text"]["div"]) == (not before)
        without += not before
    assert 0 < without < len(of("Composition"))


def test_an_assessment_follows_up_what_it_finds_too_high() -> None:
    plans = [section(report, "management-plan") for report in of("Composition")]
    followed = 0
    for plan in plans:
        parts = {one["code"]["coding"][0]["code"]: one["text"]["div"] for one in plan["section"]}
        assert ("偏高" in parts["main-problems"]) == ("abnormal-follow-up" in parts)
        followed += "abnormal-follow-up" in parts
    assert 0 < followed < len(plans)


def test_sections_have_the_titles_of_their_codes() -> None:
    system = next(one for one in package.resources("code-systems") if one["id"] == "health-assessment-section")
    titles = {node["code"]: node["display"] for node in nodes(system["concept"]) if "display" in node}
    for node in nodes([report["section"] for report in of("Composition")]):
        if "title" in node and isinstance(node["code"], dict):
            assert node["title"] == titles[node["code"]["coding"][0]["code"]]


def section(report: Resource, code: str) -> Resource:
    return next(one for one in report["section"] if one["code"]["coding"][0]["code"] == code)


def entries(report: Resource, code: str, known: dict[str, Resource]) -> list[Resource]:
    return [known[one["reference"]] for one in section(report, code)["entry"]]


def loinc(one: Resource) -> set[str]:
    coded = one.get("code", {}).get("coding", ())
    return {item["code"] for item in coded if item["system"] == "http://loinc.org"}


def test_nothing_happens_before_birth_or_after_today_or_death() -> None:
    lives = {name(one): (one["birthDate"], one.get("deceasedDateTime", str(TODAY))) for one in of("Patient")}
    for one in REGION:
        subject = one.get("subject", {}).get("reference", "")
        began = one.get("effectiveDateTime") or one.get("period", {}).get("start") or one.get("authoredOn")
        if subject in lives and began and one["resourceType"] != "Flag":
            born, last = lives[subject]
            assert born <= began[:10] <= last, name(one)


def test_some_are_in_hospital_now() -> None:
    stays = [one for one in resources(1, TODAY, 2000) if one["id"].startswith("stay-")]
    states = Counter(one["status"] for one in stays)
    assert states["in-progress"] > 0
    assert states["finished"] > 10 * states["in-progress"]
    assert len({identified(one, "urn:oid:2.16.156.10011.1.12") for one in stays}) == len(stays)


def test_transactions_are_small_and_refer_to_themselves_and_to_what_is_shared_before() -> None:
    shared: set[str] = set()
    seen: list[Resource] = []
    for batch in batches(1, TODAY, 1100):
        own = {name(one) for one in batch.resources}
        assert len(batch.resources) <= 500
        assert references(batch.resources) <= own | shared
        assert {entry["request"]["url"] for entry in bundle(batch)["entry"]} == own
        shared |= own if batch.shared else set()
        seen += batch.resources
    assert seen[: len(REGION)] == REGION


@given(st.integers(0, MOST // 1000 - 1))
def test_every_community_has_codes_of_its_own(number: int) -> None:
    where = place(number)
    assert where.village.isdigit()
    assert len(where.village) == 12
    assert where.village.startswith("99")
    assert place(max(0, number - 1)).village <= where.village


def test_numbers_are_written_as_in_chinese() -> None:
    assert [numeral(one) for one in (1, 10, 12, 20, 99)] == ["一", "十", "十二", "二十", "九十九"]

"""The reference data: printed numbers as printed, identifiers in form, teams and contracts that meet the rules."""

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

import profiles
from conformance.synthetic import institutions
from conformance.synthetic.identifiers import credit_code, health_record_no, resident_id
from conformance.synthetic.population import population, reference_bundles
from profiles import json, package, policy, validation, validator
from profiles.canonical import BASE, RESIDENT_ID, code_system, naming_system, structure
from profiles.json import Resource

TODAY = date(2026, 3, 1)
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31))
BUNDLES = reference_bundles(1, TODAY)
RESOURCES = [entry["resource"] for bundle in BUNDLES for entry in bundle["entry"]]
EXAMPLES = sorted(Path(profiles.__path__[0], "examples").glob("*.json"))


def of(resource_type: str) -> list[Resource]:
    return [one for one in RESOURCES if one["resourceType"] == resource_type]


def codes(concepts: list[Resource], system: str) -> set[str]:
    return {coding["code"] for one in concepts for coding in one["coding"] if coding["system"] == code_system(system)}


def checked_resident_id(value: str) -> bool:
    """ISO 7064 MOD 11-2 as the standard writes it: the weighted sum with the check character is 1 modulo 11."""
    weights = [pow(2, 17 - place, 11) for place in range(18)]
    digits = [10 if sign == "X" else int(sign) for sign in value]
    return len(value) == 18 and sum(map(int.__mul__, weights, digits)) % 11 == 1


def checked_credit_code(value: str) -> bool:
    """GB 32100: the weighted sum with the check character is 0 modulo 31; the organisation code inside, GB 11714."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    whole = sum(alphabet.index(sign) * pow(3, place, 31) for place, sign in enumerate(value[:17]))
    body, check = value[8:16], 10 if value[16] == "X" else int(value[16])
    inner = sum(weight * int(digit) for weight, digit in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True))
    return len(value) == 18 and (whole + alphabet.index(value[17])) % 31 == 0 and (inner + check) % 11 == 0


@pytest.mark.req("QJ-Annex")
def test_the_annex_is_kept_as_printed_with_its_own_inconsistency() -> None:
    rows, printed = institutions.annex(), institutions.printed_total()
    kinds = Counter(row.institution.endswith("社区卫生服务中心") for row in rows)
    assert (len(rows), kinds[True], kinds[False]) == (30, 6, 24)
    assert (sum(row.population for row in rows), sum(row.task for row in rows)) == (492_399, 192_039)
    assert (printed.population, printed.task) == (492_400, 192_036)
    for row in (*rows, printed):
        assert row.task == (row.population * Decimal("0.39")).quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.req("QJ-Annex")
def test_the_tasks_are_reported_by_institution_and_the_printed_total_apart() -> None:
    kinds = Counter(code for one in of("Organization") for code in codes(one["type"], "institution-kind"))
    assert kinds["community-health-centre"] == 6
    assert kinds["township-health-centre"] == 24
    reported = {one["reporter"]["reference"]: one["group"][0]["population"] for one in of("MeasureReport")}
    assert len(reported) == 31
    assert [part["count"] for part in reported["Organization/qj-health-commission"]] == [492_400, 192_036]
    assert [part["count"] for part in reported["Organization/qj-01"]] == [106_354, 41_478]


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["male", "female"]), st.integers(0, 499))
def test_resident_ids_have_their_check_character_and_tell_birth_and_sex(birth: date, gender: str, serial: int) -> None:
    value = resident_id(birth, gender, serial)
    assert checked_resident_id(value)
    assert value[6:14] == f"{birth:%Y%m%d}"
    assert int(value[16]) % 2 == (gender == "male")


@given(st.integers(0, 99_999_999))
def test_credit_codes_have_both_their_check_characters(serial: int) -> None:
    assert checked_credit_code(credit_code(serial))


def test_the_checks_of_this_test_know_published_numbers() -> None:
    assert checked_resident_id("11010519491231002X")
    assert not checked_resident_id("110105194912310021")
    assert len(health_record_no(1)) == 17


def test_identifiers_are_unique() -> None:
    for resource_type in ("Patient", "RelatedPerson", "Organization", "EpisodeOfCare", "Consent", "CareTeam"):
        named = [(one["system"], one["value"]) for each in of(resource_type) for one in each.get("identifier", ())]
        assert len(named) == len(set(named)), resource_type
    people = [
        one["value"]
        for each in (*of("Patient"), *of("RelatedPerson"))
        for one in each["identifier"]
        if one["system"] == RESIDENT_ID
    ]
    assert len(people) == len(set(people))
    assert all(map(checked_resident_id, people))


@settings(max_examples=30)
@given(DAYS, st.integers(0, 2**16))
def test_two_hundred_residents_most_of_them_contracted(today: date, seed: int) -> None:
    people = population(seed, today)
    assert [len(people.contracts), len(people.lapsed), len(people.uncontracted)] == [150, 25, 25]
    assert all(one.start <= today <= one.end - timedelta(days=30) for one in people.contracts)
    assert all(one.end < today for one in people.lapsed)
    assert all(one.start.month <= 6 for one in (*people.contracts, *people.lapsed))
    everybody = [one.resident for one in (*people.contracts, *people.lapsed)] + [*people.uncontracted]
    for resident in everybody:
        assert resident.band.youngest <= policy.age(resident.birth, today) <= resident.band.oldest
    assert {"弢", "珅"} <= {one.resident.name[-1] for one in people.contracts}
    bands = Counter(one.band.name for one in everybody)
    assert (bands["aged"], bands["disabled"], bands["child"], bands["maternal"]) == (16, 16, 8, 8)


def test_the_same_seed_and_day_make_the_same_data_under_the_same_ids() -> None:
    assert reference_bundles(1, TODAY) == BUNDLES
    other = [entry["request"]["url"] for bundle in reference_bundles(2, TODAY) for entry in bundle["entry"]]
    assert other == [entry["request"]["url"] for bundle in BUNDLES for entry in bundle["entry"]]


def test_bundles_are_small_transactions_of_puts_that_only_refer_back() -> None:
    known: set[str] = set()
    for bundle in BUNDLES:
        assert bundle["type"] == "transaction"
        assert len(bundle["entry"]) <= 200
        assert {entry["request"]["method"] for entry in bundle["entry"]} == {"PUT"}
        known |= {entry["request"]["url"] for entry in bundle["entry"]}
        assert set(references(bundle)) <= known


def references(value: object) -> list[str]:
    match value:
        case dict():
            own = [value["reference"]] if isinstance(value.get("reference"), str) else []
            return own + [found for one in value.values() for found in references(one)]
        case list():
            return [found for one in value for found in references(one)]
        case _:
            return []


@pytest.mark.req("NA-1.3b")
@pytest.mark.req("NA-1.3c")
@pytest.mark.parametrize("team", of("CareTeam"), ids=lambda team: team["id"])
def test_every_team_meets_the_composition_rules(team: Resource) -> None:
    pack = policy.load("demonstration")
    roles = [codes(one["role"], "team-role") for one in team["participant"]]
    for role, least in pack.team.min.items():
        assert sum(role in held for held in roles) >= least
    leaders = [held for held in roles if "team-leader" in held]
    assert len(leaders) == 1
    assert pack.team.leader.role in leaders[0]
    assert "subject" not in team


@pytest.mark.req("NA-1.2a")
def test_every_family_doctor_is_eligible() -> None:
    doctors = [one for one in of("PractitionerRole") if "family-doctor" in codes(one["code"], "team-role")]
    eligible = set(policy.load("demonstration").doctor.eligibility)
    assert len(doctors) == 3
    assert all(codes(one["code"], "fd-eligibility") & eligible for one in doctors)


@pytest.mark.req("NA-1.1b")
def test_every_contract_starts_under_a_licence() -> None:
    licences = {
        f"Organization/{one['id']}": identifier["period"]
        for one in of("Organization")
        for identifier in one.get("identifier", ())
        if identifier["system"] == naming_system("mi-licence")
    }
    for episode in of("EpisodeOfCare"):
        licence = licences[episode["managingOrganization"]["reference"]]
        assert licence["start"] <= episode["period"]["start"] <= licence["end"]


@pytest.mark.req("NA-2.3c")
@pytest.mark.req("NA-2.3d")
def test_every_contract_has_its_consent_and_its_agreement_of_one_year() -> None:
    consents = {one["provision"]["data"][0]["reference"]["reference"]: one for one in of("Consent")}
    agreements = {f"DocumentReference/{one['id']}" for one in of("DocumentReference")}
    assert len(consents) == len(of("EpisodeOfCare")) == 175
    for episode in of("EpisodeOfCare"):
        consent = consents[f"EpisodeOfCare/{episode['id']}"]
        start, end = (date.fromisoformat(episode["period"][edge]) for edge in ("start", "end"))
        assert end + timedelta(days=1) == start.replace(year=start.year + 1)
        assert (episode["status"] == "active") == (consent["status"] == "active")
        assert consent["patient"] == episode["patient"]
        assert consent["provision"]["period"] == episode["period"]
        assert consent["sourceReference"]["reference"] in agreements
        assert {extension["url"] for extension in episode["extension"]} == {
            structure("contract-sign-channel"),
            structure("governing-policy"),
        }


@pytest.mark.req("SH-1.0b")
def test_a_childs_contract_is_signed_by_a_guardian() -> None:
    guardians = {one["patient"]["reference"]: f"RelatedPerson/{one['id']}" for one in of("RelatedPerson")}
    children = {
        f"Patient/{one['id']}" for one in of("Patient") if policy.age(date.fromisoformat(one["birthDate"]), TODAY) < 18
    }
    signed = {one["patient"]["reference"]: one["performer"][0]["reference"] for one in of("Consent")}
    assert children & signed.keys() == guardians.keys()
    for patient, signatory in signed.items():
        assert signatory == guardians.get(patient, patient)


def test_every_code_of_ours_is_one_that_we_publish() -> None:
    published = {
        (system["url"], concept["code"])
        for system in package.resources("code-systems")
        for concept in system["concept"]
    }
    used = {coding for resource in RESOURCES for coding in codings(resource)}
    assert {coding for coding in used if coding[0].startswith(BASE)} <= published


def codings(value: object) -> list[tuple[str, str]]:
    match value:
        case {"system": str(system), "code": str(code)}:
            return [(system, code)]
        case dict():
            return [found for one in value.values() for found in codings(one)]
        case list():
            return [found for one in value for found in codings(one)]
        case _:
            return []


def test_every_resource_is_valid() -> None:
    for resource in RESOURCES:
        assert validator.check(resource) == [], resource["id"]
        get_fhir_model_class(resource["resourceType"]).model_validate_json(json.dumps(resource))


def test_every_resource_keeps_our_profiles_with_all_that_it_refers_to() -> None:
    known = {f"{one['resourceType']}/{one['id']}": one for one in RESOURCES}
    found = [(one["id"], issue) for one in RESOURCES for issue in validation.shipped().check(one, resolve=known.get)]
    assert [one for one in found if one[1].severity == "error"] == []


@pytest.mark.parametrize("bundle", BUNDLES, ids=range(len(BUNDLES)))
def test_every_transaction_keeps_our_profiles(bundle: Resource) -> None:
    assert [one for one in validation.shipped().check(bundle) if one.severity == "error"] == []


def test_every_flag_is_known_when_the_story_begins() -> None:
    assert len(of("Flag")) == 104
    assert {one["period"]["start"] for one in of("Flag")} == {"2025-12-01"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_of_the_model_is_valid(path: Path) -> None:
    resource = json.loads(path.read_bytes())
    assert validator.check(resource) == []
    get_fhir_model_class(resource["resourceType"]).model_validate_json(path.read_bytes())

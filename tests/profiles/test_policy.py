"""Policy packs: what each jurisdiction regulates, and when its timers are due (requirements §0, §6)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import package, policy
from profiles.policy import ZONE, PackError

PACKS = ("national", "shanghai", "jinshan", "guangxi", "qianjiang", "demonstration")
DISCHARGED = datetime(2025, 9, 10, 10, 0, tzinfo=ZONE)


def timer(code: str, pack: str = "jinshan") -> policy.Timer:
    return next(one for one in policy.load(pack).timers if one.code == code)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}+08:00")


@pytest.mark.parametrize(
    ("code", "trigger", "due"),
    [
        pytest.param("admission-push", "09-02T08:30:00", "09-03T08:30:00", marks=pytest.mark.req("JS-2.2.2(1)a")),
        pytest.param("inpatient-contact", "09-02T08:30:00", "09-05T23:59:59", marks=pytest.mark.req("JS-2.2.2(1)b")),
        pytest.param(
            "pre-admission-assessment", "09-01T09:00:00", "09-02T09:00:00", marks=pytest.mark.req("JS-2.1.2b")
        ),
        pytest.param("hospital-admission", "09-01T09:00:00", "09-04T23:59:59", marks=pytest.mark.req("JS-2.1.2c")),
        pytest.param("community-admission", "09-01T09:00:00", "09-03T23:59:59", marks=pytest.mark.req("JS-2.1.2a")),
        pytest.param("home-bed", "09-10T10:00:00", "09-15T23:59:59", marks=pytest.mark.req("JS-2.2.2(2)e")),
        pytest.param("post-visit-contact", "09-05T10:00:00", "09-08T23:59:59", marks=pytest.mark.req("JS-2.3.1")),
        pytest.param(
            "post-discharge-contact", "09-10T10:00:00", "09-13T23:59:59", marks=pytest.mark.req("JS-2.3.2(1)a")
        ),
        pytest.param(
            "post-discharge-home-visit", "09-10T10:00:00", "09-15T23:59:59", marks=pytest.mark.req("JS-2.3.2(2)")
        ),
    ],
)
def test_hours_are_exact_and_days_end_with_the_day(code: str, trigger: str, due: str) -> None:
    assert timer(code).due(at(trigger)) == at(due)
    assert timer(code).dues(at(trigger)) == (at(due),)


def test_the_day_of_a_trigger_is_that_of_shanghai() -> None:
    late = datetime(2025, 9, 9, 17, 0, tzinfo=UTC)  # 01:00 on the 10th in Shanghai
    due = timer("post-discharge-contact").due(late)
    assert due == at("09-13T23:59:59")
    assert due.isoformat() == "2025-09-13T23:59:59+08:00"


def test_a_trigger_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        timer("admission-push").due(datetime(2025, 9, 10))  # noqa: DTZ001 - the point


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_due_time_is_never_less_than_the_days_promised(moment: datetime) -> None:
    trigger = moment.replace(tzinfo=ZONE)
    for one in policy.load("jinshan").timers:
        amount = int("".join(filter(str.isdigit, one.after)))
        hours = amount if "H" in one.after else 24 * amount
        assert hours * 3600 <= (one.due(trigger) - trigger).total_seconds() + 1 <= hours * 3600 + 86_400


@pytest.mark.req("JS-2.3.2(3)")
@pytest.mark.parametrize(
    ("trigger", "dues"),
    [
        ("09-10T10:00:00", ["09-17", "09-24", "10-01", "10-08"]),
        ("01-31T10:00:00", ["02-07", "02-14", "02-21", "02-28"]),
        ("02-01T10:00:00", ["02-08", "02-15", "02-22", "03-01"]),
        ("12-01T10:00:00", ["12-08", "12-15", "12-22", "12-29"]),
    ],
)
def test_rounds_are_due_in_every_whole_week_of_the_month(trigger: str, dues: list[str]) -> None:
    assert timer("institution-round").dues(at(trigger)) == tuple(at(f"{day}T23:59:59") for day in dues)


@pytest.mark.req("JS-2.3.2(2)")
@pytest.mark.parametrize(
    ("birth", "flags", "applies"),
    [
        ("1945-09-10", [], True),  # 80 on the day
        ("1945-09-11", [], False),  # 79, tomorrow 80
        ("1945-09-11", ["elderly"], False),
        ("1965-09-10", ["disabled-elderly"], True),  # 60 on the day
        ("1965-09-11", ["disabled-elderly"], False),  # 59
        ("1965-09-10", [], False),
        ("1995-01-01", ["maternal"], True),
        ("2018-10-10", [], True),  # 6 years 11 months
        ("2018-09-11", [], True),  # 6, tomorrow 7
        ("2018-09-10", [], False),  # 7
        ("2025-09-10", [], True),  # born that day
        ("1985-01-01", ["hypertension", "diabetes"], False),
    ],
)
def test_who_is_visited_at_home_after_discharge(birth: str, flags: list[str], applies: bool) -> None:  # noqa: FBT001 - a table
    years = policy.age(date.fromisoformat(birth), DISCHARGED.date())
    assert timer("post-discharge-home-visit").applies(years, frozenset(flags)) is applies


def test_an_unknown_age_leaves_what_does_not_ask_for_one() -> None:
    visit = timer("post-discharge-home-visit")
    assert not visit.applies(None, frozenset({"disabled-elderly"}))
    assert visit.applies(None, frozenset({"maternal"}))
    assert timer("post-discharge-contact").applies(None, frozenset())


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        ("2000-02-29", "2001-02-28", 0),
        ("2000-02-29", "2001-03-01", 1),
        ("2000-02-29", "2004-02-29", 4),
        ("2000-12-31", "2001-01-01", 0),
        ("2000-01-01", "2000-01-01", 0),
    ],
)
def test_age_is_in_completed_years(birth: str, on: str, years: int) -> None:
    assert policy.age(date.fromisoformat(birth), date.fromisoformat(on)) == years


@pytest.mark.parametrize("name", PACKS)
def test_a_contract_finds_its_pack_by_what_it_carries(name: str) -> None:
    pack = policy.load(name)
    assert pack.canonical == f"https://fdgw.example.org/fhir/PlanDefinition/policy-pack-{name}|{pack.version}"
    assert policy.for_canonical(pack.canonical) is pack


@pytest.mark.parametrize(
    "canonical",
    [
        "",
        "https://fdgw.example.org/fhir/PlanDefinition/policy-pack-jinshan",
        "https://fdgw.example.org/fhir/PlanDefinition/policy-pack-jinshan|1999.1",
        "https://fdgw.example.org/fhir/PlanDefinition/policy-pack-atlantis|2025.1",
        "https://fdgw.example.org/fhir/PlanDefinition/policy-pack-../national|2018.1",
        "https://elsewhere.example.org/PlanDefinition/policy-pack-jinshan|2025.1",
    ],
)
def test_a_pack_that_we_do_not_have_is_an_error(canonical: str) -> None:
    with pytest.raises(PackError, match="No policy pack"):
        policy.for_canonical(canonical)


def test_what_a_paper_leaves_out_is_inherited() -> None:
    assert policy.load("jinshan").contract == policy.load("national").contract
    assert policy.load("jinshan").doctor.panel_limit == 2000
    assert policy.load("jinshan").team.min == {"family-doctor": 1, "nurse": 1}
    assert policy.load("shanghai").timers == ()


@pytest.mark.req("QJ-2.3.1b")
def test_what_a_paper_says_itself_wins() -> None:
    national, qianjiang = policy.load("national").contract, policy.load("qianjiang").contract
    assert (national.auto_renew, qianjiang.auto_renew) == (False, True)
    assert (national.term_months.max, qianjiang.term_months.max) == (12, 36)
    assert qianjiang.term_months.default == national.term_months.default == 12
    assert policy.load("guangxi").contract.party == ("team", "individual")


def test_the_demonstration_is_qianjiang_with_jinshans_times_for_a_stay() -> None:
    pack = policy.load("demonstration")
    assert pack.contract == policy.load("qianjiang").contract
    assert [one.code for one in pack.timers] == [
        "admission-push",
        "inpatient-contact",
        "post-discharge-contact",
        "post-discharge-home-visit",
    ]
    assert all(one in policy.load("jinshan").timers for one in pack.timers)


def test_timers_are_called_as_their_code_system_calls_them() -> None:
    [system] = [one for one in package.resources("code-systems") if one["id"] == "timer"]
    published = {one["code"]: (one["display"], one["designation"][0]["value"]) for one in system["concept"]}
    timers = policy.load("jinshan").timers
    assert len(timers) == 10
    assert {one.code: (one.title.zh, one.title.en) for one in timers}.items() <= published.items()


CHILD = 'id = "child"\nversion = "1"\nextends = "national"\ntitle = { zh = "子", en = "Child" }\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "contract = { max_active = 'one' }",
            r"child\.toml: Expected `int`, got `str` - at `\$\.contract\.max_active`",
        ),
        ("[contract]\nauto_renewal = true", r"child\.toml: .*unknown field `auto_renewal` - at `\$\.contract`"),
        ("[timers.x]\nafter = 'P3D'", r"child\.toml, timers\.x: .*missing required field"),
        (
            "timers.x = {after='3 days', trigger='discharge', owner='chc', req='X', title={zh='', en=''}}",
            r"child\.toml, timers\.x: .* - at `\$\.after`",
        ),
        ("[adopts]\njinshan = ['admission-push']", r"No policy pack jinshan\.toml"),
        ("[adopts]\nnational = ['admission-push']", r"child\.toml, adopts\.national: no timer admission-push there"),
        ("[contract", r"child\.toml: "),
    ],
)
def test_a_pack_that_breaks_the_schema_names_its_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    shipped = Path(policy.__file__).with_name("policies") / "national.toml"
    (tmp_path / "national.toml").write_bytes(shipped.read_bytes())
    (tmp_path / "child.toml").write_text(CHILD + text, encoding="utf-8")
    with pytest.raises(PackError, match=complaint):
        policy.load("child", tmp_path)


def test_a_pack_does_not_inherit_who_it_is(tmp_path: Path) -> None:
    shipped = Path(policy.__file__).with_name("policies") / "national.toml"
    (tmp_path / "national.toml").write_bytes(shipped.read_bytes())
    (tmp_path / "child.toml").write_text('id = "child"\nextends = "national"\n', encoding="utf-8")
    with pytest.raises(PackError, match="version"):
        policy.load("child", tmp_path)

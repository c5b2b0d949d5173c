"""The numbers are invented: region 990101 does not exist."""

import pytest

from profiles.canonical import HEALTH_RECORD_NO, RESIDENT_ID, naming_system
from tests.profiles.validating import found, keys, observation

USCC = naming_system("uscc")
GOOD = {RESIDENT_ID: "99010119491231001X", USCC: "91350100M000100Y43", HEALTH_RECORD_NO: "99010100100100001"}


def person(**more):
    """Of a type that no profile of ours is of."""
    return {"resourceType": "Person", **more}


@pytest.mark.parametrize(("system", "value"), GOOD.items())
def test_a_valid_number_has_no_issue(system, value):
    assert found(person(identifier=[{"system": system, "value": value}]), asked=()) == []


@pytest.mark.parametrize(
    ("system", "value", "zh", "en"),
    [
        (RESIDENT_ID, "9901011949123100", "长度", "length"),
        (RESIDENT_ID, "9901011949123100XX", "17 位数字", "17 digits"),
        (RESIDENT_ID, "01010119491231001X", "行政区划", "region"),
        (RESIDENT_ID, "99010119491331001X", "出生日期", "birth date"),
        (RESIDENT_ID, "990101194912310011", "校验码", "check character"),
        (RESIDENT_ID, "99010119491231001x", "大写 X", "capital X"),
        (RESIDENT_ID, " 99010119491231001X", "空格", "spaces"),
        (RESIDENT_ID, "990101********001X", "掩码", "masked"),
        (RESIDENT_ID, "110101491231001", "升为 18 位", "upgraded to 18"),
        (USCC, "91350100M000100Y4", "长度", "length"),
        (USCC, "91350100M000100Y44", "校验码", "check character"),
        (USCC, "9135O100M000100Y43", "大写字母", "capital letters"),
        (USCC, "91350100M****00Y43", "掩码", "masked"),
        (HEALTH_RECORD_NO, "9901010010010000", "长度", "length"),
        (HEALTH_RECORD_NO, "9901010010010000A", "数字", "digits"),
        (HEALTH_RECORD_NO, "00010100100100001", "行政区划", "region"),
        (HEALTH_RECORD_NO, "990101001001****1", "掩码", "masked"),
    ],
)
def test_the_part_that_is_wrong_is_named_and_the_number_is_not(system, value, zh, en):
    (issue,) = found(person(identifier=[{"system": system, "value": value}]), asked=())
    assert issue.severity == "error"
    assert issue.key.startswith("FD-IDENTIFIER-")
    assert issue.expression == "Person.identifier[0].value"
    assert zh in issue.zh
    assert en in issue.en
    assert value.strip() not in issue.zh + issue.en


def test_numbers_are_checked_wherever_they_stand():
    identifier = {"system": RESIDENT_ID, "value": "990101194912310011"}
    inside = person(id="p", identifier=[identifier])
    resource = observation(subject={"identifier": identifier}, focus=[{"reference": "#p"}], contained=[inside])
    assert set(keys(found(resource, asked=()))) == {
        ("FD-IDENTIFIER-RESIDENT", "Observation.contained[0].identifier[0].value"),
        ("FD-IDENTIFIER-RESIDENT", "Observation.subject.identifier.value"),
    }


def test_a_number_of_another_system_is_anything():
    assert found(person(identifier=[{"system": "http://example.org/no", "value": "1"}]), asked=()) == []
    assert found(person(identifier=[{"value": "1"}]), asked=()) == []
    assert found(person(identifier=[{"system": RESIDENT_ID}]), asked=()) == []

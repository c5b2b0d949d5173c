"""How alike two patients are, whatever is known of them. https://hl7.org/fhir/R4/patient-operation-match.html"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.operations import matching
from profiles.canonical import RESIDENT_ID
from tests.gateway.district import resident_id

pytestmark = pytest.mark.feature("Operations", "$match")

Resource = dict[str, Any]


def resident(number: str) -> Resource:
    return {"system": RESIDENT_ID, "value": number}


people = st.fixed_dictionaries(
    {},
    optional={
        "name": st.lists(st.sampled_from([{"text": "张三"}, {"text": "zhang san"}, {"text": "李四"}, {}]), max_size=2),
        "birthDate": st.sampled_from(["1949", "1949-01", "1949-01-02", "1949-02-01", "1950-03-04"]),
        "gender": st.sampled_from(["male", "female", "unknown"]),
        "telecom": st.lists(
            st.sampled_from([{"system": "phone", "value": "13800000001"}, {"system": "email", "value": "a@b"}, {}]),
            max_size=2,
        ),
        "identifier": st.lists(
            st.sampled_from([resident(resident_id(1)), resident(resident_id(3)), resident("1"), {}]), max_size=2
        ),
    },
)


@given(people, people)
def test_likeness_is_the_same_from_both_sides(one: Resource, other: Resource):
    there, back = matching.likeness(one, other), matching.likeness(other, one)
    assert there == back
    assert 0 <= there.score <= 1


@given(people, people)
def test_whoever_has_another_identity_number_is_never_a_match(one: Resource, other: Resource):
    if (
        matching.residents(one).isdisjoint(matching.residents(other))
        and matching.residents(one)
        and (matching.residents(other))
    ):
        assert matching.likeness(one, other).grade in {None, "certainly-not"}


def test_more_that_agrees_is_never_less_likely():
    facts = [("name", [{"text": "张三"}]), ("birthDate", "1949-01-02"), ("gender", "male")]
    facts += [("telecom", [{"system": "phone", "value": "13800000001"}]), ("identifier", [resident(resident_id(1))])]
    scores = [matching.likeness(dict(facts[:most]), dict(facts)).score for most in range(len(facts) + 1)]
    assert scores == sorted(scores)
    assert scores[-1] == 1.0


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("1949-01-02", "probable"),
        ("1949-02-01", "possible"),
        ("1949-01-12", "possible"),
        ("1949-01", "possible"),
        ("1949", None),
        ("1960-07-08", None),
    ],
)
def test_a_birth_date_nearly_right_says_something(written: str, grade: str | None):
    person = {"name": [{"text": "张三"}], "birthDate": "1949-01-02"}
    assert matching.likeness(person, person | {"birthDate": written}).grade == grade

"""The law of $diff: what a difference says, applied, makes the one resource of the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest import patching
from gateway.rest.operations.difference import difference
from profiles import json, validator

pytestmark = pytest.mark.feature("Operations", "$diff")

Resource = dict[str, Any]

texts = st.text("ab张", min_size=1, max_size=2)
extensions = st.lists(
    st.builds(lambda url, text: {"url": f"urn:{url}", "valueString": text}, texts, texts), min_size=1, max_size=2
)


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=1, max_size=4)


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Resource]:
    return st.fixed_dictionaries({}, optional=members).filter(bool)


def primitives(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Resource]:
    """A list of primitives, some with extensions, some with nothing else."""
    item = st.tuples(values, st.one_of(st.none(), st.builds(lambda said: {"extension": said}, extensions)))
    bare = st.tuples(st.none(), st.builds(lambda said: {"extension": said}, extensions))

    def written(pairs: list[tuple[Any, Any]]) -> Resource:
        said, sides = [one for one, _ in pairs], [side for _, side in pairs]
        found = {name: said if any(one is not None for one in said) else None}
        found[f"_{name}"] = sides if any(sides) else None
        return {member: content for member, content in found.items() if content}

    return lists(st.one_of(item, bare)).map(written)


def merged(*parts: st.SearchStrategy[Resource]) -> st.SearchStrategy[Resource]:
    either = [st.one_of(st.just({}), part) for part in parts]
    return st.tuples(*either).map(lambda found: {name: one for each in found for name, one in each.items()})


decimals = st.sampled_from([b"1", b"1.0", b"1.50", b"1.5", b"0.1e-3"]).map(json.loads)
periods = some(start=st.sampled_from(["2026", "2026-01"]), end=st.just("2027"))
names = merged(
    primitives("given", texts), some(family=texts, text=texts), st.builds(lambda one: {"period": one}, periods)
).filter(bool)
telecom = some(value=texts, rank=st.integers(1, 3), period=periods)
contacts = some(name=names, telecom=lists(telecom), gender=st.sampled_from(["male", "female"]))
narratives = st.builds(
    lambda text: {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}, texts
)
links = st.builds(
    lambda one, kind: {"other": {"reference": f"Patient/{one}"}, "type": kind},
    st.sampled_from("xyz"),
    st.sampled_from(["refer", "seealso"]),
)
values = st.one_of(
    st.builds(lambda one: {"valueQuantity": {"value": one, "unit": "kg"}}, decimals),
    st.builds(lambda one: {"valueString": one}, texts),
    st.builds(lambda one: {"_valueString": {"extension": one}}, extensions),
    st.builds(lambda one: {"valueCodeableConcept": {"text": one}}, texts),
)
observations = st.builds(
    lambda value, own, notes: {
        "resourceType": "Observation",
        "id": own,
        "status": "final",
        "code": {"text": "a"},
        **value,
        **notes,
    },
    values,
    st.sampled_from("xy"),
    some(
        note=lists(st.builds(lambda one: {"text": one}, texts)),
        component=lists(st.builds(lambda value, text: {"code": {"text": text}, **value}, values, texts)),
    ),
)
contained = st.one_of(
    observations,
    st.builds(lambda own: {"resourceType": "Basic", "id": own, "code": {"text": "a"}}, st.sampled_from("xy")),
)
patients = merged(
    some(
        text=narratives,
        contained=lists(contained),
        extension=extensions,
        name=lists(names),
        telecom=lists(telecom),
        contact=lists(contacts),
        link=lists(links),
        active=st.booleans(),
        gender=st.sampled_from(["male", "female"]),
        maritalStatus=st.builds(lambda one: {"text": one}, texts),
    ),
    st.one_of(
        st.builds(lambda one: {"deceasedBoolean": one}, st.booleans()),
        st.just({"deceasedDateTime": "2026"}),
        st.builds(lambda one: {"deceasedDateTime": "2026", "_deceasedDateTime": {"extension": one}}, extensions),
    ),
    some(birthDate=st.just("2000"), _birthDate=st.builds(lambda one: {"extension": one}, extensions)),
).map(lambda said: {"resourceType": "Patient", "id": "p", **said})


def exact(resource: Resource) -> bytes:
    """With decimals as they are written; the order of members says nothing."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: ordered(value[name]) for name in sorted(value)}
        return [ordered(one) for one in value] if isinstance(value, list) else value

    return json.dumps(ordered(resource))


@given(patients, patients)
def test_a_difference_makes_the_one_of_the_other(before: Resource, after: Resource):
    said = difference(before, after)
    assert validator.check(said) == []
    assert exact(patching.apply_parameters(before, said)) == exact(after)


@given(observations, observations)
def test_so_it_does_with_choices_and_decimals(before: Resource, after: Resource):
    after = after | {"id": before["id"]}
    assert exact(patching.apply_parameters(before, difference(before, after))) == exact(after)


@given(patients)
def test_nothing_is_different_from_itself(patient: Resource):
    assert difference(patient, json.loads(json.dumps(patient))) == {"resourceType": "Parameters"}

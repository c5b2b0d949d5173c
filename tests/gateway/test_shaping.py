"""What is left out leaves a valid resource, tagged as a part of one; and nothing is left out that was not said."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.rest import shaping
from gateway.rest.shaping import Shape, shape, shaped
from profiles import definitions
from profiles.json import dumps, loads
from profiles.validator import check

pytestmark = pytest.mark.feature("Interactions", "_summary, _elements, _pretty")

ROOT = Path(__file__).parents[2]
RESOURCES = [
    *loads((ROOT / "tests/profiles/valid.json").read_bytes()),
    *(loads(path.read_bytes()) for path in sorted((ROOT / "profiles/examples").glob("*.json"))),
]
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
PATIENT = next(one for one in RESOURCES if one.get("id") == "p-1.A")


def part(asked: Shape, resource: object = PATIENT, *, included: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = loads(shaped(dumps(resource), asked, included=included))
    return found


# Reading what is asked


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], Shape()),
        ([("name", "x"), ("_pretty", "true")], Shape(pretty=True)),
        ([("_summary", "text")], Shape("text")),
        ([("_summary", ""), ("_elements", ",")], Shape()),
        (
            [("_elements", "name, birthDate"), ("_elements", "name,Patient.photo")],
            Shape(elements=("name", "birthDate", "Patient.photo")),
        ),
        ([("_elements", "value,value[x],valueQuantity")], Shape(elements=("value", "value[x]", "valueQuantity"))),
        ([("_summary", "true"), ("_summary", "true"), ("_include", "Patient:link")], Shape("true")),
    ],
)
def test_the_shape_is_read_from_the_parameters(pairs: list[tuple[str, str]], expected: Shape):
    assert shape(pairs) == expected


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([("_summary", "short")], "_summary"),
        ([("_summary", "true"), ("_summary", "false")], "_summary"),
        ([("_summary", "true"), ("_elements", "name")], "_elements"),
        ([("_summary", "text"), ("_include", "Encounter:subject")], "_include"),
        ([("_summary", "text"), ("_revinclude:iterate", "Encounter:subject")], "_revinclude"),
        ([("_elements", "name.family")], "_elements"),
        ([("_elements", "Patient.name.family")], "_elements"),
        ([("_elements", "-name")], "_elements"),
        ([("_elements", "nmae")], "nmae"),
        ([("_elements", "Patient.status")], "status"),
        ([("_elements", "Patinet.name")], "Patinet"),
        ([("_pretty", "yes")], "_pretty"),
    ],
)
def test_what_cannot_be_is_refused_by_name(pairs: list[tuple[str, str]], named: str):
    with pytest.raises(BadRequest) as refused:
        shape(pairs)
    [issue] = refused.value.issues
    assert (refused.value.status, issue.key) == (400, "FD-SHAPE")
    assert named in issue.zh
    assert named in issue.en


# Laws


def shapes() -> st.SearchStrategy[Shape]:
    names = st.sampled_from(sorted({name for one in RESOURCES for name in one if name[0] != "_"}))
    of_elements = st.lists(names, min_size=1, max_size=4, unique=True)
    return st.sampled_from(["true", "text", "data"]).map(Shape) | of_elements.map(lambda some: Shape("false", (*some,)))


@given(st.sampled_from(RESOURCES), shapes(), st.data())
def test_a_part_is_valid_and_says_that_it_is_one(resource: dict[str, object], asked: Shape, data: st.DataObject):
    optional = sorted(set(resource) - {name for one in required(resource) for name in one})
    left_out = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    whole = {name: value for name, value in resource.items() if name not in left_out}
    found = part(asked, whole)
    assert set(found) - {"meta"} <= set(whole)
    assert [found.get(name) for name in ("resourceType", "id")] == [whole.get(name) for name in ("resourceType", "id")]
    before = whole.get("meta", {})
    assert isinstance(before, dict)
    assert found["meta"] == {**before, "tag": [*before.get("tag", []), SUBSETTED]}
    assert [issue for issue in check(found) if issue not in check(whole)] == []
    assert part(asked, found) == found


def required(resource: dict[str, object]) -> list[set[str]]:
    of_type = definitions.elements(str(resource["resourceType"]))
    return [{name for known in one.json_names for name in (known, f"_{known}")} for one in of_type if one.required] + [
        {"resourceType"}
    ]


@given(st.sampled_from(RESOURCES), st.sampled_from([Shape(), Shape("count"), Shape(pretty=True)]))
def test_what_is_not_asked_for_changes_nothing(resource: object, asked: Shape):
    content = dumps(resource)
    assert shaped(content, asked) is content
    assert shaping.bundled(content, asked) is content


# Which shape for what


def test_elements_of_another_type_cut_nothing():
    assert part(Shape("false", ("Encounter.class",))) == part(Shape())


def test_what_was_included_is_cut_only_by_its_own_name():
    assert part(Shape("false", ("name",)), included=True) == part(Shape())
    assert "generalPractitioner" not in part(Shape("false", ("status", "Patient.name")), included=True)
    assert "generalPractitioner" not in part(Shape("true"), included=True)


@pytest.mark.parametrize("number", ["1.50", "0.0", "1E+2", "100", "6.10", "-0.000001", "12345678901234567890.10"])
def test_numbers_keep_their_text(number: str):
    body = b'{"resourceType":"Observation","valueQuantity":{"value":%s},"status":"final"}' % number.encode()
    for asked in (Shape("true"), Shape("data"), Shape("false", ("value",))):
        assert b'{"value":%s}' % number.encode() in shaped(body, asked)
    assert b'"value": %s\n' % number.encode() in shaping.pretty(body)


def test_in_a_bundle_what_the_server_says_stays_whole():
    outcome = {"resource": {"resourceType": "OperationOutcome", "issue": []}, "search": {"mode": "outcome"}}
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "entry": [
            {"fullUrl": "urn:1", "resource": PATIENT, "search": {"mode": "match"}},
            {"fullUrl": "urn:2", "resource": PATIENT, "search": {"mode": "include"}},
            outcome,
            {"request": {"method": "DELETE", "url": "Patient/p1"}},
        ],
    }
    asked = Shape("false", ("name",))
    found = loads(shaping.bundled(dumps(bundle), asked))
    assert [entry.get("resource") for entry in found["entry"]] == [
        *(part(asked), part(Shape()), outcome["resource"], None),
    ]
    assert {**found, "entry": None} == {**bundle, "entry": None}


def test_pretty_is_the_same_in_lines():
    content = dumps(PATIENT)
    assert loads(shaping.pretty(content)) == loads(content)
    assert shaping.pretty(b'{"a":[1]}') == b'{\n  "a": [\n    1\n  ]\n}'

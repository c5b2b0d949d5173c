"""Against a second opinion, the engine of fhirpathpy where it speaks; and functions against their constraints."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import fhirpathpy
import pytest
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from hypothesis import given
from hypothesis import strategies as st

from profiles import fhirpath, json, package, structures, terminology
from profiles.json import Resource
from profiles.r4.issues import Faults
from profiles.structures import published
from profiles.validation import twins
from profiles.validation.resources import Resources
from profiles.validation.run import Inquiry, Run

FOLDER = Path(package.__file__).parent / "examples"
EXAMPLES = [json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]


def constraints(kind: str) -> list[Resource]:
    return structures.shipped().snapshot(kind)[0].get("constraint", [])


def opinion(resource: Resource, expression: str) -> bool | None:
    """None where the engine fails."""
    context = {"resource": resource, "rootResource": resource, "context": resource}
    parsed = fhirpathpy.parse(expression)
    focus = [ResourceNode(resource, resource["resourceType"])]
    try:
        found = fhirpathpy.apply_parsed_path(focus, parsed, context, models["r4"], {"returnRawData": True})
    except Exception:  # noqa: BLE001 - it raises whatever it runs into
        return None
    values = [getattr(one, "data", one) for one in found]
    return bool(values) and values != [False]


@pytest.mark.parametrize("resource", EXAMPLES, ids=lambda one: f"{one['resourceType']}-{one['id']}")
def test_constraints_of_resources_are_judged_as_by_fhirpathpy(resource):
    node = fhirpath.root(resource)
    world = fhirpath.World(node, node)
    for constraint in constraints(resource["resourceType"]):
        expected = opinion(resource, constraint["expression"])
        if expected is not None:
            assert fhirpath.compiled(constraint["expression"]).holds(node, world) is expected, constraint["key"]


def test_every_constraint_of_r4_compiles():
    hl7 = [url for url in published.urls() if url.startswith("http://hl7.org/fhir/")]
    every = {
        one["expression"]
        for url in hl7
        for element in structures.shipped().definition(url).get("differential", {}).get("element", ())
        for one in element.get("constraint", ())
        if "expression" in one
    }
    assert len(every) > 200
    for expression in every:
        fhirpath.compiled(expression)


# Twins

dates = st.sampled_from(
    [
        "2020",
        "2020-01",
        "2020-01-31",
        "2020-02-01",
        "2020-01-31T10:00:00+08:00",
        "2020-01-31T02:00:00Z",
        "2021-01-31T00:00:00Z",
    ]
)
metas = st.fixed_dictionaries(
    {},
    optional={
        "versionId": st.just("1"),
        "lastUpdated": st.just("2020-01-01T00:00:00Z"),
        "security": st.just([{"code": "x"}]),
    },
)
contained = st.lists(
    st.fixed_dictionaries(
        {"resourceType": st.just("Patient"), "id": st.sampled_from("abc")},
        optional={"meta": metas, "managingOrganization": st.just({"reference": "#"})},
    ),
    max_size=3,
)
references = st.fixed_dictionaries({}, optional={"reference": st.sampled_from(["#a", "#b", "#z", "Patient/1"])})
KINDS = {
    "per-1": ("Period", st.fixed_dictionaries({}, optional={"start": dates, "end": dates})),
    "qty-3": (
        "Quantity",
        st.fixed_dictionaries(
            {}, optional={"code": st.just("mg"), "system": st.just("http://a"), "value": st.just(Decimal(1))}
        ),
    ),
    "ref-1": ("Reference", references),
}
resources = st.fixed_dictionaries(
    {"resourceType": st.just("Observation")},
    optional={
        "contained": contained,
        "subject": references,
        "text": st.just({"div": "<div/>"}),
        "derivedFrom": st.lists(references, max_size=2),
    },
)


@cache
def engine() -> Resources:
    found = Resources(structures.shipped(), terminology.shipped())
    found.signs = {}
    return found


def run_of(resource: Resource) -> Run:
    return Run(Inquiry(engine(), lambda _: None), resource, (None, "Observation", -1, 0), Faults(1000))


@given(resources)
@pytest.mark.parametrize("key", ["dom-3", "dom-4", "dom-5", "dom-6"])
def test_twins_of_resources_say_what_their_expressions_say(key, resource):
    expression, holds = twins.TWINS[key]
    run = run_of(resource)
    assert bool(holds(resource, run)) is fhirpath.compiled(expression).holds(fhirpath.root(resource), run.world())


@given(st.data(), resources)
@pytest.mark.parametrize("key", sorted(KINDS))
def test_twins_of_data_types_say_what_their_expressions_say(key, data, resource):
    kind, values = KINDS[key]
    value = data.draw(values)
    expression, holds = twins.TWINS[key]
    run = run_of(resource)
    items = fhirpath.compiled(expression).items((value, kind, None), run.world())
    if items:
        assert bool(holds(value, run)) is items[0]
    else:
        assert holds(value, run), "what comes to nothing is let be: dates of different precision, no reference"


def test_twins_are_of_r4():
    every = {
        one["key"]: one["expression"]
        for kind in ("Patient", "Period", "Quantity", "Reference")
        for one in constraints(kind)
    }
    assert {key: twin.expression for key, twin in twins.TWINS.items()} == {key: every[key] for key in twins.TWINS}

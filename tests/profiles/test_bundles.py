"""A Bundle is found wrong as a whole: identity, links, what each type asks of its entries; each fault at its place."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.r4.issues import Issue
from profiles.validation.bundles import CONSTRAINTS, issues
from profiles.validation.wordings_bundles import WORDINGS

BASE = "https://example.org/fhir"
ONE = "urn:uuid:8f9c2c6e-5a6e-4b1a-9d5e-0123456789ab"
TWO = "urn:uuid:8f9c2c6e-5a6e-4b1a-9d5e-0123456789ac"


def entry(kind: str, identity: str, **members: Any) -> dict[str, Any]:
    return {"fullUrl": f"{BASE}/{kind}/{identity}", "resource": {"resourceType": kind, "id": identity, **members}}


def bundle(kind: str, *entries: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **members}


COMPOSITION = entry(
    "Composition",
    "c1",
    subject={"reference": "Patient/p1"},
    author=[{"reference": "#me"}],
    section=[{"section": [{"entry": [{"reference": f"{BASE}/Observation/o1"}]}]}],
)
DOCUMENT = bundle(
    "document",
    COMPOSITION,
    entry("Patient", "p1"),
    entry("Observation", "o1", performer=[{"reference": ONE}]),
    {"fullUrl": ONE, "resource": {"resourceType": "Practitioner"}},
    entry("Provenance", "v1", target=[{"reference": "Composition/c1"}]),
    identifier={"system": "urn:ietf:rfc:3986", "value": TWO},
    timestamp="2026-01-01T00:00:00Z",
)
MESSAGE = bundle(
    "message",
    entry("MessageHeader", "m1", eventUri="urn:example:event", focus=[{"reference": "Encounter/e1"}]),
    entry("Encounter", "e1"),
)
SEARCH = bundle(
    "searchset",
    entry("Patient", "p1") | {"search": {"mode": "match"}},
    entry("Organization", "o1") | {"search": {"mode": "include"}},
    {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}},
    total=1,
    link=[{"relation": "self", "url": f"{BASE}/Patient?name=x"}, {"relation": "next", "url": f"{BASE}?page=2"}],
)
HISTORY = bundle(
    "history",
    entry("Patient", "p1") | {"request": {"method": "POST", "url": "Patient/p1"}, "response": {"status": "201"}},
    {
        "fullUrl": f"{BASE}/Patient/p1",
        "request": {"method": "DELETE", "url": "Patient/p1"},
        "response": {"status": "204"},
    },
    total=2,
)
TRANSACTION = bundle(
    "transaction",
    {"fullUrl": ONE, "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
    {"resource": {"resourceType": "Patient", "id": "p1"}, "request": {"method": "PUT", "url": "Patient/p1"}},
    {"resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient?identifier=x|y"}},
    {"resource": {"resourceType": "Parameters"}, "request": {"method": "POST", "url": "Patient/p1/$merge"}},
    {"resource": {"resourceType": "Binary"}, "request": {"method": "PATCH", "url": "Patient/p2"}},
    {"request": {"method": "DELETE", "url": "/Patient/p3"}},
    {"request": {"method": "GET", "url": "Patient?name=x"}},
)
COLLECTION = bundle("collection", entry("Patient", "p1"), entry("Patient", "p2"))
RESPONSE = bundle("transaction-response", {"response": {"status": "200"}})


def found(resource: Any) -> list[str]:
    return sorted(f"{issue.key} {issue.expression}" for issue in issues(resource))


@pytest.mark.parametrize("resource", [DOCUMENT, MESSAGE, SEARCH, HISTORY, TRANSACTION, COLLECTION, RESPONSE])
def test_a_right_bundle_has_no_issue(resource: dict[str, Any]):
    assert found(resource) == []


def changed(resource: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with other values at dotted paths; None takes away."""
    copy = deepcopy(resource)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        at: Any = copy
        for step in steps:
            at = at[step]
        if value is None:
            del at[last]
        elif isinstance(at, list) and last == len(at):
            at.append(value)
        else:
            at[last] = value
    return copy


DELETE = {"request": {"method": "DELETE", "url": "Patient/p1"}}
CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (COLLECTION, {"total": 1}, "bdl-1 Bundle.total"),
    (COLLECTION, {"entry.0.search": {"mode": "match"}}, "bdl-2 Bundle.entry[0].search"),
    (COLLECTION, {"entry.0.request": {"method": "GET", "url": "Patient"}}, "bdl-3 Bundle.entry[0].request"),
    (TRANSACTION, {"entry.1.request": None}, "bdl-3 Bundle.entry[1].request"),
    (COLLECTION, {"entry.1.response": {"status": "200"}}, "bdl-4 Bundle.entry[1].response"),
    (HISTORY, {"entry.0.response": None}, "bdl-4 Bundle.entry[0].response"),
    (COLLECTION, {"entry.2": {"fullUrl": ONE}}, "bdl-5 Bundle.entry[2]"),
    (COLLECTION, {"entry.2": entry("Patient", "p1")}, "bdl-7 Bundle.entry[2].fullUrl"),
    (COLLECTION, {"entry.0.fullUrl": f"{BASE}/Patient/p1/_history/1"}, "bdl-8 Bundle.entry[0].fullUrl"),
    (DOCUMENT, {"identifier": None}, "bdl-9 Bundle.identifier"),
    (DOCUMENT, {"identifier.value": None}, "bdl-9 Bundle.identifier"),
    (DOCUMENT, {"timestamp": None}, "bdl-10 Bundle.timestamp"),
    (DOCUMENT, {"entry": [entry("Patient", "p1")]}, "bdl-11 Bundle.entry[0].resource"),
    (MESSAGE, {"entry.0": None}, "bdl-12 Bundle.entry[0].resource"),
    (DOCUMENT, {"entry": []}, "FD-BUNDLE-EMPTY Bundle.entry"),
    # fullUrl
    (COLLECTION, {"entry.0.fullUrl": None}, "FD-BUNDLE-FULLURL-REQUIRED Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.fullUrl": "Patient/p1"}, "FD-BUNDLE-FULLURL-ABSOLUTE Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.fullUrl": ONE + "X"}, "FD-BUNDLE-FULLURL-URN Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.fullUrl": "urn:oid:3.1"}, "FD-BUNDLE-FULLURL-URN Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.resource.id": "other"}, "FD-BUNDLE-FULLURL-ID Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.resource.id": None}, "FD-BUNDLE-FULLURL-ID Bundle.entry[0].fullUrl"),
    (COLLECTION, {"entry.0.resource.resourceType": "Person"}, "FD-BUNDLE-FULLURL-ID Bundle.entry[0].fullUrl"),
    # references
    (
        DOCUMENT,
        {
            "entry.0.resource.subject.reference": "Patient/nobody",
            "entry.2.resource.subject": {"reference": "Patient/p1"},
        },
        "FD-BUNDLE-UNRESOLVED Bundle.entry[0].resource.subject.reference",
    ),
    (
        DOCUMENT,
        {"entry.0.resource.section.0.section.0.entry.0.reference": f"{BASE}/Observation/o1/_history/2"}
        | {"entry.0.resource.custodian": {"reference": "Observation/o1"}},
        "FD-BUNDLE-VERSION Bundle.entry[0].resource.section[0].section[0].entry[0].reference",
    ),
    (DOCUMENT, {"entry.5": entry("Patient", "p9")}, "FD-BUNDLE-UNREACHABLE Bundle.entry[5]"),
    (
        DOCUMENT,
        {"entry.5": entry("Condition", "x", subject={"reference": "Patient/p1"})},
        "FD-BUNDLE-BACKWARD Bundle.entry[5]",
    ),
    (MESSAGE, {"entry.2": entry("Patient", "p9")}, "FD-BUNDLE-UNUSED Bundle.entry[2]"),
    (
        MESSAGE,
        {"entry.0.resource.focus.1": {"reference": "Encounter/e2"}},
        "FD-BUNDLE-UNRESOLVED Bundle.entry[0].resource.focus[1].reference",
    ),
    (
        COLLECTION,
        {"entry.0.resource.managingOrganization": {"reference": TWO}},
        "FD-BUNDLE-URN Bundle.entry[0].resource.managingOrganization.reference",
    ),
    # links and searches
    (SEARCH, {"link.1.relation": "self"}, "FD-BUNDLE-LINK-REPEATED Bundle.link[1].relation"),
    (COLLECTION, {"link": [{"relation": "next", "url": BASE}]}, "FD-BUNDLE-LINK-PAGING Bundle.link[0].relation"),
    (SEARCH, {"link.0": None}, "FD-BUNDLE-NO-SELF Bundle.link"),
    (SEARCH, {"entry.0.search": None}, "FD-BUNDLE-NO-MODE Bundle.entry.search.mode"),
    (SEARCH, {"entry.0.resource.id": None, "entry.0.fullUrl": ONE}, "FD-BUNDLE-NO-ID Bundle.entry[0].resource.id"),
    (SEARCH, {"entry.0.search.mode": "outcome"}, "FD-BUNDLE-OUTCOME Bundle.entry[0].resource"),
    (SEARCH, {"entry.1.search.mode": "match"}, "FD-BUNDLE-MATCH Bundle.entry[1].resource"),
    (
        SEARCH,
        {"link.0.url": f"{BASE}?_type=Patient,Person", "entry.1.search.mode": "match"},
        "FD-BUNDLE-MATCH Bundle.entry[1].resource",
    ),
    # requests
    (TRANSACTION, {"entry.0.request.url": "Patient/p7"}, "FD-BUNDLE-REQUEST-URL Bundle.entry[0].request.url"),
    (TRANSACTION, {"entry.0.request.url": "Nothing"}, "FD-BUNDLE-REQUEST-URL Bundle.entry[0].request.url"),
    (TRANSACTION, {"entry.1.request.url": "Patient"}, "FD-BUNDLE-REQUEST-URL Bundle.entry[1].request.url"),
    (TRANSACTION, {"entry.0.request.url": "Person"}, "FD-BUNDLE-REQUEST-TYPE Bundle.entry[0].request.url"),
    (TRANSACTION, {"entry.1.request.url": "Patient/p4"}, "FD-BUNDLE-REQUEST-TYPE Bundle.entry[1].request.url"),
    (TRANSACTION, {"entry.1.resource": None}, "FD-BUNDLE-REQUEST-RESOURCE Bundle.entry[1].resource"),
    (TRANSACTION, {"entry.7": DELETE}, "FD-BUNDLE-REQUEST-REPEATED Bundle.entry[7].request.url"),
]


@pytest.mark.parametrize(("resource", "changes", "expected"), CASES, ids=[case[2] for case in CASES])
def test_every_fault_is_found_at_its_place_and_no_other(
    resource: dict[str, Any], changes: dict[str, Any], expected: str
):
    assert found(changed(resource, changes)) == [expected]


def test_every_key_has_a_case_and_every_constraint_of_hl7_is_decided():
    keys = {case[2].partition(" ")[0] for case in CASES} | {"FD-BUNDLE-AMBIGUOUS"}
    assert keys == set(WORDINGS)
    assert {key for key in WORDINGS if key.startswith("bdl-")} == CONSTRAINTS


def test_a_version_is_matched_by_the_version_of_the_resource():
    versions = [entry("Observation", "o1", meta={"versionId": number}) for number in "12"]
    document = changed(DOCUMENT, {"entry.2": versions[0], "entry.3": versions[1]})
    specific = "entry.0.resource.section.0.section.0.entry.0.reference"
    assert found(document) == [
        "FD-BUNDLE-AMBIGUOUS Bundle.entry[0].resource.section[0].section[0].entry[0].reference",
        "FD-BUNDLE-UNREACHABLE Bundle.entry[3]",
    ]
    both = {"entry.0.resource.section.0.section.0.entry.1": {"reference": "Observation/o1/_history/1"}}
    assert found(changed(document, {specific: f"{BASE}/Observation/o1/_history/2"} | both)) == []


def test_a_relative_reference_is_resolved_by_the_base_of_its_own_entry():
    moved = changed(DOCUMENT, {"entry.0.fullUrl": "https://other.example.org/Composition/c1"})
    assert "FD-BUNDLE-UNRESOLVED Bundle.entry[0].resource.subject.reference" in found(moved)
    nameless = changed(DOCUMENT, {"entry.0.fullUrl": TWO, "entry.4.resource.target.0.reference": TWO})
    assert "FD-BUNDLE-UNRESOLVED Bundle.entry[0].resource.subject.reference" in found(nameless)


def test_what_may_be_meant_is_a_warning():
    severities = {key: wording.severity for key, wording in WORDINGS.items()}
    assert {key for key, severity in severities.items() if severity == "warning"} == {
        "FD-BUNDLE-URN",
        "FD-BUNDLE-BACKWARD",
        "FD-BUNDLE-UNUSED",
        "FD-BUNDLE-NO-SELF",
        "FD-BUNDLE-NO-MODE",
    }


def test_no_value_of_the_bundle_is_in_the_words():
    secret = changed(DOCUMENT, {"entry.0.resource.subject.reference": "Patient/secret", "entry.1.fullUrl": "secret"})
    assert all("secret" not in issue.zh + issue.en for issue in issues(secret))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([ONE, "Patient/p1", "document"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "entry", "resource", "fullUrl", "request", "search", "link", "meta", "subject", "url"]
            )
            | st.sampled_from(["reference", "section", "focus", "method", "relation", "mode", "id", "identifier"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([DOCUMENT, MESSAGE, SEARCH, TRANSACTION]),
    st.dictionaries(st.sampled_from(["entry", "link", "identifier"]), JSON),
)
def test_a_bundle_of_any_shape_raises_nothing(resource: dict[str, Any], members: dict[str, Any]):
    assert all(isinstance(one, Issue) for one in issues(resource | members))


@given(
    st.sampled_from([DOCUMENT, MESSAGE, SEARCH, TRANSACTION]),
    JSON,
    st.sampled_from(["fullUrl", "resource", "request", "search"]),
)
def test_an_entry_of_any_shape_raises_nothing(resource: dict[str, Any], value: Any, member: str):
    assert all(isinstance(one, Issue) for one in issues(changed(resource, {f"entry.0.{member}": value or 0})))


def test_deep_nesting_raises_nothing():
    deep: Any = {"reference": ONE}
    for _ in range(5000):
        deep = {"a": [deep]}
    assert [issue.key for issue in issues(bundle("collection", entry("Basic", "b1", code=deep)))] == ["FD-BUNDLE-URN"]

"""`_include` and `_revinclude`: what comes along, in whole and once. https://hl7.org/fhir/R4/search.html#include"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, coding, get, link, observation, of, pages, patient, refused, store, to

pytestmark = pytest.mark.feature("Search", "_include, _revinclude, :iterate")


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    gone = {"resourceType": "Practitioner", "id": "gone"}
    store(
        gateway,
        {"resourceType": "Organization", "id": "top", "name": "示例"},
        {"resourceType": "Organization", "id": "middle", "name": "示例", "partOf": to("Organization/top")},
        {"resourceType": "Organization", "id": "low", "name": "示例", "partOf": to("Organization/middle")},
        {"resourceType": "Organization", "id": "ring1", "name": "示例"},
        {"resourceType": "Organization", "id": "ring2", "name": "示例", "partOf": to("Organization/ring1")},
        patient("a", managingOrganization=to("Organization/low")),
        patient("b", managingOrganization=to("Organization/ring1")),
        {"resourceType": "Practitioner", "id": "doctor"},
        gone,
        {"resourceType": "Group", "id": "g", "type": "person", "actual": True},
        observation("o1", subject=to("Patient/a"), performer=[to("Practitioner/doctor")], code=coding("urn:a", "x")),
        observation("o2", subject=to("Patient/a/_history/1"), hasMember=[to("Observation/o1")]),
        observation("o3", subject=to("Patient/b"), derivedFrom=[to("Observation/o2")]),
        observation("o4", subject=to("Group/g"), performer=[to("Patient/b"), to("http://elsewhere.example/Patient/a")]),
        observation("o5"),
        {
            "resourceType": "Provenance",
            "id": "p",
            "target": [to("Observation/o1"), to("Patient/a")],
            "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"who": to("Practitioner/doctor")}],
        },
    )
    store(gateway, {"resourceType": "Organization", "id": "ring1", "name": "示例", "partOf": to("Organization/ring2")})
    gateway.client.delete("/Practitioner/gone").raise_for_status()
    return gateway


@pytest.mark.parametrize(
    ("query", "included"),
    [
        ("Observation?_id=o1&_include=Observation:subject", {"a"}),
        ("Observation?_id=o1&_include=Observation:patient", {"a"}),
        ("Observation?_id=o2&_include=Observation:subject", {"a"}),
        ("Observation?_id=o1,o2,o4&_include=Observation:subject", {"a", "g"}),
        ("Observation?_id=o1,o2,o4&_include=Observation:subject:Group", {"g"}),
        ("Observation?_id=o4&_include=Observation:performer:Patient", {"b"}),
        ("Observation?_id=o5&_include=Observation:subject", set()),
        ("Observation?_id=o1&_include=Observation:subject&_include=Observation:performer", {"a", "doctor"}),
        ("Observation?_id=o1&_include=Observation:*", {"a", "doctor"}),
        ("Observation?_id=o1&_include=*", {"a", "doctor"}),
        ("Observation?_id=o2&_include=Observation:has-member", {"o1"}),
        ("Observation?_id=o1,o2&_include=Observation:has-member", set()),
        ("Observation?_id=o1&_include=Patient:organization", set()),
        ("Observation?_id=o1&_include=Observation:subject&_include=Patient:organization", {"a"}),
        ("Observation?_id=o1&_include=Observation:subject&_include:iterate=Patient:organization", {"a", "low"}),
        ("Observation?_id=o1&_include=Observation:subject&_include:recurse=Patient:organization", {"a", "low"}),
        (
            (
                "Observation?_id=o1&_include=Observation:subject&_include:iterate=Patient:organization"
                "&_include:iterate=Organization:partof"
            ),
            {"a", "low", "middle", "top"},
        ),
        ("Organization?_id=ring1&_include:iterate=Organization:partof", {"ring2"}),
        ("Organization?_id=low&_include=Organization:partof", {"middle"}),
        ("Organization?_id=low&_include:iterate=Organization:partof", {"middle", "top"}),
        ("Observation?_id=o3&_include:iterate=Observation:*", {"b", "o2", "o1", "a", "doctor"}),
        ("Patient?_id=a&_revinclude=Observation:subject", {"o1", "o2"}),
        ("Patient?_id=a,b&_revinclude=Observation:subject", {"o1", "o2", "o3"}),
        ("Patient?_id=a&_revinclude=Provenance:target", {"p"}),
        ("Patient?_id=a&_revinclude=*", {"o1", "o2", "p"}),
        ("Patient?_id=a&_revinclude=Observation:*", {"o1", "o2"}),
        ("Patient?_id=a&_revinclude=Observation:subject:Patient", {"o1", "o2"}),
        ("Patient?_id=a&_revinclude=Observation:subject:Group", set()),
        (
            "Patient?_id=a&_revinclude=Observation:subject&_revinclude:iterate=Observation:derived-from",
            {"o1", "o2", "o3"},
        ),
        ("Organization?_id=top&_revinclude:iterate=Organization:partof", {"middle", "low"}),
        (
            "Organization?_id=top&_revinclude:iterate=Organization:partof&_revinclude:iterate=Patient:organization",
            {"middle", "low", "a"},
        ),
        (
            "Patient?_id=a&_revinclude=Observation:subject&_include:iterate=Observation:performer",
            {"o1", "o2", "doctor"},
        ),
        ("Patient?_id=none&_revinclude=Observation:subject", set()),
        ("Patient?_id=a&_revinclude=Observation:subject&_count=0", set()),
    ],
)
def test_what_comes_along(loaded: Gateway, query: str, included: set[str]) -> None:
    body = get(loaded.client, query)
    found = of(body, "include")
    assert sorted(found) == sorted(included)
    assert not set(found) & set(of(body))
    assert len(body.get("entry", [])) == len(found) + len(of(body))


@pytest.mark.parametrize(
    "query",
    [
        "Observation?_include=Observation",
        "Observation?_include=Observation:",
        "Observation?_include=Observation:code",
        "Observation?_include=Observation:nonsense",
        "Observation?_include=Nonsense:subject",
        "Observation?_include=Observation:subject:Nonsense",
        "Observation?_include=Observation:subject:Patient:more",
        "Observation?_include:sometimes=Observation:subject",
        "Patient?_revinclude=Observation",
        "Patient?_revinclude=subject",
    ],
)
def test_an_include_that_means_nothing_is_refused(loaded: Gateway, query: str) -> None:
    assert refused(loaded.client, query) == "FD-SEARCH-INCLUDE"


def test_every_page_brings_what_belongs_to_its_matches(loaded: Gateway) -> None:
    brought = [
        (of(page), set(of(page, "include")))
        for page in pages(loaded.client, "Observation?_id=o1,o3,o4&_sort=_id&_count=1&_include=Observation:subject")
    ]
    assert brought == [(["o1"], {"a"}), (["o3"], {"b"}), (["o4"], {"g"})]


def test_the_total_counts_matches_only(loaded: Gateway) -> None:
    body = get(loaded.client, "Patient?_id=a&_revinclude=Observation:subject&_total=accurate")
    assert body["total"] == 1
    assert len(body["entry"]) == 3


def test_more_than_a_page_holds_is_said_and_goes_on(loaded: Gateway) -> None:
    many = [observation(f"many-{number}", subject=to("Patient/b"), status="amended") for number in range(1100)]
    store(loaded, *many)
    query = "Patient?_id=a,b&_sort=_id&_count=1&_revinclude=Observation:subject"
    bundles: list[Json] = list(pages(loaded.client, query))
    assert [of(one) for one in bundles] == [["a"], ["b"], []]
    assert [len(of(one, "include")) for one in bundles] == [2, 1000, 101]
    told = [[issue["details"]["coding"][0]["code"] for issue in issues(one)] for one in bundles]
    assert told == [[], ["FD-INCLUDE-CUT"], []]
    brought = [own for one in bundles[1:] for own in of(one, "include")]
    assert sorted(brought) == sorted(["o3", *(one["id"] for one in many)])
    assert link(bundles[2], "next") is None


def issues(bundle: Json) -> list[Json]:
    outcomes = [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "outcome"]
    return [issue for outcome in outcomes for issue in outcome["issue"]]

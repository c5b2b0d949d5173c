"""Search parameters of type reference, with every modifier. https://hl7.org/fhir/R4/search.html#reference"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, ids, observation, patient, refused, store, to

pytestmark = pytest.mark.feature("Search", "reference, all modifiers")

OWN = "{own}"
CANONICAL = "http://example.org/fhir/Questionnaire/intake"


def response(own: str, questionnaire: str) -> Json:
    return {"resourceType": "QuestionnaireResponse", "id": own, "status": "completed", "questionnaire": questionnaire}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    logical = {"identifier": {"system": "urn:i", "value": "7|8"}, "type": "Patient"}
    store(
        gateway,
        patient("a"),
        patient("b"),
        {"resourceType": "Group", "id": "a", "type": "person", "actual": True},
        {"resourceType": "Practitioner", "id": "a"},
        observation("by-id", subject=to("Patient/a"), performer=[to("Practitioner/a")]),
        observation("group", subject=to("Group/a")),
        observation("versioned", subject=to("Patient/a/_history/1")),
        observation("foreign", subject=to("http://elsewhere.example/fhir/Patient/a")),
        observation("own", subject=to(f"{gateway.base}/Patient/b")),
        observation("logical", subject=logical),
        observation("none"),
        observation("contained", contained=[patient("c")], subject=to("#c")),
        response("q1", f"{CANONICAL}|1.0"),
        response("q2", f"{CANONICAL}|2.0"),
        response("q3", CANONICAL),
        response("q4", f"{CANONICAL}-2"),
        {"resourceType": "Task", "id": "t", "status": "draft", "intent": "order", "focus": to("Observation/by-id")},
        {
            "resourceType": "Library",
            "id": "l",
            "status": "draft",
            "type": {"text": "示例"},
            "relatedArtifact": [{"type": "depends-on", "resource": "http://example.org/Library/x|1"}],
        },
    )
    return gateway


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?subject=a", {"by-id", "group", "versioned"}),
        ("Observation?subject=Patient/a", {"by-id", "versioned"}),
        ("Observation?subject=Group/a", {"group"}),
        ("Observation?subject=Patient/a/_history/1", {"by-id", "versioned"}),
        (f"Observation?subject={OWN}/Patient/a", {"by-id", "versioned"}),
        (f"Observation?subject={OWN}/Patient/b", {"own"}),
        ("Observation?subject=Patient/b", {"own"}),
        ("Observation?subject=http://elsewhere.example/fhir/Patient/a", {"foreign"}),
        ("Observation?subject=http://nowhere.example/fhir/Patient/a", set()),
        ("Observation?subject:Patient=a", {"by-id", "versioned"}),
        ("Observation?subject:Group=a", {"group"}),
        ("Observation?subject:Patient=Patient/a", {"by-id", "versioned"}),
        ("Observation?subject:Patient=Group/a", set()),
        ("Observation?patient=a", {"by-id", "versioned"}),
        ("Observation?patient=Group/a", set()),
        ("Observation?subject=Patient/a,Group/a", {"by-id", "versioned", "group"}),
        ("Observation?subject=a&performer=Practitioner/a", {"by-id"}),
        ("Observation?subject:identifier=urn:i|7\\|8", {"logical"}),
        ("Observation?subject:identifier=7\\|8", {"logical"}),
        ("Observation?subject:identifier=urn:j|7\\|8", set()),
        ("Observation?subject:missing=true", {"none"}),
        (
            "Observation?subject:missing=false",
            {"by-id", "group", "versioned", "foreign", "own", "logical", "contained"},
        ),
        ("Observation?subject=c", set()),
        ("Observation?subject=%23c", set()),
        (f"QuestionnaireResponse?questionnaire={CANONICAL}", {"q1", "q2", "q3"}),
        (f"QuestionnaireResponse?questionnaire={CANONICAL}|2.0", {"q2"}),
        (f"QuestionnaireResponse?questionnaire={CANONICAL}\\|2.0", {"q2"}),
        ("Library?depends-on=http://example.org/Library/x", {"l"}),
        ("Task?focus=Observation/by-id", {"t"}),
        ("Task?focus=by-id", {"t"}),
        ("Task?focus:Observation=by-id", {"t"}),
        ("Task?focus:Patient=by-id", set()),
    ],
)
def test_what_a_reference_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query.replace(OWN, loaded.base))) == expected


@pytest.mark.parametrize(
    "query", ["Observation?subject:Practitioner=a", "Observation?subject:exact=a", "Task?focus:Nonsense=a"]
)
def test_a_type_that_it_cannot_refer_to_is_refused(loaded: Gateway, query: str) -> None:
    assert refused(loaded.client, query) == "FD-SEARCH-MODIFIER"

"""Search parameters of type number, quantity, date, composite and special. https://hl7.org/fhir/R4/search.html#ptypes"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import LOINC, UCUM, Json, coding, ids, observation, patient, refused, store, to


def ucum(value: float, code: str, **more: object) -> Json:
    return {"value": value, "unit": code, "system": UCUM, "code": code, **more}


def pressure(own: str, systolic: float, diastolic: float) -> Json:
    parts = [("8480-6", systolic), ("8462-4", diastolic)]
    return observation(
        own,
        code=coding(LOINC, "85354-9"),
        component=[{"code": coding(LOINC, code), "valueQuantity": ucum(value, "mm[Hg]")} for code, value in parts],
    )


def document(own: str, *related: tuple[str, str], **context: object) -> Json:
    return {
        "resourceType": "DocumentReference",
        "id": own,
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain"}}],
        **({"relatesTo": [{"code": code, "target": to(target)} for code, target in related]} if related else {}),
    } | context


def risk(own: str, **more: object) -> Json:
    return {"resourceType": "RiskAssessment", "id": own, "status": "final", "subject": to("Patient/p"), **more}


def place(own: str, latitude: float, longitude: float) -> Json:
    return {"resourceType": "Location", "id": own, "position": {"latitude": latitude, "longitude": longitude}}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    mass = coding(LOINC, "29463-7")
    jurisdiction = {"code": {"system": "urn:c", "code": "venue"}, "valueCodeableConcept": coding("urn:v", "home")}
    age = {"code": {"system": "urn:c", "code": "age"}, "valueRange": {"low": ucum(60, "a"), "high": ucum(80, "a")}}
    store(
        gateway,
        patient("p"),
        risk("r1", prediction=[{"probabilityDecimal": 0.1}]),
        risk("r2", prediction=[{"probabilityDecimal": 0.8}, {"probabilityDecimal": 0.2}]),
        risk("r3"),
        observation("kg", code=mass, valueQuantity=ucum(72.5, "kg"), effectiveDateTime="2026-03-01"),
        observation("g", code=mass, valueQuantity=ucum(72500, "g"), effectiveInstant="2026-03-02T00:30:00+08:00"),
        observation("lb", code=mass, valueQuantity={"value": 72.5, "unit": "磅"}),
        observation("less", code=mass, valueQuantity=ucum(5, "kg", comparator="<")),
        observation("other", code=coding(LOINC, "8302-2"), valueQuantity=ucum(72.5, "cm")),
        observation("word", code=coding("urn:q", "w"), valueString="阳性 Positive"),
        observation("concept", code=coding("urn:q", "c"), valueCodeableConcept=coding("urn:v", "yes")),
        observation("period", code=coding("urn:q", "p"), valuePeriod={"start": "2026-01-01", "end": "2026-01-31"}),
        observation("span", effectivePeriod={"start": "2026-02-20"}),
        observation("when", effectiveTiming={"event": ["2020-01-01"]}),
        pressure("high", 160, 70),
        pressure("low", 90, 60),
        document("d1"),
        document("d2", ("replaces", "DocumentReference/d1"), ("appends", "DocumentReference/d3")),
        document("d3", ("appends", "DocumentReference/d1")),
        {"resourceType": "PlanDefinition", "id": "pd1", "status": "draft", "useContext": [jurisdiction, age]},
        {"resourceType": "PlanDefinition", "id": "pd2", "status": "draft", "useContext": [age]},
        place("bund", 31.2400, 121.4900),
        place("airport", 31.1443, 121.8083),
        place("fiji", -17.8, 179.99),
    )
    return gateway


MASS = f"Observation?code-value-quantity={LOINC}|29463-7"


@pytest.mark.feature("Search", "number, quantity, date, composite, special")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("RiskAssessment?probability=0.1", {"r1"}),
        ("RiskAssessment?probability=gt0.1", {"r2"}),
        ("RiskAssessment?probability=ge0.1&probability=lt0.5", {"r1", "r2"}),
        ("RiskAssessment?probability=ne0.1", {"r2"}),
        ("RiskAssessment?probability=0.1,0.8", {"r1", "r2"}),
        ("RiskAssessment?probability:missing=true", {"r3"}),
        ("Observation?value-quantity=72.5", {"kg", "lb", "other"}),
        (f"Observation?value-quantity=72.5|{UCUM}|kg", {"kg", "g"}),
        (f"Observation?value-quantity=72500|{UCUM}|g", {"kg", "g"}),
        (f"Observation?value-quantity=gt72|{UCUM}|kg", {"kg", "g"}),
        (f"Observation?value-quantity=lt5|{UCUM}|kg", {"less"}),
        ("Observation?value-quantity=72.5||kg", {"kg"}),
        ("Observation?value-quantity=72.5||磅", {"lb"}),
        (f"Observation?value-quantity=72.5|{UCUM}|kg,72.5|{UCUM}|cm", {"kg", "g", "other"}),
        (f"{MASS}$72.5|{UCUM}|kg", {"kg", "g"}),
        (f"{MASS}$gt70", {"kg", "g", "lb"}),
        (f"Observation?code-value-quantity=29463-7$lt70|{UCUM}|kg", {"less"}),
        (f"Observation?code-value-quantity={LOINC}|8302-2$72.5|{UCUM}|kg", set()),
        (f"Observation?code-value-quantity={LOINC}|8302-2$72.5,{LOINC}|29463-7$72.5", {"kg", "lb", "other"}),
        ("Observation?code-value-string=urn:q|w$阳性", {"word"}),
        ("Observation?code-value-string=w$posi", set()),
        ("Observation?code-value-concept=urn:q|c$urn:v|yes", {"concept"}),
        ("Observation?code-value-concept=c$yes", {"concept"}),
        ("Observation?code-value-concept=c$urn:w|yes", set()),
        ("Observation?code-value-date=urn:q|p$ge2026-01-15", {"period"}),
        ("Observation?component-code-value-quantity=8480-6$gt150", {"high"}),
        ("Observation?component-code-value-quantity=8462-4$gt150", set()),
        (f"Observation?component-code-value-quantity={LOINC}|8480-6$gt15|{UCUM}|kPa", {"high"}),
        ("Observation?combo-code-value-quantity=8480-6$lt100", {"low"}),
        (f"Observation?combo-code-value-quantity={LOINC}|29463-7$72.5|{UCUM}|kg", {"kg", "g"}),
        ("Observation?combo-code=8480-6", {"high", "low"}),
        ("Observation?component-code-value-quantity:missing=false", {"high", "low"}),
        ("DocumentReference?relationship=DocumentReference/d1$replaces", {"d2"}),
        ("DocumentReference?relationship=DocumentReference/d1$appends", {"d3"}),
        ("DocumentReference?relationship=DocumentReference/d3$replaces", set()),
        ("DocumentReference?relatesto=DocumentReference/d1", {"d2", "d3"}),
        ("DocumentReference?relation=appends", {"d2", "d3"}),
        ("PlanDefinition?context-type-value=urn:c|venue$urn:v|home", {"pd1"}),
        ("PlanDefinition?context-type-value=venue$home", {"pd1"}),
        ("PlanDefinition?context-type-value=age$home", set()),
        (f"PlanDefinition?context-type-quantity=age$gt79|{UCUM}|a", {"pd1", "pd2"}),
        ("PlanDefinition?context-type-quantity=age$gt81", set()),
        ("Observation?date=2026-03-01", {"kg"}),
        ("Observation?date=2026-03-01T16:30:00Z", {"g"}),
        ("Observation?date=ge2026-03-02", {"g", "span"}),
        ("Observation?date=lt2021", {"when"}),
        ("Observation?date=sa2026-02-10", {"kg", "g", "span"}),
        ("Observation?date=eb2026,ge2026-03-02", {"g", "span", "when"}),
        ("Location?near=31.24|121.49", {"bund"}),
        ("Location?near=31.24|121.49|40|km", {"bund", "airport"}),
        ("Location?near=31.24|121.49|100|m", {"bund"}),
        ("Location?near=-17.8|-179.99|5|km", {"fiji"}),
        ("Location?near:missing=true", set()),
    ],
)
def test_what_a_value_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, query)) == expected


@pytest.mark.feature("Search", "number, quantity, date, composite, special")
@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("RiskAssessment?probability=high", "FD-SEARCH-NUMBER"),
        ("RiskAssessment?probability:exact=1", "FD-SEARCH-MODIFIER"),
        ("Observation?value-quantity=5|kg", "FD-SEARCH-QUANTITY"),
        ("Observation?code-value-quantity=29463-7", "FD-SEARCH-COMPOSITE"),
        ("Observation?code-value-quantity=29463-7$", "FD-SEARCH-COMPOSITE"),
        ("Observation?code-value-quantity=a$1$2", "FD-SEARCH-COMPOSITE"),
        ("Observation?code-value-quantity:not=a$1", "FD-SEARCH-MODIFIER"),
        ("Observation?date=yesterday", "FD-SEARCH-DATE"),
        ("Observation?date=2026-13-01", "FD-SEARCH-DATE"),
        ("Location?near=north|west", "FD-SEARCH-NEAR"),
        ("Location?near=91|0", "FD-SEARCH-NEAR"),
        ("Location?near=nan|0", "FD-SEARCH-NEAR"),
    ],
)
def test_a_value_that_is_none_is_refused(loaded: Gateway, query: str, key: str) -> None:
    assert refused(loaded.client, query) == key

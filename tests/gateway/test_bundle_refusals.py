"""What a transaction refuses, whole. https://hl7.org/fhir/R4/http.html#trules"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, entry, observation, patient, replacing, send, statuses, store, to

pytestmark = pytest.mark.feature("Interactions", "batch and transaction")

URN = "urn:uuid:11111111-1111-4111-8111-11111111111{}"


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    a = patient("a", gender="male", identifier=[{"system": "urn:i", "value": "a"}])
    store(gateway, a, observation("o", subject=to("Patient/a")))
    return gateway


@pytest.mark.parametrize(
    "entries",
    [
        [entry("PUT", "Patient/a", patient("a")), entry("PUT", "Patient/a", patient("a", active=True))],
        [entry("PUT", "Patient/a", patient("a")), entry("DELETE", "Patient/a")],
        [entry("DELETE", "Observation/o"), entry("DELETE", "Observation/o")],
        [entry("PATCH", "Patient/a", replacing("Patient.gender", "male")), entry("PUT", "Patient/a", patient("a"))],
        [entry("PUT", "Patient?identifier=urn:i|a", patient("a")), entry("PUT", "Patient/a", patient("a"))],
        [
            entry("DELETE", "Patient?identifier=urn:i|a"),
            entry("PATCH", "Patient/a", replacing("Patient.gender", "male")),
        ],
        [
            entry("POST", "Patient", patient("x"), URN.format(1)),
            entry("POST", "Patient", patient("y"), URN.format(1)),
        ],
    ],
)
def test_one_identity_may_stand_in_a_transaction_once(loaded: Gateway, entries: list[Json]) -> None:
    send(loaded, "transaction", *entries, status=400)


def test_a_version_that_is_not_current_stops_the_transaction(loaded: Gateway) -> None:
    store(loaded, patient("v"))
    good = entry("PUT", "Patient/v", patient("v", active=True), ifMatch='W/"1"')
    assert statuses(send(loaded, "transaction", good)) == ["200"]
    for stale in (
        entry("PUT", "Patient/v", patient("v", active=False), ifMatch='W/"1"'),
        entry("DELETE", "Patient/v", ifMatch='W/"1"'),
        entry("PATCH", "Patient/v", replacing("Patient.gender", "male"), ifMatch='W/"1"'),
    ):
        send(loaded, "transaction", entry("PUT", "Patient/w", patient("w")), stale, status=412)
        assert statuses(send(loaded, "batch", stale)) == ["412"]
    assert loaded.client.get("/Patient/w").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        entry("PUT", "Patient", patient("x")),
        entry("POST", "Patient/x", patient("x")),
        entry("PUT", "Patient/y", patient("x")),
        entry("PUT", "Observation/x", patient("x")),
        entry("DELETE", "Patient"),
        entry("DELETE", "Patient?identifier="),
        entry("DELETE", "Patient?_count=1"),
        entry("POST", "Patient", patient("x"), ifNoneExist=""),
        entry("POST", "Observation", observation("x", subject=to(URN.format(9)))),
        entry("GET", "Nonsense/1"),
        entry("GET", "Patient?nonsense=1"),
        entry("BREW", "Patient", patient("x")),
        {"resource": patient("x")},
    ],
)
def test_what_cannot_be_done_is_refused_whole(loaded: Gateway, wrong: Json) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry("PUT", "Patient/whole", patient("whole")), wrong],
    }
    assert loaded.client.post("", json=bundle).status_code in {400, 404, 405}
    assert loaded.client.get("/Patient/whole").status_code == 404
    answers = statuses(send(loaded, "batch", wrong))
    assert answers[0] in {"400", "404", "405"}

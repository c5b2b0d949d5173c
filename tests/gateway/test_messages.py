"""Messages through $process-message: applied once, traced to their bytes, kept where they cannot be applied."""

from datetime import timedelta

import pytest

from profiles.canonical import VISIT_NO
from tests.conftest import Gateway
from tests.gateway.district import MESSAGE_ID, Chart, Hospital, resident, settle, today

pytestmark = pytest.mark.feature("Operations", "$process-message")


@pytest.mark.req("JS-2.2.2(1)a")
def test_everything_a_message_made_is_traced_to_its_bytes(gateway: Gateway) -> None:
    settle(gateway, ("traced", 102, "1970-05-05"))
    start = today(0)
    hospital = Hospital(gateway)
    hospital.tell(
        "encounter-admitted", "HIS/QJZX/T1", resident("x", 102, "1970-05-05"), hospital.stay("ZY2", start), start
    )
    found = gateway.client.get(
        "/Provenance?entity:identifier=https://fdgw.example.org/fhir/NamingSystem/message-id|HIS/QJZX/T1"
    )
    [entry] = found.json()["entry"]
    provenance = entry["resource"]
    types = sorted(target["reference"].partition("/")[0] for target in provenance["target"])
    assert types == ["Communication", "Communication", "Composition", "Encounter", "Task", "Task"]
    source = provenance["entity"][0]["what"]["reference"]
    assert gateway.client.get(f"/{source}").json()["data"] == "TVNIfA=="


@pytest.mark.req("JS-2.2.2(1)a")
def test_the_same_message_again_changes_nothing(gateway: Gateway) -> None:
    settle(gateway, ("twice", 103, "1970-05-05"))
    start, hospital = today(0), Hospital(gateway)
    told = ("encounter-admitted", "HIS/QJZX/D1", resident("x", 103, "1970-05-05"), hospital.stay("ZY3", start), start)
    hospital.tell(*told)
    chart = Chart(gateway, "twice")
    before = (chart.encounters(), chart.notices(), chart.records(), chart.timers())
    issue = hospital.tell(*told)
    assert issue["details"]["coding"][0]["code"] == "FD-MESSAGE-KNOWN"
    assert (chart.encounters(), chart.notices(), chart.records(), chart.timers()) == before


@pytest.mark.req("JS-2.2.2(1)a")
def test_another_message_of_the_same_visit_makes_no_second_stay(gateway: Gateway) -> None:
    settle(gateway, ("again", 104, "1970-05-05"))
    start, hospital = today(0), Hospital(gateway)
    person = resident("x", 104, "1970-05-05")
    hospital.tell("encounter-admitted", "HIS/QJZX/E1", person, hospital.stay("ZY4", start), start)
    hospital.tell("encounter-admitted", "HIS/QJZX/E2", person, hospital.stay("ZY4", start), start)
    chart = Chart(gateway, "again")
    assert len(chart.encounters()) == 1
    assert len(chart.notices()) == 2


def test_a_message_of_somebody_unknown_is_kept_and_applied_when_the_person_exists(gateway: Gateway) -> None:
    hospital, person, start = Hospital(gateway), resident("x", 111, "1970-05-05"), today(0)
    told = ("encounter-admitted", "HIS/QJZX/U1", person, hospital.stay("ZY11", start), start)
    assert hospital.tell(*told)["details"]["coding"][0]["code"] == "FD-PERSON-UNKNOWN"
    hospital.tell(*told)
    chart = Chart(gateway, "stranger")
    waiting = chart.search("Task?focus:identifier=https://fdgw.example.org/fhir/NamingSystem/message-id|HIS/QJZX/U1")
    assert [task["status"] for task in waiting] == ["on-hold"]
    settle(gateway, ("stranger", 111, "1970-05-05"))
    assert hospital.tell(*told)["details"]["coding"][0]["code"] == "FD-MESSAGE-APPLIED"
    assert len(chart.encounters()) == 1
    assert gateway.client.get(f"/Task/{waiting[0]['id']}").json()["status"] == "completed"


def test_a_visit_that_belongs_to_somebody_else_is_kept_for_review(gateway: Gateway) -> None:
    settle(gateway, ("owner", 112, "1970-05-05"), ("other", 113, "1970-05-05"))
    hospital, start = Hospital(gateway), today(0)
    first, second = resident("x", 112, "1970-05-05"), resident("x", 113, "1970-05-05")
    hospital.tell("encounter-admitted", "HIS/QJZX/V1", first, hospital.stay("ZY12", start), start)
    issue = hospital.tell("encounter-admitted", "HIS/QJZX/V2", second, hospital.stay("ZY12", start), start)
    assert issue["details"]["coding"][0]["code"] == "FD-PERSON-MISMATCH"
    assert Chart(gateway, "other").encounters() == []


@pytest.mark.parametrize(
    ("damage", "expression"),
    [
        (lambda bundle: bundle.pop("identifier"), "Bundle.identifier"),
        (lambda bundle: bundle["entry"].pop(0), "Bundle.entry[0].resource"),
        (lambda bundle: bundle["entry"].pop(2), "Bundle.entry"),
        (
            lambda bundle: bundle["entry"][0]["resource"]["eventCoding"].update(code="moon-landing"),
            "MessageHeader.event",
        ),
        (lambda bundle: bundle["entry"][2]["resource"].update(ward="x"), "Bundle.entry[2].resource.ward"),
    ],
)
def test_a_message_that_cannot_be_applied_names_the_place(gateway: Gateway, damage: object, expression: str) -> None:
    hospital, start = Hospital(gateway), today(0)
    bundle = hospital.event(
        "encounter-admitted", "HIS/QJZX/Y1", resident("x", 117), hospital.stay("ZY16", start), start
    )
    assert callable(damage)
    damage(bundle)
    answer = gateway.client.post("/$process-message", json=bundle)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == [expression]


def test_other_content_under_a_known_number_is_kept_apart(gateway: Gateway) -> None:
    settle(gateway, ("numbered", 120, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 120, "1970-05-05"), today(0)
    first = ("encounter-admitted", "HIS/QJZX/Z1", person, hospital.stay("ZY20", start), start)
    hospital.tell(*first)
    other = hospital.event(
        "encounter-discharged", "HIS/QJZX/Z1", person, hospital.stay("ZY20", start, "finished"), start, "b3RoZXI="
    )
    for _ in range(2):
        assert hospital.send(other)["details"]["coding"][0]["code"] == "FD-MESSAGE-CONFLICT"
    chart = Chart(gateway, "numbered")
    assert [encounter["status"] for encounter in chart.encounters()] == ["in-progress"]
    [task] = chart.search(f"Task?focus:identifier={MESSAGE_ID}|HIS/QJZX/Z1")
    assert (task["status"], task["code"]["coding"][0]["code"]) == ("on-hold", "message-conflict")
    assert gateway.client.get(f"/{task['focus']['reference']}").json()["data"] == "b3RoZXI="
    assert hospital.tell(*first)["details"]["coding"][0]["code"] == "FD-MESSAGE-KNOWN"


def test_a_visit_without_a_facility_is_of_the_sender(gateway: Gateway) -> None:
    settle(gateway, ("homeless", 121, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 121, "1970-05-05"), today(0)
    stay = {**hospital.stay("ZY21", start), "identifier": [{"system": VISIT_NO, "value": "ZY21"}]}
    del stay["serviceProvider"]
    hospital.tell("encounter-admitted", "HIS/QJZX/F1", person, stay, start)
    hospital.tell("encounter-admitted", "HIS/QJZX/F2", person, stay, start)
    end = start + timedelta(hours=1)
    hospital.tell("encounter-discharged", "HIS/QJZX/F3", person, {**stay, "status": "finished"}, end)
    [encounter] = Chart(gateway, "homeless").encounters()
    assert encounter["status"] == "finished"
    assert encounter["identifier"][0]["assigner"]["identifier"]["value"] == "urn:fdgw:feed:HIS:QJZX"


def test_a_visit_without_a_number_is_kept_for_review(gateway: Gateway) -> None:
    settle(gateway, ("numberless", 122, "1970-05-05"))
    hospital, person, start = Hospital(gateway), resident("x", 122, "1970-05-05"), today(0)
    stay = hospital.stay("ZY22", start, identifier=[{"system": VISIT_NO, "assigner": {"display": "?"}}])
    issue = hospital.tell("encounter-admitted", "HIS/QJZX/G1", person, stay, start)
    assert issue["details"]["coding"][0]["code"] == "FD-VISIT-NUMBER"
    chart = Chart(gateway, "numberless")
    assert chart.encounters() == []
    [task] = chart.search(f"Task?focus:identifier={MESSAGE_ID}|HIS/QJZX/G1")
    assert (task["status"], task["code"]["coding"][0]["code"]) == ("on-hold", "visit-unknown")


@pytest.mark.parametrize("when", ["_recorded", "timestamp", "nothing"])
def test_the_time_of_an_event_is_taken_from_where_it_is(gateway: Gateway, when: str) -> None:
    hospital, start = Hospital(gateway), today(0)
    message = hospital.event(
        "encounter-admitted", f"HIS/QJZX/W{when}", resident("x", 123), hospital.stay("ZY23", start), start
    )
    provenance = message["entry"][4]["resource"]
    recorded = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    del provenance["recorded"]
    provenance["_recorded"] = recorded
    if when != "_recorded":
        del provenance["occurredDateTime"]
    if when == "nothing":
        del message["timestamp"]
    answer = gateway.client.post("/$process-message", json=message)
    assert answer.status_code == (422 if when == "nothing" else 200), answer.text
    if when == "nothing":
        assert answer.json()["issue"][0]["expression"] == ["Provenance.occurred"]

"""PV1: where, with whom, in which class; what is left out when nothing is said."""

import pytest

from mappings.hl7v2 import Untranslatable
from tests.mappings.hl7v2 import adt


@pytest.mark.parametrize(
    ("written", "code"),
    [("I", "IMP"), ("O", "AMB"), ("E", "EMER"), ("P", "PRENC"), ("R", "R"), ("住院", "IMP"), ("i", "IMP")],
)
def test_the_patient_class(written: str, code: str) -> None:
    assert adt.encounter(PV1={2: written})["class"]["code"] == code


def test_an_unknown_patient_class_is_refused_rather_than_guessed() -> None:
    with pytest.raises(Untranslatable) as caught:
        adt.encounter(PV1={2: "T"})
    assert (caught.value.ack, caught.value.code, caught.value.location) == ("AE", "103", "PV1-2")


@pytest.mark.parametrize(
    ("written", "value", "display", "kind"),
    [
        ("W3^301^12", "W3^301^12", "W3 301 12", "bd"),
        ("W3^^12", "W3^^12", "W3 12", "bd"),
        ("^^12", "^^12", "12", "bd"),
        ("W3^301^12^^^^^^东三病区", "W3^301^12", "东三病区", "bd"),
        ("W3^301", None, "W3 301", "ro"),
        ("W3", None, "W3", "wa"),
    ],
)
def test_a_place(written: str, value: str | None, display: str, kind: str) -> None:
    [place] = adt.encounter(PV1={3: written})["location"]
    assert place["location"].get("identifier", {}).get("value") == value
    assert place["location"]["display"] == display
    assert place["physicalType"]["coding"][0]["code"] == kind
    assert place["status"] == "active"


def test_a_bed_belongs_to_the_facility_of_its_place_or_of_the_sender() -> None:
    beds = [adt.encounter(PV1={3: written})["location"][0] for written in ("W3^301^12", "W3^301^12^H2")]
    assert [bed["location"]["identifier"]["assigner"]["identifier"]["value"] for bed in beds] == ["H500199", "H2"]


@pytest.mark.parametrize("written", ["", "^^", '""'])
def test_no_place(written: str) -> None:
    assert "location" not in adt.encounter(PV1={3: written})


@pytest.mark.parametrize(
    ("written", "number", "display"),
    [
        ("D001^示^例医师", "D001", "示例医师"),
        ("D001^示  医师", "D001", "示医师"),
        ("D001", "D001", None),
        ("^示例医师", None, "示例医师"),
        ("示例医师", None, "示例医师"),
        ("0^示例医师", None, "示例医师"),
    ],
)
def test_a_member_of_staff(written: str, number: str | None, display: str | None) -> None:
    [participant] = adt.encounter(PV1={7: written})["participant"]
    individual = participant["individual"]
    assert individual.get("identifier", {}).get("value") == number
    assert individual.get("display") == display
    assert individual["type"] == "Practitioner"


def test_no_staff() -> None:
    assert "participant" not in adt.encounter(PV1={7: "^^~", 17: '""'})


@pytest.mark.parametrize(
    ("written", "code", "text"),
    [
        ("5", "exp", "死亡"),
        ("20", "exp", "Expired (i.e. dead)"),
        ("4", "aadvice", "非医嘱离院"),
        ("1^回家", "home", "回家"),
        ("77", None, "77"),
    ],
)
def test_how_a_patient_left(written: str, code: str | None, text: str) -> None:
    left = adt.encounter("A03", PV1={36: written})["hospitalization"]["dischargeDisposition"]
    assert left.get("coding", [{"code": None}])[0]["code"] == code
    assert left["text"] == text


def test_a_number_of_the_admit_source_means_something_else_in_every_hospital() -> None:
    assert adt.encounter(PV1={14: "1"})["hospitalization"] == {"admitSource": {"text": "1"}}


@pytest.mark.parametrize("trigger", ["A01", "A02"])
def test_a_visit_that_has_an_end_is_finished(trigger: str) -> None:
    told = adt.encounter(trigger, PV1={45: "20250903"})
    assert (told["status"], told["period"]["end"]) == ("finished", "2025-09-03")


def test_only_what_is_said_is_in_the_encounter() -> None:
    assert set(adt.encounter(PV1={3: ""})) == {
        "resourceType",
        "status",
        "class",
        "identifier",
        "period",
        "serviceProvider",
        "subject",
    }

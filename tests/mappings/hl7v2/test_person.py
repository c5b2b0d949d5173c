"""PID: whose visit it is; names, numbers, and when a number is not believed."""

import pytest

from profiles.canonical import MEDICAL_RECORD_NO, RESIDENT_ID, naming_system
from tests.mappings.hl7v2 import adt

NUMBER = adt.resident_id("19491231")
MOTHER = adt.resident_id("19920305", 2)


def resident_numbers(**pid: str) -> list[str]:
    fields = {int(name.removeprefix("n")): value for name, value in pid.items()}
    return [one["value"] for one in adt.patient(PID=fields)["identifier"] if one.get("system") == RESIDENT_ID]


@pytest.mark.parametrize(
    "pid",
    [
        {"n3": f"{NUMBER}^^^GA^NI"},
        {"n3": f"7^^^H1^PI~{NUMBER}^^^CHN^NNCHN"},
        {"n3": f"{NUMBER.lower()}^^^^1"},
        {"n3": f"{NUMBER}^^^GA&2.16.156.10011.1.3&ISO"},
        {"n3": f"{NUMBER}^^^GA&2.16.840.1.113883.2.23.1.19.1&ISO"},
        {"n2": NUMBER},
        {"n4": NUMBER},
        {"n19": NUMBER},
        {"n3": f"111111111111111111^^^^NI~{NUMBER}"},
        {"n3": f"无^^^^NI~{NUMBER}"},
        {"n19": NUMBER, "n7": ""},
        {"n19": NUMBER, "n7": "1949"},
    ],
)
def test_a_resident_number_is_found_wherever_it_stands(pid: dict[str, str]) -> None:
    assert resident_numbers(**pid) == [NUMBER]


@pytest.mark.parametrize(
    "pid",
    [
        {"n19": NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")},
        {"n19": "111111111111111111"},
        {"n19": "111111111111111"},
        {"n19": "无"},
        {"n19": NUMBER, "n7": "19500101"},
        {"n19": NUMBER, "n7": "1950"},
        {"n3": "7~110105491231002"},
    ],
)
def test_what_is_not_certainly_one_is_not_taken_for_one(pid: dict[str, str]) -> None:
    assert resident_numbers(**pid) == []


def test_a_newborn_is_not_its_mother() -> None:
    assert resident_numbers(n3=f"7~{MOTHER}^^^GA^NI", n7="20250901") == []


@pytest.mark.parametrize("pid", [{"n19": "110105491231002"}, {"n3": "110105491231002^^^^NI"}])
def test_an_old_number_is_upgraded_where_it_is_said_to_be_one(pid: dict[str, str]) -> None:
    assert resident_numbers(**pid) == ["11010519491231002X"]


def test_a_resident_number_is_not_repeated_as_a_local_one() -> None:
    person = adt.patient(PID={3: f"{NUMBER}^^^^1~7", 19: NUMBER})
    assert [one["value"] for one in person["identifier"]] == [NUMBER, "7"]


@pytest.mark.parametrize(
    ("written", "kind", "system", "assigner"),
    [
        ("7", None, naming_system("patient-no"), "H500199"),
        ("7^^^H2^PI", "PI", naming_system("patient-no"), "H2"),
        ("7^^^H2&1.2.3&ISO^PI", "PI", "urn:oid:1.2.3", "H2"),
        ("7^^^^MR", "MR", MEDICAL_RECORD_NO, "H500199"),
        ("7^^^^病案号", "MR", MEDICAL_RECORD_NO, "H500199"),
        ("E7^^^^PPN", "PPN", None, "H500199"),
    ],
)
def test_a_local_number_has_the_system_of_its_kind_and_its_assigner(
    written: str, kind: str | None, system: str | None, assigner: str
) -> None:
    [number] = adt.patient(PID={3: written})["identifier"]
    assert number.get("system") == system
    assert number.get("type", {"coding": [{"code": None}]})["coding"][0]["code"] == kind
    assert number["assigner"]["identifier"] == {"system": naming_system("facility-code"), "value": assigner}


@pytest.mark.parametrize(
    ("written", "text", "parts"),
    [
        ("示例甲", "示例甲", {}),
        ("示^例甲", "示例甲", {"family": "示", "given": ["例甲"]}),
        ("示　 例", "示例", {}),
        ("欧阳^示例^^^^^L", "欧阳示例", {"family": "欧阳", "given": ["示例"], "use": "official"}),
        ("买买提·示例", "买买提·示例", {}),
        ("SMITH^JOHN^Q^JR^DR", "DR JOHN Q SMITH JR", {"family": "SMITH", "given": ["JOHN", "Q"]}),
        ("LI^SHI^^^^^^P", "LI SHI", {"family": "LI", "given": ["SHI"]}),
        ("李^David", "李 David", {"family": "李", "given": ["David"]}),
        ("^示例", "示例", {}),
        ("A  B", "A B", {}),
    ],
)
def test_a_name(written: str, text: str, parts: dict[str, object]) -> None:
    [name] = adt.patient(PID={5: written})["name"]
    assert name["text"] == text
    assert {key: name[key] for key in ("family", "given", "use") if key in name} == parts


@pytest.mark.parametrize("written", ["", '""', "^^^^^^L"])
def test_no_name(written: str) -> None:
    assert "name" not in adt.patient(PID={5: written})


def test_western_prefixes_and_suffixes_are_kept() -> None:
    [name] = adt.patient(PID={5: "SMITH^JOHN^^JR^DR"})["name"]
    assert (name["prefix"], name["suffix"]) == (["DR"], ["JR"])


@pytest.mark.parametrize(
    ("written", "gender"),
    [
        *(("M", "male"), ("f", "female"), ("O", "other"), ("U", "unknown")),
        *(("0", "unknown"), ("1", "male"), ("2", "female"), ("9", "unknown"), ("男", "male")),
        *(("", None), ("X7", None)),
    ],
)
def test_sex_by_hl7_and_by_gbt_2261(written: str, gender: str | None) -> None:
    assert adt.patient(PID={8: written}).get("gender") == gender


@pytest.mark.parametrize(
    ("pid", "said"),
    [
        ({30: "Y"}, {"deceasedBoolean": True}),
        ({30: "N"}, {"deceasedBoolean": False}),
        ({30: "Y", 29: "20250909"}, {"deceasedDateTime": "2025-09-09"}),
        ({30: "Y", 29: "?"}, {"deceasedBoolean": True}),
        ({}, {}),
    ],
)
def test_a_death(pid: dict[int, str], said: dict[str, object]) -> None:
    person = adt.patient(PID=pid)
    assert {key: value for key, value in person.items() if key.startswith("deceased")} == said


def test_telephones_are_taken_as_written() -> None:
    person = adt.patient(PID={13: "13800000000~^PRN^PH^^^^^^^^^010-1~^NET^Internet^a@example.org~0"})
    assert [one["value"] for one in person["telecom"]] == ["13800000000", "010-1"]

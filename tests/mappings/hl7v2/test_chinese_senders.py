"""The shapes that Chinese systems send in, re-created with invented people: who it is comes out of all of them."""

import pytest

from mappings import hl7v2
from profiles.canonical import RESIDENT_ID
from tests.mappings.hl7v2 import adt

WOMAN = adt.resident_id("19931130", 2)  # 17th digit even
MAN = adt.resident_id("19931120", 1)

SHAPES = {
    # A: custom types of PID-3, empty repetitions, whole name in PID-5.1, 14-digit PID-7, MSH-18 UNICODE
    "pmi": (
        "MSH|^~\\&|PMI|H500199|||20180604143425||ADT^A01|1|P|2.4|||AL|AL|CHN|UNICODE\r"
        f"PID|1||000123^^^^LocalID~{WOMAN}^^^^IdentifyNO~^^^^IDCard~0^^^^PatientNO||示例乙^^^^^1||19931130000000|2|||"
        "^^^^^^H~^^^^^^O||^0\r"
        "PV1|1|I|^^||||||||||||||||ZY1\r"
    ),
    # B: 17-digit MSH-7, PID-3 typed by local numbers and mostly empty, doubled spaces, a trailing blank segment
    "esb": (
        "MSH|^~\\&|LIS|H500199|ESB||20180604143425489||ADT^A01|1|P|2.5.1|||AL|AL|CHN|UNICODE UTF-8\r"
        f"PID|1||~^^^^21~000123^^^^51~{WOMAN}^^^^1~^^^^25||示  乙||19931130|F\r"
        "PV1|1|I|内科||||D1^示  医师||||||||||||ZY1\r\r \r"
    ),
    # C: an ID card typed `1`, sex by GB/T 2261.1, ethnicity and region codes
    "gbt": (
        "MSH|^~\\&|LIS|H500199|ESB||20180604143425489||ADT^A01|1|P|2.5.1|||AL|AL|CHN|UNICODE UTF-8\r"
        f"PID|1||{WOMAN}^^^^1||示例乙||19931130|2||||||||||||||HA^汉族|500199\r"
        "PV1|1|I|||||||||||||||||ZY1\r"
    ),
    # D: segment ends lost, a bare number in PID-3, the ID card in PID-19, PID-7 as a database prints it
    "kettle": (
        "MSH|^~\\&|LIS|H500199|||20180604143425||ADT^A01|1|P|2.4|||NE|AL|CHN||"
        f"EVN|A01|20180604143425|PID|1||000123||示例乙^||1993-11-30 00:00:00.0|F|||||||||||{WOMAN.lower()}|"
        "PV1|1|I|||||||||||||||||ZY1|"
    ),
    # E: pinyin^characters, the assigner's name beside its code
    "jhip": (
        "MSH|^~\\&|JHIP|H500199|||20180604143425||ADT^A01^ADT_A01|1|P|2.4|||||CHN|UNICODE UTF-8\r"
        f"PID|1||000123^^^000000&示例市中心医院~7~8||SHILIYI^示例乙||19931130|F|||||||||||{WOMAN}\r"
        "PV1|1|I|||||||||||||||||ZY1|职工医保\r"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_who_it_is_comes_out_of_every_shape(shape: str) -> None:
    person = adt.resource(adt.translated(SHAPES[shape]), "Patient")
    assert [one["value"] for one in person["identifier"] if one.get("system") == RESIDENT_ID] == [WOMAN]
    assert person["name"][0]["text"] in ("示例乙", "示乙")
    assert (person["gender"], person["birthDate"]) == ("female", "1993-11-30")


def test_local_numbers_keep_what_is_said_of_them_and_placeholders_go() -> None:
    person = adt.resource(adt.translated(SHAPES["pmi"]), "Patient")
    _, local = person["identifier"]
    assert (local["value"], local["type"]) == ("000123", {"text": "LocalID"})
    assert "system" not in local
    assert local["assigner"]["identifier"]["value"] == "H500199"


def test_pinyin_and_characters_in_one_name_become_two() -> None:
    names = adt.resource(adt.translated(SHAPES["jhip"]), "Patient")["name"]
    assert [(name["extension"][0]["valueCode"], name["text"]) for name in names] == [
        ("IDE", "示例乙"),
        ("SYL", "SHILIYI"),
    ]


def test_the_name_of_an_authority_is_kept_beside_its_code() -> None:
    first = adt.resource(adt.translated(SHAPES["jhip"]), "Patient")["identifier"][1]
    assert first["assigner"]["identifier"]["value"] == "000000"
    assert first["assigner"]["display"] == "示例市中心医院"


def test_seventeen_digits_of_msh_7_are_milliseconds() -> None:
    assert adt.translated(SHAPES["esb"])["timestamp"] == "2018-06-04T14:34:25.489+08:00"


def test_two_messages_in_one_frame_are_refused_and_not_half_taken() -> None:
    message = hl7v2.parse(SHAPES["esb"] + SHAPES["gbt"])
    assert message.count("MSH") == 2
    with pytest.raises(hl7v2.Untranslatable) as caught:
        hl7v2.check(message)
    assert (caught.value.ack, caught.value.location) == ("AR", "MSH[2]")


def test_local_codes_are_a_matter_of_the_feed() -> None:
    feed = hl7v2.Feed(
        codes={"PatientClass": {"H": "I"}, "AdmitSource": {"7": "fd-referral"}, "AdministrativeSex": {"3": "F"}},
        facility="H500199",
    )
    text = adt.er7(MSH={4: "示例医院"}, PID={8: "3"}, PV1={2: "H", 14: "7"})
    bundle = adt.translated(text, feed)
    encounter = adt.resource(bundle, "Encounter")
    assert encounter["class"]["code"] == "IMP"
    assert encounter["hospitalization"]["admitSource"]["coding"][0]["code"] == "fd-referral"
    assert encounter["serviceProvider"]["identifier"]["value"] == "H500199"
    assert adt.resource(bundle, "Patient")["gender"] == "female"

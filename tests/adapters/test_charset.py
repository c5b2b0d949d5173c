"""Bytes become the characters that the sender meant, whatever its label says."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.hl7v2 import charset
from tests.adapters.peers import adt

GB_ALIASES = ["GB 18030-2000", "GBK", "GB2312", "GB18030", "GB 18030", "CP936", "MS936", "936", "gbk"]
UTF8_LABELS = ["UNICODE UTF-8", "UNICODE", "UTF-8", "UTF8", "utf-8"]
HAZARDS = [
    character
    for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))
    if len(raw := (character := chr(code)).encode("gb18030")) == 2 and raw[1:] in (b"|", b"^", b"~", b"\\")
]
HANZI = [character for code in range(0x4E00, 0xA000) if (character := chr(code)).encode("gb2312", "ignore")]


def decoded(raw: bytes) -> tuple[str, str, bool]:
    return charset.decode(raw)[:3]


@pytest.mark.parametrize("label", GB_ALIASES)
def test_gb_by_any_of_its_names(label):
    raw = adt("1", name="韡瓅", charset=label, codec="gb18030")
    assert decoded(raw) == (raw.decode("gb18030"), "gb18030", False)


@pytest.mark.parametrize("label", UTF8_LABELS)
def test_utf8_by_any_of_its_names(label):
    raw = adt("1", charset=label)
    assert decoded(raw) == (raw.decode(), "utf-8", False)


@pytest.mark.parametrize(("label", "codec"), charset.TABLE_0211.items())
def test_every_label_of_table_0211(label, codec):
    raw = adt("1", name="TEST", charset=label, codec=codec)
    assert decoded(raw) == (raw.decode(codec), codec, False)


def test_there_are_466_ideographs_whose_second_byte_is_a_delimiter():
    assert len(HAZARDS) == 466


@pytest.mark.parametrize("label", ["GBK", ""])
def test_every_hazard_is_decoded_before_anything_is_split(label):
    for character in HAZARDS:
        raw = adt("1", name=character * 2, charset=label, codec="gb18030")
        assert decoded(raw) == (raw.decode("gb18030"), "gb18030", False)


def test_a_hazard_before_the_label_does_not_hide_it():
    raw = adt("1", charset="GBK", codec="gb18030").replace(b"|HIS|", "|珅|".encode("gb18030"))
    assert decoded(raw)[1:] == ("gb18030", False)


@given(st.text(st.sampled_from(HANZI), min_size=6, max_size=20))
@example("甲")
@example("测试")
@example("测试甲")
def test_without_a_label_the_bytes_tell(name):
    for codec in ("utf-8", "gb18030"):
        raw = adt("1", name=name, charset="", codec=codec)
        assert decoded(raw) == (raw.decode(codec), codec, False)


def test_two_hanzi_that_happen_to_be_utf8_are_still_hanzi():
    raw = b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.4\rPID|1||1||" + "通讯".encode("gb18030") + b"\r"
    assert raw.decode()
    assert decoded(raw) == (raw.decode("gb18030"), "gb18030", False)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UNICODE UTF-8", "gb18030"),
        ("GBK", "utf-8"),
        ("ASCII", "gb18030"),
        ("8859/1", "utf-8"),
        ("KLINGON", "gb18030"),
    ],
)
def test_a_wrong_label_is_seen(label, codec):
    raw = adt("1", name="欧阳测试甲", charset=label, codec=codec)
    assert decoded(raw) == (raw.decode(codec), codec, True)


def test_what_is_no_character_set_is_not_guessed():
    with pytest.raises(charset.UndecodableError):
        charset.decode(adt("1", charset="") + b"ZZZ|\xff\xfe\xff\r")


def test_each_codec_has_its_label():
    assert charset.LABELS["gb18030"] == "GB 18030-2000"
    assert charset.LABELS["utf-8"] == "UNICODE UTF-8"
    assert charset.LABELS["ascii"] == "ASCII"

"""Escape sequences in the dialects that are met, and nothing lost where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.hl7v2 import parse


def value(written: str, codec: str = "utf-8") -> str | None:
    return parse(f"MSH|^~\\&|HIS\rPID|{written}", codec).segment("PID").value(1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"\E\F\E", r"\F\E"),
        (r"\F\\F\\E\E", "||\\E"),
        (r"line\.br\line", "line\nline"),
        (r"\H\bold\N\ text", "bold text"),
        (r"\X0D\\X0A\end", "\r\nend"),
        (r"\X0D0A\end", "\r\nend"),
        (r"\X000d\end", "\rend"),
        (r"\XE5BCA0\三", "张三"),
        (r"\XE5\\XBC\\XA0\三", "张三"),
        ("end\\E\\", "end\\"),
    ],
)
def test_sequences_of_the_standard_and_its_dialects(written: str, meant: str) -> None:
    assert value(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        *(r"\Zfoo\ ", r"\C2842\x", r"\M2842\x", r"\.sp3\x", r"\.in+2\x", r"\XFF\x", r"\X0\x", r"\XD800\x", r"\Q\x"),
        *("a\\b", "C:\\Files\\x", "\\", r"\P\x"),
    ],
)
def test_what_is_not_known_stays_as_written(written: str) -> None:
    assert value(written) == written


def test_hexadecimal_is_read_in_the_character_set_of_the_message() -> None:
    assert value("\\X" + "弢".encode("gb18030").hex() + "\\", "gb18030") == "弢"


def test_a_sequence_split_by_a_component_is_none() -> None:
    pid = parse("MSH|^~\\&|HIS\rPID|a\\F^\\b").segment("PID")
    assert (pid.value(1), pid.value(1, 2)) == ("a\\F", "\\b")


SEQUENCES = {"|": "F", "^": "S", "&": "T", "~": "R", "\\": "E", "\r": "X0D", "\n": ".br"}


@given(st.text(alphabet="|^&~\\\r\nEFSTXH05张弢 ", min_size=1))
def test_escaping_and_reading_gives_the_text_back(text: str) -> None:
    written = (f"\\{SEQUENCES[one]}\\" if one in SEQUENCES else one for one in text)
    assert value("".join(written)) == text

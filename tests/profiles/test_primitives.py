"""Which values are a primitive of each type, narratives included."""

import pytest

from profiles.validator import check

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
PRIMITIVES: list[tuple[str, list[object], list[object]]] = [
    ("boolean", [True, False], ["true", 1, 0]),
    ("integer", [0, -1, 2**31 - 1, -(2**31)], [2**31, 1.5, "1", True]),
    ("unsignedInt", [0, 1], [-1, 2**31]),
    ("positiveInt", [1, 2**31 - 1], [0, -1]),
    ("decimal", [0, 1.50, -1, 10**18], ["1.5", True, 10**400]),
    ("string", ["x", " x ", "中文\t\r\n", "\u3000x"], ["", "\x07"]),
    ("markdown", ["# x\n\n* y"], ["", "\x1b[0m"]),
    ("code", ["a", "a b", "中"], ["", " a", "a ", "a  b", "a\tb"]),
    ("id", ["a", "A-1.b", "x" * 64], ["", "x" * 65, "a_b", "中", "a/b"]),
    ("uri", ["urn:x", "http://x.example.org/a?b#c", "x"], ["", "a b", "a\n"]),
    ("url", ["mailto:a@example.org"], ["a b"]),
    ("canonical", ["http://x.example.org/a|1.0"], ["a b"]),
    ("oid", ["urn:oid:2.16.156", "urn:oid:0.0"], ["2.16.156", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.01"]),
    (
        "uuid",
        ["urn:uuid:5f0c3a52-0d5c-4cb1-9b6a-0f2f2f6a2f10"],
        ["5f0c3a52-0d5c-4cb1-9b6a-0f2f2f6a2f10", "urn:uuid:5F0C3A52-0D5C-4CB1-9B6A-0F2F2F6A2F10"],
    ),
    (
        "date",
        ["2025", "2025-02", "2024-02-29", "2000-02-29", "0001-01-01", "2025-12-31"],
        ["0000", "2025-13", "2025-00", "2023-02-29", "1900-02-29", "2025-04-31", "2025-2-1", "2025-01-01T00:00:00Z"],
    ),
    ("dateTime",
     ["2025", "2025-01", "2025-01-01", "2025-01-01T00:00:00Z", "2016-12-31T23:59:60+14:00",
      "2025-01-01T00:00:00.1-05:00"],
     ["2025-01-01T00:00:00", "2025-01-01T00:00Z", "2025-01-01T24:00:00Z", "2025-02-30T00:00:00Z",
      "2025-01-01 00:00:00Z", "2025-01-01T00:00:00+14:01", "٢٠٢٥"]),
    ("instant", ["2025-01-01T00:00:00.5+08:00"], ["2025-01-01", "2025-01-01T00:00:00", "2025-02-29T00:00:00Z"]),
    ("time", ["00:00:00", "23:59:60.25"], ["24:00:00", "08:30", "08:30:00Z"]),
    ("base64Binary", ["YQ==", "YWFh YWFh\n", "5rWL6K+V"], ["YQ", "YQ=", "Y Q =", "测试", "====", "YWF-"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad"), [pytest.param(*case, id=case[0]) for case in PRIMITIVES])
def test_a_primitive(name: str, good: list[object], bad: list[object]):
    member = f"value{name[0].upper()}{name[1:]}"
    for value in good:
        assert check({"resourceType": "Patient", "extension": [{"url": "urn:x", member: value}]}) == [], value
    for value in bad:
        (issue,) = check({"resourceType": "Patient", "extension": [{"url": "urn:x", member: value}]})
        assert issue.expression == "Patient.extension[0].value", value


@pytest.mark.parametrize(
    "div",
    [
        "",
        "text",
        "<div>x</div>",
        f"{DIV}</div>",
        f"{DIV} \n</div>",
        f"{DIV}x",
        f"{DIV}<b>x</i></div>",
        f"{DIV}x</div>{DIV}y</div>",
        f"{DIV}<script>x</script></div>",
        f"{DIV}<form>x</form></div>",
        f"{DIV}<p onclick='x'>x</p></div>",
        f"{DIV}<a href='\tJava&#10;Script:x'>x</a></div>",
        f"{DIV}a&nbsp;b</div>",
        f"<!DOCTYPE div [<!ENTITY a 'b'>]>{DIV}&a;</div>",
        f"<?xml version='1.0'?>{DIV}x</div>",
        f"{DIV}<?php x ?>x</div>",
        f"{DIV}<p xmlns='urn:x'>x</p></div>",
        f"{DIV}\ud800</div>",
    ],
)
def test_an_unsafe_or_broken_narrative_is_refused(div: str):
    (issue,) = check({"resourceType": "Patient", "text": {"status": "generated", "div": div}})
    assert issue.expression == "Patient.text.div"


@pytest.mark.parametrize(
    "inner",
    [
        "x",
        "<img src='#a' alt='x'/>",
        "<table><tbody><tr><td colspan='2'>1 &lt; 2 &amp; 3</td></tr></tbody></table>",
        "<!-- x -->y",
    ],
)
def test_a_narrative_as_fhir_allows_it(inner: str):
    assert check({"resourceType": "Patient", "text": {"status": "generated", "div": f"{DIV}{inner}</div>"}}) == []

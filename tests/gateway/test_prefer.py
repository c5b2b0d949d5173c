"""The Prefer header, in every way that RFC 7240 lets it be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest import outcome, prefer
from gateway.rest.exchange import Request
from gateway.rest.prefer import Prefer
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "Prefer")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Prefer()),
        ("return=minimal", Prefer(returns="minimal")),
        ("return=representation", Prefer(returns="representation")),
        ("return=OperationOutcome", Prefer(returns="OperationOutcome")),
        ("Return = operationoutcome", Prefer(returns="OperationOutcome")),
        ('return="minimal"', Prefer(returns="minimal")),
        ("return=everything", Prefer()),
        ("return", Prefer()),
        ("handling=strict", Prefer(handling="strict")),
        ("respond-async, wait=10", Prefer(respond_async=True, wait=10)),
        ("respond-async; wait=10", Prefer(respond_async=True)),
        ("respond-async=false", Prefer()),
        ("wait=-1", Prefer()),
        ("wait=99999999999", Prefer()),
        ("return=minimal, handling=lenient, respond-async", Prefer("minimal", "lenient", respond_async=True)),
        ('return=minimal; foo="a, return=representation"', Prefer("minimal")),
        ('x="a,b", return=minimal', Prefer("minimal")),
        ('x="a\\",return=representation", return=minimal', Prefer("minimal")),
        ("return=minimal, return=representation", Prefer("minimal")),
        (",, ;, handling=lenient ,", Prefer(handling="lenient")),
        ("no-return=minimal", Prefer()),
    ],
)
def test_what_is_known_is_read(header: str, expected: Prefer):
    assert prefer.parse(header.encode()) == expected
    assert Request("GET", (), (), {b"prefer": header.encode()}, b"", "", "").prefer == expected


@given(st.binary(max_size=200))
def test_nothing_that_is_sent_is_an_error(header: bytes):
    assert isinstance(prefer.parse(header), Prefer)


def test_a_hostile_header_takes_no_time():
    for hostile in (b'"\\' * 30_000, b'"' + b'\\"' * 30_000, b'"a' * 30_001 + b"\\", b"a=" * 30_000, b"," * 60_000):
        assert prefer.parse(hostile) == Prefer()


def test_the_outcome_that_says_that_all_is_well():
    [issue] = outcome.outcome([prefer.ALL_OK])["issue"]
    assert (issue["severity"], issue["code"], issue["diagnostics"]) == ("information", "informational", "All OK.")
    assert issue["details"]["text"]


def test_preferences_may_come_in_several_headers(gateway: Gateway):
    headers = [("Prefer", "handling=lenient"), ("Prefer", "respond-elsewhere"), ("Prefer", "return=minimal")]
    assert gateway.client.get("/Patient?nmae=x", headers=headers).status_code == 200
    made = gateway.client.post("/Patient", json={"resourceType": "Patient"}, headers=headers)
    assert (made.status_code, made.content) == (201, b"")

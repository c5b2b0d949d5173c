"""What fuzzing sends, and what every answer to it must be."""

import json
import time

import httpx
import hypothesis
from hypothesis import HealthCheck
from hypothesis import strategies as st

from tests.conftest import Gateway

SECONDS = 5
JSON = "application/fhir+json"
settings = hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

# What may be anywhere

odd = st.sampled_from(
    ["\x00", "\ud800", "\udfff", "\ufeff", "\u202e", "𠮷", "张三", "é", "\r\n", "\\", '"', "%", "'", ";"]
)
long = st.sampled_from(["a", "9", " ", "张"]).map(lambda one: one * 800)
texts = st.text(max_size=12) | odd | long | st.sampled_from(["", " ", "1e999999", "-0", "NaN", "null"])
atoms = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    atoms, lambda of: st.lists(of, max_size=3) | st.dictionaries(texts, of, max_size=3), max_leaves=12
)


def told(answer: httpx.Response, took: float) -> httpx.Response:
    """Checks that it is an answer, in time, and for an error one that says what to mend."""
    assert took < SECONDS, answer.request.url
    assert answer.status_code < 500, (answer.request.url, answer.request.content[:2000], answer.text)
    if answer.status_code >= 400:
        outcome = answer.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert all(issue["diagnostics"] and issue["details"]["text"] for issue in outcome["issue"])
    return answer


def sent(gateway: Gateway, method: str, path: str, body: bytes = b"", **headers: str | bytes) -> httpx.Response:
    started = time.monotonic()
    named = [(name.replace("_", "-"), value) for name, value in {"content_type": JSON, **headers}.items()]
    answer = gateway.client.request(method, path, content=body, headers=dict(named))
    return told(answer, time.monotonic() - started)


def encoded(value: object) -> bytes:
    """As JSON, with lone surrogates as WTF-8 would have them."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

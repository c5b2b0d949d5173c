"""Any body is answered in time: as asked, or with an OperationOutcome that says what is wrong and where."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Gateway
from tests.gateway.fuzzing import JSON, encoded, sent, settings, texts, values

pytestmark = pytest.mark.feature("Robustness", "fuzzed bodies and Bundles")

# JSON

DEEP = 100_000
BROKEN = {
    "nothing": b"",
    "white space": b" \n\t",
    "no object": b"[]",
    "half": b'{"resourceType":"Patient"',
    "deep arrays": b'{"resourceType":"Patient","name":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"resourceType":"Patient","contact":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "deep and never closed": b"[" * DEEP,
    "deep extensions": b'{"resourceType":"Patient","extension":['
    + b'{"url":"a","extension":[' * 900
    + b"]}" * 900
    + b"]}",
    "invalid UTF-8": b'{"resourceType":"Patient","name":[{"text":"\xff\xfe"}]}',
    "overlong UTF-8": b'{"resourceType":"Patient","name":[{"text":"\xc0\xaf"}]}',
    "UTF-16": '{"resourceType":"Patient"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf[{"resourceType":"Patient"}]',
    "a raw surrogate": b'{"resourceType":"Patient","name":[{"text":"\xed\xa0\x80"}]}',
    "an escaped surrogate": b'{"resourceType":"Patient","name":[{"text":"\\ud800"}]}',
    "NUL": b'{"resourceType":"Patient","name":[{"text":"\\u0000"}]}',
    "a raw NUL": b'{"resourceType":"Patient","name":[{"text":"\x00"}]}',
    "NaN": b'{"resourceType":"Patient","multipleBirthInteger":NaN}',
    "a huge integer": b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 100_000 + b"}",
    "a huge exponent": b'{"resourceType":"Patient","multipleBirthInteger":1e999999999}',
    "two values": b'{"resourceType":"Patient"}{"resourceType":"Patient"}',
    "a name twice, the last wrong": b'{"resourceType":"Patient","gender":"male","gender":"x"}',
    "a type twice": b'{"resourceType":"Patient","resourceType":"Observation"}',
    "many members": b'{"resourceType":"Patient",' + b",".join(b'"x%d":1' % n for n in range(20_000)) + b"}",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_resource_is_refused(gateway: Gateway, body: bytes) -> None:
    for method, path in (("POST", "/Patient"), ("PUT", "/Patient/fuzz"), ("POST", ""), ("POST", "/ValueSet/$expand")):
        assert sent(gateway, method, path, body).status_code in {400, 422} or (method == "POST" and not body)


@settings
@given(body=st.binary(max_size=200) | values.map(encoded))
def test_any_bytes(gateway: Gateway, body: bytes) -> None:
    for path in ("/Patient", "", "/$process-message"):
        assert sent(gateway, "POST", path, body).status_code >= 400
    sent(gateway, "PATCH", "/Patient/fuzz", body, content_type="application/json-patch+json")


@settings
@given(members=st.dictionaries(st.sampled_from(["name", "birthDate", "contact", "link", "text", "meta", "id"]), values))
def test_any_values_in_a_patient(gateway: Gateway, members: dict[str, Any]) -> None:
    sent(gateway, "POST", "/Patient", encoded({**members, "resourceType": "Patient"}))


# Bundles

urls = st.sampled_from(
    [
        "Patient",
        "Patient/fuzz",
        "Patient?identifier=x|y",
        "Patient/fuzz/_history/1",
        "Patient/$everything",
        "/Patient/1",
        "http://elsewhere/Patient/1",
        "Nobody/1",
        "Patient?",
        "?",
        "metadata",
        "urn:uuid:x",
        "Patient/%00",
    ]
)
resources = st.sampled_from(
    [
        {"resourceType": "Patient"},
        {"resourceType": "Patient", "id": "fuzz"},
        {"resourceType": "Patient", "link": [{"other": {"reference": "urn:uuid:x"}, "type": "seealso"}]},
        {"resourceType": "Patient", "managingOrganization": {"reference": "Organization?name=x"}},
        {"resourceType": "Observation"},
        {"resourceType": "Parameters", "parameter": [{"name": "operation"}]},
        {"resourceType": "Bundle", "type": "batch", "entry": []},
    ]
)
requests = st.fixed_dictionaries(
    {"method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) | texts, "url": urls | texts},
    optional={
        "ifNoneExist": texts | st.sampled_from(["identifier=x|y", "nmae=x", "?", "name=%00"]),
        "ifMatch": st.sampled_from(['W/"1"', "x", ""]),
        "ifNoneMatch": texts,
        "ifModifiedSince": texts,
    },
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "request": requests | values,
        "resource": resources | values,
        "fullUrl": st.sampled_from(["urn:uuid:x", "urn:uuid:y", ""]) | values,
    },
)
bundles = st.fixed_dictionaries(
    {
        "resourceType": st.just("Bundle"),
        "type": st.sampled_from(["batch", "transaction", "message", "document"]) | values,
        "entry": st.lists(entries | values, max_size=5) | values,
    }
)


@settings
@given(bundle=bundles)
def test_any_bundle(gateway: Gateway, bundle: dict[str, Any]) -> None:
    for path in ("", "/$process-message"):
        answer = sent(gateway, "POST", path, encoded(bundle))
        if answer.status_code >= 400:
            continue
        for one in answer.json().get("entry", ()):
            status = one.get("response", {}).get("status", "200")
            assert int(status[:3]) < 500, (bundle, one)


@settings
@given(kind=st.sampled_from(["batch", "transaction"]), entry=entries)
def test_the_error_names_the_entry(gateway: Gateway, kind: str, entry: dict[str, Any]) -> None:
    good = {"request": {"method": "GET", "url": "Patient?_count=1"}}
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [good, entry]}
    answer = sent(gateway, "POST", "", encoded(bundle))
    if answer.status_code == 400 and "expression" in (issue := answer.json()["issue"][0]):
        assert issue["expression"][0].startswith("Bundle.entry[1]"), (entry, issue)


PATCHES: dict[str, Callable[[Any], bytes]] = {
    "application/json-patch+json": lambda value: encoded([{"op": "add", "path": "/name/-", "value": value}]),
    JSON: lambda value: encoded({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": value}]}),
}


@settings
@given(media=st.sampled_from(sorted(PATCHES)), value=values)
def test_any_patch(gateway: Gateway, media: str, value: object) -> None:
    sent(gateway, "PUT", "/Patient/patched", encoded({"resourceType": "Patient", "id": "patched"}))
    sent(gateway, "PATCH", "/Patient/patched", PATCHES[media](value), content_type=media)

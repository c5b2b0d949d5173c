"""Binary as the bytes that it is, and as a resource where that is asked for. https://hl7.org/fhir/R4/binary.html#rest"""

import json
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, BadSyntax, NotAcceptable, UnsupportedMediaType
from gateway.rest import binary
from gateway.rest.exchange import FHIR_JSON, Request, Response
from profiles.json import dumps
from profiles.validator import check
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "Binary, raw in and out")

PDF = b"%PDF-1.7 \x00\xff"
STORED = {
    "resourceType": "Binary",
    "id": "b1",
    "contentType": "application/pdf",
    "securityContext": {"reference": "Patient/p1"},
    "data": b64encode(PDF).decode(),
}


def request(method: str, body: bytes = b"", query: tuple[tuple[str, str], ...] = (), **headers: str) -> Request:
    named = {name.replace("_", "-").encode(): value.encode("latin-1") for name, value in headers.items()}
    segments = ("Binary",) if method == "POST" else ("Binary", "b1")
    return Request(method, segments, query, named, body, "http://localhost/fhir", "1")


def read(stored: object = STORED, query: tuple[tuple[str, str], ...] = (), **headers: str) -> Response:
    return binary.outgoing(request("GET", query=query, **headers), dumps(stored))


# In


@given(st.binary(min_size=1), st.sampled_from(["POST", "PUT"]))
def test_any_bytes_become_a_binary_that_is_valid(body: bytes, method: str):
    made = binary.incoming(request(method, body, content_type="image/png"))
    assert (made["contentType"], b64decode(made["data"])) == ("image/png", body)
    assert made.get("id") == ("b1" if method == "PUT" else None)
    assert check(made) == []


@given(st.binary())
def test_what_has_no_type_is_just_bytes(body: bytes):
    assert binary.incoming(request("POST", body))["contentType"] == "application/octet-stream"


@pytest.mark.parametrize(
    "sent", ["text/plain; charset=gb18030", 'multipart/mixed; boundary="a b"', "x-application/hl7-v2+er7"]
)
def test_the_type_is_kept_with_its_parameters(sent: str):
    assert binary.incoming(request("POST", b"x", content_type=sent))["contentType"] == sent


def test_the_security_context_comes_in_a_header():
    for reference in ("Patient/p1", "Patient/p1/_history/2", "https://other.example/fhir/DocumentReference/7"):
        made = binary.incoming(request("POST", b"x", content_type="text/plain", x_security_context=reference))
        assert made["securityContext"] == {"reference": reference}


@pytest.mark.parametrize("reference", ["p1", "#p1", "Patient?identifier=x|1", "urn:uuid:1", "Patient/", "patient/1"])
def test_a_security_context_must_be_literal(reference: str):
    with pytest.raises(BadRequest):
        binary.incoming(request("POST", b"x", content_type="text/plain", x_security_context=reference))


@pytest.mark.parametrize("content_type", ["application/fhir+json; charset=utf-8", "application/json", "text/json", ""])
def test_a_binary_as_a_resource_stays_one(content_type: str):
    assert binary.incoming(request("PUT", dumps(STORED), content_type=content_type)) == STORED


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/fhir+json", b'{"resourceType":"Patient"}'),
        ("application/json", b"[1, 2]"),
        ("application/json", b"{"),
        ("application/fhir+xml", b"<Binary/>"),
    ],
)
def test_anything_else_is_content(content_type: str, body: bytes):
    made = binary.incoming(request("POST", body, content_type=content_type))
    assert (made["contentType"], b64decode(made["data"])) == (content_type, body)


def test_what_says_that_it_is_fhir_must_be_json():
    with pytest.raises(BadSyntax):
        binary.incoming(request("POST", b"{", content_type="application/fhir+json"))
    with pytest.raises(UnsupportedMediaType):
        binary.incoming(request("POST", b"{}", content_type="application/fhir+json; charset=utf-16"))


# Out


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/pdf", "image/png", "text/html,*/*;q=0.8", "application/json, text/plain, */*"]
)
def test_without_fhir_being_named_the_content_is_sent(accept: str):
    answer = read(accept=accept)
    assert (answer.status, answer.body, answer.media_type) == (200, PDF, b"application/pdf")
    headers = dict(answer.headers)
    assert headers[b"content-disposition"] == b"attachment"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"x-security-context"] == b"Patient/p1"
    assert headers[b"vary"] == b"Accept"


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+json",
        "application/fhir+json;fhirVersion=4.0, */*;q=0.1",
        "application/fhir+xml;q=1.0, application/fhir+json;q=1.0",
        "application/json",
        "application/json;q=0.9, text/json",
    ],
)
def test_the_resource_is_sent_where_it_is_asked_for(accept: str):
    answer = read(accept=accept)
    assert (answer.body, answer.media_type) == (dumps(STORED), FHIR_JSON)
    assert dict(answer.headers) == {b"vary": b"Accept"}
    assert read(query=(("_format", "json"),), accept="image/png") == answer


@pytest.mark.parametrize("accept", ["application/fhir+xml", "application/fhir+json;fhirVersion=5.0"])
def test_another_format_of_fhir_is_not_to_be_had(accept: str):
    with pytest.raises(NotAcceptable):
        read(accept=accept)


def test_json_that_was_uploaded_as_json_comes_back_as_it_was():
    stored = {**STORED, "contentType": "application/json", "data": b64encode(b"[1]").decode()}
    assert read(stored, accept="application/json").body == b"[1]"


@pytest.mark.parametrize(
    "content_type", ["text/html\r\nSet-Cookie: a=b", "text/plain\nX: y", "超文本", "html;", "text/html;", "a/b; c"]
)
def test_no_stored_word_becomes_a_header(content_type: str):
    assert read({**STORED, "contentType": content_type}).media_type == b"application/octet-stream"
    answer = read({**STORED, "securityContext": {"reference": f"Patient/1{content_type}"}})
    assert b"x-security-context" not in dict(answer.headers)


def test_white_space_in_the_data_and_no_data_at_all():
    assert read({**STORED, "data": "YWFh\n YWFh"}).body == b"aaaaaa"
    assert read({"resourceType": "Binary", "contentType": "text/plain"}).body == b""


# On the wire


@pytest.fixture(autouse=True, scope="module")
def _keeper(gateway: Gateway):
    gateway.client.put("/Patient/p1", content=b'{"resourceType":"Patient","id":"p1"}')


@pytest.mark.parametrize(("content_type", "body"), [("application/pdf", PDF), ("text/html", b"<script>1</script>")])
def test_bytes_go_in_and_come_out(gateway: Gateway, content_type: str, body: bytes):
    sent = {"Content-Type": content_type, "X-Security-Context": "Patient/p1"}
    made = gateway.client.post("/Binary", content=body, headers=sent)
    assert made.status_code == 201
    path = made.headers["location"].partition("/_history")[0]
    for each in (path, made.headers["location"]):
        answer = gateway.client.get(each, headers={"Accept": content_type})
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, body, content_type)
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["etag"] == 'W/"1"'
    resource = gateway.client.get(path, headers={"Accept": "application/fhir+json"}).json()
    assert (resource["contentType"], b64decode(resource["data"])) == (content_type, body)
    assert resource["securityContext"] == {"reference": "Patient/p1"}
    changed = gateway.client.put(path, content=b"other", headers=sent)
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    assert gateway.client.get(path, headers={"Accept": "*/*"}).content == b"other"


def test_a_binary_may_be_sent_as_a_resource(gateway: Gateway):
    made = gateway.client.put("/Binary/b1", content=json.dumps(STORED))
    assert made.status_code == 201
    assert gateway.client.get("/Binary/b1", headers={"Accept": "*/*"}).content == PDF
    found = gateway.client.get("/Binary", headers={"Accept": "application/fhir+json"}).json()
    assert STORED["data"] in [entry["resource"]["data"] for entry in found["entry"]]


def test_a_binary_in_lines_is_what_was_stored(gateway: Gateway):
    body = b'{"a":1}'
    made = gateway.client.post("/Binary", content=body, headers={"Content-Type": "application/json"})
    path = made.headers["location"].partition("/_history")[0]
    assert gateway.client.get(f"{path}?_pretty=true", headers={"Accept": "*/*"}).content == body


def test_xml_of_a_binary_is_not_acceptable(gateway: Gateway):
    gateway.client.put("/Binary/b2", content=json.dumps({**STORED, "id": "b2"}))
    assert gateway.client.get("/Binary/b2", headers={"Accept": "application/fhir+xml"}).status_code == 406
    assert gateway.client.get("/Binary/b2?_format=xml").status_code == 406
    for search in ("/Binary", "/Binary/_search"):
        assert gateway.client.get(search, headers={"Accept": "application/pdf"}).status_code == 406

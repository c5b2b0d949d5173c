"""Which formats are taken and given. https://hl7.org/fhir/R4/http.html#mime-type"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NotAcceptable, UnsupportedMediaType
from gateway.rest import media
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "_format and media types")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/fhir+json",
        "application/fhir+json; fhirVersion=4.0",
        'application/fhir+json;fhirVersion="4.0";q=0.5',
        "application/fhir+xml;q=1.0, application/fhir+json;q=0.9",
        "application/json+fhir",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/*",
        "APPLICATION/JSON;q=much",
        "application/fhir+json;fhirVersion=5.0, application/fhir+json;fhirVersion=4.0",
    ],
)
def test_json_of_r4_is_what_there_is(accept: str):
    media.require_accepted(accept.encode())


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "text/turtle, application/xml",
        "application/fhir+json; fhirVersion=5.0",
        "application/fhir+json; fhirVersion=3.0, */*;q=0",
        "application/fhir+json;q=0, */*",
        "*/*;q=0",
    ],
)
def test_nothing_else_is_acceptable(accept: str):
    with pytest.raises(NotAcceptable):
        media.require_accepted(accept.encode())


@pytest.mark.parametrize(
    "wanted", ["json", "application/json", "application/fhir+json", "application/fhir json", "JSON"]
)
def test_the_format_may_be_a_parameter(wanted: str):
    media.require_format(wanted)
    media.require_format(f"{wanted};fhirVersion=4.0")


@pytest.mark.parametrize("wanted", ["xml", "application/fhir+xml", "ttl", "html", "application/json;fhirVersion=5.0"])
def test_no_other_format_is_to_be_had(wanted: str):
    with pytest.raises(NotAcceptable):
        media.require_format(wanted)


@pytest.mark.parametrize(
    "sent",
    ["", "application/fhir+json", "text/json;charset=utf-8", 'application/json; Charset="UTF-8"; fhirVersion=4.0'],
)
def test_json_in_utf_8_is_taken(sent: str):
    media.require_body(sent.encode())


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("application/fhir+xml", "FD-MEDIA-TYPE"),
        ("application/x-www-form-urlencoded", "FD-MEDIA-TYPE"),
        ("application/fhir+json; charset=gb18030", "FD-CHARSET"),
        ("application/json;charset=iso-8859-1", "FD-CHARSET"),
        ("application/fhir+json; fhirVersion=5.0", "FD-FHIR-VERSION"),
    ],
)
def test_any_other_body_is_refused(sent: str, key: str):
    with pytest.raises(UnsupportedMediaType) as refused:
        media.require_body(sent.encode())
    assert refused.value.issues[0].key == key


@given(st.binary(max_size=120))
def test_no_accept_is_too_strange(accept: bytes):
    for one in media.accepted(accept):
        assert 0 <= one.quality <= 1


def test_a_body_in_another_encoding_is_refused(gateway: Gateway):
    headers = {"Content-Type": "application/fhir+json; charset=gb18030"}
    assert gateway.client.post("/Patient", content="{}", headers=headers).status_code == 415

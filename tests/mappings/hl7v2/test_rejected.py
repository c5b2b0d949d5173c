"""A message that could not be translated is told of with its bytes, and nothing is said of anybody."""

import base64

import pytest
from fhir.resources.R4B.bundle import Bundle

from mappings import hl7v2
from profiles import json, validator
from profiles.canonical import coding
from tests.mappings.hl7v2 import adt

RAW = adt.er7("A99").encode()


def refused(text: str) -> hl7v2.Untranslatable:
    with pytest.raises(hl7v2.Untranslatable) as caught:
        hl7v2.check(hl7v2.parse(text))
    return caught.value


@pytest.mark.parametrize(
    ("text", "issue_type", "code", "location"),
    [
        (adt.er7("A99"), "not-supported", "201", "MSH-9.2"),
        (adt.er7(PV1={19: ""}), "required", "101", "PV1-19"),
        (adt.er7(PV1={44: "?"}), "value", "102", "PV1-44"),
        (adt.er7(PV1={2: "?"}), "code-invalid", "103", "PV1-2"),
        ("MSH|", "structure", "100", "MSH-2"),
    ],
)
def test_the_outcome_says_why_and_where_in_two_languages(text: str, issue_type: str, code: str, location: str) -> None:
    reason = refused(text)
    bundle = hl7v2.rejected(
        raw=RAW, codec="utf-8", received=adt.RECEIVED, identifier=adt.IDENTIFIER, reason=reason, header=None
    )
    [issue] = adt.resource(bundle, "OperationOutcome")["issue"]
    assert (issue["severity"], issue["code"], issue["location"]) == ("error", issue_type, [location])
    assert issue["details"]["coding"][0]["code"] == code
    assert reason.zh in issue["details"]["text"]
    assert reason.en in issue["details"]["text"]


def test_the_bundle_has_header_outcome_bytes_and_their_provenance() -> None:
    bundle = hl7v2.rejected(
        raw=RAW,
        codec="utf-8",
        received=adt.RECEIVED,
        identifier=adt.IDENTIFIER,
        reason=refused(adt.er7("A99")),
        header=hl7v2.head(hl7v2.parse(adt.er7("A99"))),
    )
    url = {entry["resource"]["resourceType"]: entry["fullUrl"] for entry in bundle["entry"]}
    assert list(url) == ["MessageHeader", "OperationOutcome", "Binary", "Provenance"]
    header, provenance = adt.resource(bundle, "MessageHeader"), adt.resource(bundle, "Provenance")
    assert header["eventCoding"] == coding("message-event", "message-rejected")
    assert header["source"] == {"name": "HIS", "endpoint": "urn:fdgw:feed:HIS:H500199"}
    assert header["sender"]["identifier"]["value"] == "H500199"
    assert header["focus"] == [{"reference": url["OperationOutcome"]}]
    assert provenance["target"] == [{"reference": url["Binary"]}]
    assert bundle["timestamp"] == provenance["recorded"] == "2025-09-02T08:30:13.250+08:00"
    assert base64.b64decode(adt.resource(bundle, "Binary")["data"]) == RAW
    assert validator.check(bundle) == []
    Bundle.model_validate_json(json.dumps(bundle))


def test_bytes_that_tell_nothing_are_kept_without_a_character_set_or_a_sender() -> None:
    bundle = hl7v2.rejected(
        raw=b"\xff\xfe\x00",
        codec=None,
        received=adt.RECEIVED,
        identifier="//",
        reason=hl7v2.Untranslatable(ack="AE", code="207", location="MSH-18", zh="字符集不明。", en="Unknown charset."),
        header=None,
    )
    assert adt.resource(bundle, "Binary")["contentType"] == "x-application/hl7-v2+er7"
    assert adt.resource(bundle, "MessageHeader")["source"] == {"endpoint": "urn:fdgw:feed::"}
    assert "sender" not in adt.resource(bundle, "MessageHeader")
    [agent] = adt.resource(bundle, "Provenance")["agent"]
    assert agent["who"]["extension"][0]["valueCode"] == "unknown"
    [issue] = adt.resource(bundle, "OperationOutcome")["issue"]
    assert issue["code"] == "exception"
    assert validator.check(bundle) == []
    Bundle.model_validate_json(json.dumps(bundle))


def test_the_facility_of_the_feed_goes_before_that_of_the_message() -> None:
    bundle = hl7v2.rejected(
        raw=RAW,
        codec="utf-8",
        received=adt.RECEIVED,
        identifier=adt.IDENTIFIER,
        reason=refused(adt.er7("A99")),
        header=hl7v2.head(hl7v2.parse(adt.er7("A99"))),
        feed=hl7v2.Feed(facility="H2"),
    )
    assert adt.resource(bundle, "MessageHeader")["sender"]["identifier"]["value"] == "H2"


def test_a_sender_may_have_any_name() -> None:
    bundle = adt.translated(adt.er7(MSH={3: "HIS 1:a", 4: "示例"}))
    endpoint = adt.resource(bundle, "MessageHeader")["source"]["endpoint"]
    assert endpoint == "urn:fdgw:feed:HIS%201%3Aa:%E7%A4%BA%E4%BE%8B"

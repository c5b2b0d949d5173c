"""The TestScript engine: every assertion can fail, nothing that is not supported passes, reports are FHIR."""

import json

import pytest

from conformance import testscript
from profiles import validator
from profiles.http import HTTPError
from tests.conformance.scripted_server import (
    BASE,
    PATIENT,
    Answer,
    Server,
    asserted,
    bare,
    operation,
    reported,
    results,
    said,
    script,
)

BUNDLE = {
    "resourceType": "Bundle",
    "type": "searchset",
    "link": [{"relation": "self", "url": f"{BASE}/Patient"}, {"relation": "next", "url": f"{BASE}/Patient?page=2"}],
    "entry": [{"resource": PATIENT}],
}


def answer(content, status=200, **headers):
    named = {"Content-Type": "application/fhir+json", **{name.replace("_", "-"): one for name, one in headers.items()}}
    return Answer(status, content if isinstance(content, bytes) else json.dumps(content).encode(), named)


HOLDS = [
    ({"response": "okay"}, {"response": "created"}),
    ({"responseCode": "200"}, {"responseCode": "201"}),
    ({"responseCode": "200,204", "operator": "in"}, {"responseCode": "200,204", "operator": "notIn"}),
    ({"contentType": "json"}, {"contentType": "xml"}),
    ({"contentType": "application/fhir+json"}, {"contentType": "application/json"}),
    ({"headerField": "etag", "value": 'W/"3"'}, {"headerField": "ETag", "value": 'W/"4"'}),
    ({"headerField": "ETag", "operator": "notEmpty"}, {"headerField": "Location", "operator": "notEmpty"}),
    ({"headerField": "Location", "operator": "empty"}, {"headerField": "ETag", "operator": "empty"}),
    ({"resource": "Patient"}, {"resource": "Practitioner"}),
    ({"expression": "Patient.active"}, {"expression": "Patient.active.not()"}),
    ({"expression": "Patient.name.exists()"}, {"expression": "Patient.photo"}),
    ({"expression": "Patient.name.first().family", "value": "示例"}, {"expression": "Patient.photo", "value": "x"}),
    ({"expression": "Patient.active", "value": "true"}, {"expression": "Patient.active", "value": "false"}),
    (
        {"expression": "Patient.multipleBirth", "value": "1", "operator": "greaterThan"},
        {"expression": "Patient.multipleBirth", "value": "10", "operator": "greaterThan"},
    ),
    (
        {"expression": "Patient.birthDate", "value": "1951-01-01", "operator": "lessThan"},
        {"expression": "Patient.birthDate", "value": "1950-01-31", "operator": "lessThan"},
    ),
    (
        {"expression": "Patient.name.family", "value": "虚", "operator": "contains"},
        {"expression": "Patient.name.family", "value": "虚", "operator": "notContains"},
    ),
    ({"expression": "Patient.active", "operator": "eval"}, {"expression": "false", "operator": "eval"}),
    (
        {"path": "fhir:Patient/fhir:name/fhir:given/@value", "value": "乙"},
        {"path": "Patient/name/given", "value": "丙"},
    ),
    (
        {"path": "/Patient/identifier[fhir:system/@value='urn:b']/value/@value", "value": "2"},
        {"path": "/Patient/identifier[fhir:system/@value='urn:a']/value/@value", "value": "2"},
    ),
    ({"path": "Patient/name[2]/family", "value": "虚构"}, {"path": "Patient/name[1]/family", "value": "虚构"}),
    ({"path": "$.name[1].family", "value": "虚构"}, {"path": "$.name.family", "value": "虚构"}),
    ({"path": ".identifier[*].value", "value": "2"}, {"path": ".identifier[*].value", "value": "3"}),
    ({"requestMethod": "get"}, {"requestMethod": "post"}),
    ({"requestURL": "/Patient/7"}, {"requestURL": "/Patient/8"}),
    ({"requestURL": f"{BASE}/Patient/7"}, {"requestURL": f"{BASE}/Patient"}),
    (
        {"direction": "request", "headerField": "Accept", "value": "fhir+json", "operator": "contains"},
        {"direction": "request", "headerField": "Accept", "value": "xml", "operator": "contains"},
    ),
    ({"validateProfileId": "patient"}, {"validateProfileId": "practitioner"}),
    ({"minimumId": "least"}, {"minimumId": "more"}),
    (
        {
            "compareToSourceId": "least",
            "compareToSourceExpression": "Patient.birthDate",
            "expression": "Patient.birthDate",
        },
        {
            "compareToSourceId": "more",
            "compareToSourceExpression": "Patient.birthDate",
            "expression": "Patient.birthDate",
        },
    ),
    (
        {"compareToSourceId": "least", "compareToSourcePath": "Patient/birthDate", "path": "Patient/birthDate"},
        {"compareToSourceId": "more", "compareToSourcePath": "Patient/birthDate", "path": "Patient/birthDate"},
    ),
]
"""An assertion that holds, and one of its kind that does not."""

LEAST = {"resourceType": "Patient", "id": "least", "name": [{"given": ["乙"]}], "birthDate": "1950-01-31"}
MORE = {"resourceType": "Patient", "id": "more", "name": [{"given": ["丙"]}], "birthDate": "1950-02-01"}
KNOWN = {
    "contained": [LEAST, MORE],
    "fixture": [{"id": one, "resource": {"reference": f"#{one}"}} for one in ("least", "more")],
    "profile": [
        {"id": name.lower(), "reference": f"http://hl7.org/fhir/StructureDefinition/{name}"}
        for name in ("Patient", "Practitioner", "Nothing")
    ],
}


@pytest.mark.parametrize(("holds", "does_not"), HOLDS)
def test_an_assertion_holds_or_fails(tmp_path, holds, does_not):
    for one, expected in ((holds, "pass"), (does_not, "fail")):
        report = reported(tmp_path, script(operation(), asserted(**one), **KNOWN), Server())
        assert said(report)[0] == expected, said(report)
        assert report["result"] == expected
        assert validator.check(report) == []
    report = reported(tmp_path, script(operation(), asserted(**does_not | {"warningOnly": True}), **KNOWN), Server())
    assert (said(report)[0], report["result"]) == ("warning", "pass")


@pytest.mark.parametrize(
    "unsupported",
    [
        {},
        {"extension": [{"url": "urn:subtest"}]},
        {"defaultManualCompletion": "fail"},
        {"modifierExtension": [{"url": "urn:not"}], "response": "okay"},
        {"response": "okay", "resource": "Patient"},
        {"response": "fine"},
        {"expression": "Patient.name.nothingLikeThis()"},
        {"expression": "Patient.name("},
        {"path": "count(fhir:Patient/fhir:name)", "value": "2"},
        {"path": "//fhir:name", "value": "2"},
        {"path": "$..name", "value": "2"},
        {"expression": "Patient.active", "operator": "sort", "value": "x"},
        {"expression": "Patient.active", "operator": "equals"},
        {"expression": "Patient.active", "compareToSourceId": "least"},
        {"expression": "Patient.active", "value": "${unheard}"},
        {"sourceId": "unheard", "resource": "Patient"},
        {"validateProfileId": "nothing"},
        {"validateProfileId": "unheard"},
        {"minimumId": "unheard"},
        {"compareToSourceId": "least", "compareToSourceExpression": "Patient.photo", "expression": "Patient.name"},
        {"response": ["okay"]},
    ],
    ids=str,
)
def test_what_cannot_be_evaluated_is_an_error_and_never_passes(tmp_path, unsupported):
    report = reported(tmp_path, script(operation(), asserted(**unsupported), **KNOWN), Server())
    assert (said(report)[0], report["result"]) == ("error", "fail"), said(report)
    assert validator.check(report) == []


@pytest.mark.parametrize(
    ("action", "word"),
    [
        (operation("no-such-operation"), "no-such-operation"),
        (operation(type={"system": "http://example.org", "code": "read"}), "another system"),
        (operation(destination=2), "destination"),
        (operation(origin=2), "origin"),
        (operation(contentType="xml", sourceId="least", code="update"), "xml"),
        (operation(url="http://elsewhere.example.org/Patient/7"), "another server"),
        (operation(params="/${unheard}"), "unheard"),
        (operation(sourceId="unheard", code="create"), "unheard"),
        (bare("read", resource="Patient"), "targetId"),
        (bare("vread", resource="Patient", targetId="least"), "version"),
        (bare("read", targetId="unheard"), "unheard"),
        (operation(modifierExtension=[{"url": "urn:not"}]), "modifierExtension"),
        ({"operation": {"encodeRequestUrl": True}}, "neither a type"),
        (operation(requestHeader=[{"field": "A"}]), "malformed"),
        ({}, "no assertion"),
        ({"operation": {}, "assert": {}}, "no assertion"),
    ],
)
def test_an_operation_that_cannot_be_done_is_an_error_and_is_not_sent(tmp_path, action, word):
    server = Server()
    report = reported(tmp_path, script(action, asserted(response="okay"), **KNOWN), server)
    assert results(report)[0] == "error"
    assert word in next(iter(report["test"][0]["action"][0].values()))["message"]
    assert server.sent == []
    assert report["result"] == "fail"


@pytest.mark.parametrize(
    ("action", "method", "path"),
    [
        (operation(), "GET", "/Patient/7"),
        (bare("read", targetId="read"), "GET", "/Patient/7"),
        (bare("vread", targetId="read"), "GET", "/Patient/7/_history/3"),
        (bare("history", targetId="read"), "GET", "/Patient/7/_history"),
        (bare("history", resource="Patient"), "GET", "/Patient/_history"),
        (bare("history"), "GET", "/_history"),
        (bare("delete", targetId="read"), "DELETE", "/Patient/7"),
        (bare("deleteCondSingle", resource="Patient", params="?_id=7"), "DELETE", "/Patient?_id=7"),
        (bare("create", sourceId="least"), "POST", "/Patient"),
        (bare("update", sourceId="read"), "PUT", "/Patient/7"),
        (bare("update", sourceId="least", targetId="read"), "PUT", "/Patient/7"),
        (
            bare("patch", resource="Patient", params="/7", sourceId="patch", contentType="application/json-patch+json"),
            "PATCH",
            "/Patient/7",
        ),
        (bare("search", resource="Patient", params="?name=张 三|x"), "GET", "/Patient?name=%E5%BC%A0%20%E4%B8%89%7Cx"),
        (bare("search", resource="Patient", params="?name=%E5%BC%A0"), "GET", "/Patient?name=%E5%BC%A0"),
        (bare("search", resource="Patient", params="name=a", method="post"), "POST", "/Patient/_search"),
        (bare("capabilities"), "GET", "/metadata"),
        (bare("transaction", sourceId="least"), "POST", ""),
        (bare("batch", sourceId="least"), "POST", ""),
        (bare("everything", targetId="read", params="?_count=1"), "GET", "/Patient/7/$everything?_count=1"),
        (bare("validate", resource="Patient", sourceId="least"), "POST", "/Patient/$validate"),
        (bare("$fd-policy", params="?at=2026"), "GET", "/$fd-policy?at=2026"),
        (bare("read", url="Patient/${id}"), "GET", "/Patient/7"),
        (bare("read", url=f"{BASE}/Patient/7"), "GET", "/Patient/7"),
        ({"operation": {"method": "head", "url": "Patient/7"}}, "HEAD", "/Patient/7"),
    ],
)
def test_an_operation_as_http(tmp_path, action, method, path):
    server = Server()
    patch = {"resourceType": "Binary", "id": "patch", "contentType": "application/json-patch+json", "data": "W10="}
    more = {
        "contained": [LEAST, patch],
        "fixture": [{"id": one, "resource": {"reference": f"#{one}"}} for one in ("least", "patch")],
        "variable": [{"name": "id", "expression": "Patient.id", "sourceId": "read"}],
    }
    report = reported(tmp_path, script(operation(responseId="read"), action, **more), server)
    assert results(report) == ["pass", "pass"], said(report)
    assert (server.sent[1][0], server.sent[1][1].rstrip("/")) == (method, path)


def test_bodies_and_headers_are_sent_with_their_variables(tmp_path):
    server = Server(Answer(201, b"", {"Location": f"{BASE}/Patient/9/_history/1"}), Answer())
    content = {"resourceType": "Patient", "id": "c", "name": [{"text": "${name} ${stays}"}]}
    more = {
        "contained": [content],
        "fixture": [{"id": "c", "autocreate": True, "autodelete": True, "resource": {"reference": "#c"}}],
        "variable": [{"name": "name", "defaultValue": 'a"b'}, {"name": "etag", "headerField": "ETag", "sourceId": "r"}],
    }
    update = bare("update", sourceId="c", targetId="c", requestHeader=[{"field": "If-Match", "value": "${etag}"}])
    read = bare("read", targetId="c", responseId="r", accept="application/fhir+json; fhirVersion=4.0")
    report = reported(tmp_path, script(read, update, **more), server, {"name": "told"})
    assert set(results(report)) == {"pass"}
    made, read, updated, deleted = server.sent
    assert (made[:2], json.loads(made[2])["name"]) == (("POST", "/Patient"), [{"text": "told ${stays}"}])
    assert (read[1], read[3]["Accept"]) == ("/Patient/9", "application/fhir+json; fhirVersion=4.0")
    assert (updated[1], json.loads(updated[2])["id"], updated[3]["If-Match"]) == ("/Patient/9", "9", 'W/"3"')
    assert deleted[:2] == ("DELETE", "/Patient/9")
    assert [one for one in report["teardown"]["action"] if "assert" in one] == []


def test_a_setup_that_fails_skips_the_tests_and_tears_down(tmp_path):
    setup = {"setup": {"action": [operation(), asserted(response="created"), operation()]}}
    teardown = {"teardown": {"action": [operation("delete")]}}
    server = Server()
    report = reported(tmp_path, script(operation(), asserted(response="okay"), **setup, **teardown), server)
    assert results(report) == ["pass", "fail", "skip", "skip", "skip", "pass"]
    assert [one[0] for one in server.sent] == ["GET", "DELETE"]
    assert (report["result"], report["score"]) == ("fail", 0)
    assert validator.check(report) == []


def test_a_test_goes_on_after_an_assertion_that_fails_and_others_are_run(tmp_path):
    content = script(operation(), asserted(response="created"), asserted(response="okay"))
    content["test"].append({"name": "U", "action": [operation(), asserted(response="okay")]})
    report = reported(tmp_path, content, Server())
    assert results(report) == ["pass", "fail", "pass", "pass", "pass"]
    assert (report["result"], str(report["score"])) == ("fail", "50.00")


def test_a_server_that_is_gone_is_an_error(tmp_path):
    report = reported(tmp_path, script(operation(), asserted(response="okay")), Server(HTTPError("gone")))
    assert results(report) == ["error", "skip"]


def test_content_that_is_not_json_is_an_error_where_it_is_looked_into(tmp_path):
    xml = Answer(200, b"<Patient/>", {"Content-Type": "application/fhir+xml"})
    wanted = [asserted(contentType="xml"), asserted(expression="Patient.active"), asserted(validateProfileId="patient")]
    assert results(reported(tmp_path, script(operation(), *wanted, **KNOWN), Server(xml))) == [
        "pass",
        "pass",
        "error",
        "error",
    ]
    nothing = Answer(204, b"", {})
    assert results(reported(tmp_path, script(operation(), *wanted[1:], **KNOWN), Server(nothing))) == [
        "pass",
        "fail",
        "fail",
    ]


def test_navigation_links_are_followed(tmp_path):
    action = asserted(navigationLinks=True)
    search = bare("search", resource="Patient", params="?a=b")
    server = Server(answer(BUNDLE), answer(BUNDLE))
    assert said(reported(tmp_path, script(search, action), server))[0] == "pass"
    assert server.sent[1][1] == "/Patient?page=2"
    assert said(reported(tmp_path, script(search, action), Server(answer(BUNDLE), answer({}, 404))))[0] == "fail"
    assert said(reported(tmp_path, script(search, action), Server(answer(BUNDLE | {"link": []}))))[0] == "fail"
    away = BUNDLE | {"link": [{"relation": "next", "url": "http://elsewhere.example.org/"}]}
    assert said(reported(tmp_path, script(search, action), Server(answer(away))))[0] == "error"


def test_fixtures_are_contained_files_beside_the_script_or_on_the_server(tmp_path):
    (tmp_path / "Patient").mkdir()
    (tmp_path / "Patient" / "file.json").write_text(json.dumps(MORE))
    (tmp_path.parent / "secret.json").write_text(json.dumps(MORE))
    (tmp_path / "odd.json").write_text("[]")

    def used(reference):
        more = {"contained": [LEAST], "fixture": [{"id": "f", "resource": {"reference": reference}}]}
        report = reported(tmp_path, script(bare("create", sourceId="f"), **more), server := Server())
        return results(report)[0], [one[1] for one in server.sent]

    assert used("#least") == ("pass", ["/Patient"])
    assert used("Patient/file.json") == ("pass", ["/Patient"])
    assert used("Patient/file") == ("pass", ["/Patient"])
    assert used("Patient/7") == ("pass", ["/Patient/7", "/Patient"])
    assert used("../secret.json") == ("error", [])
    assert used("odd.json") == ("error", [])
    assert used("#unheard") == ("error", [])
    assert used("http://elsewhere.example.org/Patient/7") == ("error", [])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{", "not JSON"),
        ("<TestScript/>", "not JSON"),
        ("[]", "not a TestScript"),
        ('{"resourceType": "Patient"}', "not a TestScript"),
        (json.dumps({"resourceType": "TestScript"}), "nothing to run"),
        (json.dumps(script() | {"common": []}), "common"),
        (json.dumps(script() | {"modifierExtension": [{"url": "urn:x"}]}), "modifierExtension"),
    ],
)
def test_what_is_no_script_is_refused(tmp_path, content, word):
    path = tmp_path / "script.json"
    path.write_text(content)
    with pytest.raises(testscript.ScriptError) as refused:
        testscript.load(path)
    assert word in refused.value.en
    with pytest.raises(testscript.ScriptError):
        testscript.load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("broken", "result"),
    [
        ({"test": [7]}, "error"),
        ({"test": [{"name": "T", "action": []}]}, "error"),
        ({"test": [{"name": "T", "action": [7]}]}, "error"),
        ({"fixture": [7], "variable": 7, "profile": "x", "contained": {}}, "pass"),
        ({"setup": 7}, "pass"),
    ],
)
def test_a_malformed_script_never_raises_and_what_proves_nothing_does_not_pass(tmp_path, broken, result):
    report = reported(tmp_path, script(operation()) | broken, Server())
    assert results(report) == [result]
    assert report["result"] == {"pass": "pass", "error": "fail"}[result]
    assert validator.check(report) == []

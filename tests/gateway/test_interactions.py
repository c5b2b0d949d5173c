"""Create, read, vread, update, delete and history, as a client sees them. https://hl7.org/fhir/R4/http.html"""

import json

import pytest

from tests.conftest import Gateway

PATIENT = {"resourceType": "Patient", "name": [{"text": "示例甲"}], "gender": "female", "birthDate": "1949-12-31"}


@pytest.mark.feature("Interactions", "create, read, vread")
def test_create_answers_with_version_location_and_the_resource(gateway: Gateway) -> None:
    answer = gateway.client.post("/Patient", json=PATIENT | {"id": "chosen-by-client"})
    assert answer.status_code == 201
    created = answer.json()
    assert created["id"] != "chosen-by-client"
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["location"] == f"{gateway.base}/Patient/{created['id']}/_history/1"
    assert created["meta"]["versionId"] == "1"
    assert created["meta"]["lastUpdated"].endswith("+08:00")
    assert gateway.client.get(f"/Patient/{created['id']}").json() == created


@pytest.mark.feature("Interactions", "create, read, vread")
def test_decimals_and_the_order_of_elements_are_kept(gateway: Gateway) -> None:
    body = (
        '{"resourceType":"Observation","status":"final","code":{"text":"空腹血糖"},'
        '"valueQuantity":{"unit":"mmol/L","value":6.10}}'
    )
    created = gateway.client.post("/Observation", content=body)
    assert created.status_code == 201
    text = gateway.client.get(f"/Observation/{created.json()['id']}").text
    assert '"valueQuantity":{"unit":"mmol/L","value":6.10}' in text


@pytest.mark.feature("Interactions", "update; an identical one makes no version")
def test_update_makes_versions_and_identical_content_makes_none(gateway: Gateway) -> None:
    first = gateway.client.put("/Patient/update-1", json=PATIENT | {"id": "update-1"})
    assert first.status_code == 201
    second = gateway.client.put("/Patient/update-1", json=PATIENT | {"id": "update-1", "gender": "male"})
    assert (second.status_code, second.headers["etag"]) == (200, 'W/"2"')
    same = gateway.client.put("/Patient/update-1", json=PATIENT | {"id": "update-1", "gender": "male"})
    assert (same.status_code, same.headers["etag"]) == (200, 'W/"2"')
    assert gateway.client.get("/Patient/update-1/_history/1").json()["gender"] == "female"


@pytest.mark.feature("Interactions", "conditional read and If-Match")
def test_if_match_refuses_to_replace_another_version(gateway: Gateway) -> None:
    gateway.client.put("/Patient/match-1", json=PATIENT | {"id": "match-1"})
    change = PATIENT | {"id": "match-1", "gender": "male"}
    stale = gateway.client.put("/Patient/match-1", json=change, headers={"If-Match": 'W/"7"'})
    assert stale.status_code == 412
    assert stale.json()["issue"][0]["code"] == "conflict"
    assert gateway.client.put("/Patient/match-1", json=change, headers={"If-Match": 'W/"1"'}).status_code == 200


@pytest.mark.feature("Interactions", "conditional read and If-Match")
def test_if_none_match_answers_304(gateway: Gateway) -> None:
    gateway.client.put("/Patient/cached-1", json=PATIENT | {"id": "cached-1"})
    answer = gateway.client.get("/Patient/cached-1", headers={"If-None-Match": 'W/"1"'})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.feature("Interactions", "delete and history")
def test_delete_leaves_the_history_readable_and_may_be_undone(gateway: Gateway) -> None:
    gateway.client.put("/Patient/gone-1", json=PATIENT | {"id": "gone-1"})
    assert gateway.client.delete("/Patient/gone-1").status_code == 204
    assert gateway.client.delete("/Patient/gone-1").status_code == 204
    assert gateway.client.get("/Patient/gone-1").status_code == 410
    assert gateway.client.get("/Patient?_id=gone-1").json().get("entry") is None
    assert gateway.client.get("/Patient/gone-1/_history/1").status_code == 200
    again = gateway.client.put("/Patient/gone-1", json=PATIENT | {"id": "gone-1"})
    assert (again.status_code, again.headers["etag"]) == (201, 'W/"3"')
    versions = gateway.client.get("/Patient/gone-1/_history").json()
    assert [entry["request"]["method"] for entry in versions["entry"]] == ["PUT", "DELETE", "PUT"]
    assert [entry["response"]["status"] for entry in versions["entry"]] == ["201", "204", "201"]
    assert versions["total"] == 3


@pytest.mark.feature("Interactions", "delete and history")
def test_a_history_tells_how_each_version_came_newest_first_and_as_many_as_asked(gateway: Gateway) -> None:
    made = gateway.client.post("/Patient", json=PATIENT).json()
    for gender in ("male", "other"):
        gateway.client.put(f"/Patient/{made['id']}", json=made | {"gender": gender})
    whole = gateway.client.get(f"/Patient/{made['id']}/_history").json()
    requests = [(entry["request"]["method"], entry["request"]["url"]) for entry in whole["entry"]]
    own = f"Patient/{made['id']}"
    assert requests == [("PUT", own), ("PUT", own), ("POST", "Patient")]
    newest = gateway.client.get(f"/Patient/{made['id']}/_history?_count=2").json()
    assert (newest["entry"], newest["total"]) == (whole["entry"][:2], 3)
    itself, following = newest["link"]
    assert itself == {"relation": "self", "url": f"{gateway.base}/{own}/_history?_count=2"}
    assert gateway.client.get(following["url"]).json()["entry"] == whole["entry"][2:]
    assert gateway.client.get(f"/Patient/{made['id']}/_history?_count=x").status_code == 400


@pytest.mark.feature("Interactions", "Prefer")
def test_prefer_minimal_returns_no_body(gateway: Gateway) -> None:
    answer = gateway.client.post("/Patient", json=PATIENT, headers={"Prefer": "return=minimal"})
    assert (answer.status_code, answer.content) == (201, b"")


@pytest.mark.feature("Interactions", "OperationOutcome in Chinese and English")
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "key", "expression"),
    [
        ("GET", "/Patient/nobody", None, 404, "FD-NOT-FOUND", None),
        ("GET", "/Patinet", None, 404, "FD-TYPE", None),
        ("GET", "/Patient/a/b/c", None, 404, "FD-URL", None),
        ("DELETE", "/Patient", None, 400, "FD-CRITERIA", None),
        ("POST", "/Patient", "{", 400, "FD-JSON", None),
        ("POST", "/Patient", b"\xff{}", 400, "FD-JSON", None),
        ("POST", "/Patient", "[]", 400, "FD-JSON-OBJECT", None),
        ("POST", "/Patient", '{"resourceType":"Encounter"}', 400, "FD-TYPE-MISMATCH", "resourceType"),
        ("PUT", "/Patient/a", '{"resourceType":"Patient","id":"b"}', 400, "FD-ID-MISMATCH", "Patient.id"),
        ("PUT", "/Patient/a", '{"resourceType":"Patient"}', 400, "FD-ID-MISMATCH", "Patient.id"),
        ("GET", "/Patient?nmae=x", None, 400, "FD-SEARCH-UNKNOWN", None),
        ("GET", "/Patient?birthdate=1990-13", None, 400, "FD-SEARCH-DATE", None),
        ("GET", "/Patient?_count=many", None, 400, "FD-SEARCH-COUNT", None),
        ("GET", "/Patient?_cursor=%21", None, 400, "FD-SEARCH-PAGE", None),
        ("GET", "/Patient?name:sounds=x", None, 400, "FD-SEARCH-MODIFIER", None),
        ("GET", "/Patient?_sort=nothing", None, 400, "FD-SEARCH-SORT", None),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_two_languages(
    gateway: Gateway, method: str, path: str, body: str | None, status: int, key: str, expression: str | None
) -> None:
    answer = gateway.client.request(method, path, content=body)
    assert answer.status_code == status
    issue = answer.json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == key
    assert issue["details"]["text"]
    assert issue["diagnostics"].isascii()
    assert issue.get("expression") == ([expression] if expression else None)


@pytest.mark.feature("Interactions", "OperationOutcome in Chinese and English")
@pytest.mark.parametrize(
    ("resource", "expression"),
    [
        ({"resourceType": "Patient", "nmae": [{"text": "x"}]}, "Patient.nmae"),
        ({"resourceType": "Patient", "birthDate": "1990-02-30"}, "Patient.birthDate"),
        ({"resourceType": "Patient", "gender": "girl"}, "Patient.gender"),
        ({"resourceType": "Patient", "active": "true"}, "Patient.active"),
        ({"resourceType": "Patient", "name": {"text": "x"}}, "Patient.name"),
        ({"resourceType": "Encounter", "status": "planned"}, "Encounter.class"),
    ],
)
def test_what_is_wrong_with_a_resource_is_named_by_its_place(
    gateway: Gateway, resource: dict[str, object], expression: str
) -> None:
    answer = gateway.client.post(f"/{resource['resourceType']}", json=resource)
    assert answer.status_code == 422
    assert expression in [place for issue in answer.json()["issue"] for place in issue.get("expression", [])]


@pytest.mark.feature("Robustness", "hostile requests")
def test_json_that_is_too_deep_is_refused(gateway: Gateway) -> None:
    deep = '{"resourceType":"Patient","extension":' + '[{"extension":' * 3000 + "1" + "}]" * 3000 + "}"
    answer = gateway.client.post("/Patient", content=deep)
    assert answer.status_code in {400, 422}
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.feature("Interactions", "_format and media types")
def test_other_media_types_are_refused(gateway: Gateway) -> None:
    xml = {"Content-Type": "application/fhir+xml"}
    assert gateway.client.post("/Patient", content="<Patient/>", headers=xml).status_code == 415
    assert gateway.client.get("/Patient", headers={"Accept": "application/fhir+xml"}).status_code == 406


@pytest.mark.feature("Access", "SMART v2 scopes, limited ones too")
def test_nobody_gets_in_without_a_token_and_scopes_are_kept(gateway: Gateway) -> None:
    anonymous = gateway.client.get("/Patient", headers={"Authorization": "Bearer nonsense"})
    assert anonymous.status_code == 401
    assert anonymous.headers["www-authenticate"].startswith("Bearer")
    with gateway.client_for("adapter") as adapter:
        assert adapter.get("/Patient").status_code == 403
        assert adapter.get("/Patient/anybody").status_code == 403
        assert adapter.post("/Patient", json=PATIENT).status_code == 403


@pytest.mark.feature("Interactions", "CapabilityStatement, proven and cacheable")
def test_metadata_is_public_and_made_from_the_tables(gateway: Gateway) -> None:
    answer = gateway.client.get("/metadata", headers={"Authorization": ""})
    statement = json.loads(answer.text)
    types = {resource["type"]: resource for resource in statement["rest"][0]["resource"]}
    assert statement["fhirVersion"] == "4.0.1"
    assert "due" in {parameter["name"] for parameter in types["Task"]["searchParam"]}
    assert len(types) == 146

"""GET /metadata tells the truth: everything it declares works, and everything that works is declared."""

from typing import Any

import httpx
import pytest

from gateway.rest import routes
from gateway.rest.capability import declared
from profiles import definitions, validator
from tests.conftest import Gateway, serving

pytestmark = pytest.mark.feature("Interactions", "CapabilityStatement, proven and cacheable")

Resource = dict[str, Any]
PROBES = {
    "read": ("GET", "/{type}/probe", None),
    "vread": ("GET", "/{type}/probe/_history/1", None),
    "update": ("PUT", "/{type}/probe", {"id": "probe"}),
    "patch": ("PATCH", "/{type}/probe", [{"op": "test", "path": "/id", "value": "probe"}]),
    "delete": ("DELETE", "/{type}/probe", None),
    "history-instance": ("GET", "/{type}/probe/_history", None),
    "history-type": ("GET", "/{type}/_history?_count=1", None),
    "create": ("POST", "/{type}", {}),
    "search-type": ("GET", "/{type}?_count=1", None),
    "transaction": ("POST", "", {"resourceType": "Bundle", "type": "transaction"}),
    "batch": ("POST", "", {"resourceType": "Bundle", "type": "batch"}),
    "search-system": ("GET", "?_type=Patient&_count=1", None),
    "history-system": ("GET", "/_history?_count=1", None),
}
VALUES = {
    "token": "x",
    "date": "2026",
    "string": "x",
    "reference": "Patient/x",
    "uri": "urn:x",
    "number": "1",
    "quantity": "1",
    "special": "30|120",
}
NOT_SERVED = {405, 500, 501}


@pytest.fixture(scope="module")
def statement(gateway: Gateway) -> Resource:
    found: Resource = httpx.get(f"{gateway.base}/metadata").json()
    return found


@pytest.fixture(scope="module")
def rest(statement: Resource) -> Resource:
    found: Resource = statement["rest"][0]
    return found


def probed(gateway: Gateway, code: str, resource_type: str) -> httpx.Response:
    method, path, body = PROBES[code]
    if isinstance(body, dict):
        body = {"resourceType": resource_type} | body
    patching = {"Content-Type": "application/json-patch+json"} if method == "PATCH" else {}
    return gateway.client.request(method, path.format(type=resource_type), json=body, headers=patching)


def is_unknown_address(answer: httpx.Response) -> bool:
    return answer.status_code == 404 and answer.json()["issue"][0]["details"]["coding"][0]["code"] in {
        "FD-URL",
        "FD-TYPE",
    }


def test_the_statement_and_its_parts_are_valid(gateway: Gateway, statement: Resource) -> None:
    assert validator.check(statement) == []
    for mode, kind in (("normative", "CapabilityStatement"), ("terminology", "TerminologyCapabilities")):
        told = gateway.client.get(f"/metadata?mode={mode}").json()
        assert told["resourceType"] == kind
        assert validator.check(told) == []
    assert validator.check(gateway.client.get("/metadata?_summary=true").json()) == []


def test_every_interaction_that_is_declared_works_for_every_type(gateway: Gateway, rest: Resource) -> None:
    assert {one["type"] for one in rest["resource"]} == definitions.resource_types()
    refused = []
    for one in rest["resource"]:
        for code in [interaction["code"] for interaction in one["interaction"]]:
            answer = probed(gateway, code, one["type"])
            if answer.status_code in NOT_SERVED or is_unknown_address(answer):
                refused.append((one["type"], code, answer.status_code))
    assert refused == []


def test_every_interaction_of_the_system_works(gateway: Gateway, rest: Resource) -> None:
    statuses = {one["code"]: probed(gateway, one["code"], "Bundle").status_code for one in rest["interaction"]}
    assert statuses == dict.fromkeys(("transaction", "batch", "search-system", "history-system"), 200)


def value(resource_type: str, parameter: Resource) -> str | None:
    """One that such a parameter takes; None for composites, whose parts differ, and for what is a language."""
    if parameter["name"] == "_filter":
        return "_id eq x"
    if parameter["type"] == "composite":
        found = definitions.search_parameters(resource_type)[parameter["name"]]
        kinds = [definitions.search_parameter_type(part.definition) for part in found.components]
        return "$".join(VALUES[kind] for kind in kinds)
    return VALUES[parameter["type"]]


def test_every_search_parameter_that_is_declared_is_taken(gateway: Gateway, rest: Resource) -> None:
    refused = []
    for one in rest["resource"]:
        pairs = [(parameter["name"], value(one["type"], parameter)) for parameter in one["searchParam"]]
        for first in range(0, len(pairs), 15):
            answer = gateway.client.get(f"/{one['type']}", params=pairs[first : first + 15])
            if answer.status_code != 200:
                refused.append((one["type"], answer.json()["issue"][0]["diagnostics"]))
    assert refused == []
    everywhere = [(parameter["name"], value("Patient", parameter)) for parameter in rest["searchParam"]]
    assert gateway.client.get("", params=everywhere).status_code == 200


def test_every_include_that_is_declared_is_taken(gateway: Gateway, rest: Resource) -> None:
    for one in rest["resource"]:
        pairs = [("_include", include) for include in one["searchInclude"][:30]]
        pairs += [("_revinclude", include) for include in one.get("searchRevInclude", [])[:9]]
        answer = gateway.client.get(f"/{one['type']}", params=pairs)
        assert answer.status_code == 200, (one["type"], answer.text)


def test_every_operation_that_is_declared_has_an_address(gateway: Gateway, rest: Resource) -> None:
    system = [("", operation) for operation in rest.get("operation", ())]
    typed = [(one["type"], operation) for one in rest["resource"] for operation in one.get("operation", ())]
    for resource_type, operation in [*system, *typed]:
        paths = [f"{level}/${operation['name']}" for level in ([f"/{resource_type}", f"/{resource_type}/probe"])]
        paths = paths if resource_type else [f"/${operation['name']}"]
        answers = [gateway.client.post(path, json={"resourceType": "Parameters"}) for path in paths]
        assert any(one.status_code not in {404, *NOT_SERVED} or not is_unknown_address(one) for one in answers), paths
        assert all(one.status_code not in {500, 501} for one in answers), paths
        assert operation["definition"].startswith("http")


def test_nothing_that_is_routed_is_undeclared(rest: Resource) -> None:
    operations = {operation["name"] for operation in rest["operation"]}
    operations |= {one["name"] for resource in rest["resource"] for one in resource.get("operation", ())}
    for call in declared.calls(routes.ROUTES):
        named = [segment[1:] for segment in call[0] if segment.startswith("$")]
        known = (declared.ON_TYPES, declared.ON_SYSTEM, declared.CONDITIONAL, declared.WITHOUT_CODE)
        assert set(named) & operations if named else any(call in table for table in known), call
    codes = {one["code"] for one in rest["interaction"]} | {one["code"] for one in rest["resource"][0]["interaction"]}
    assert codes == PROBES.keys()


def test_what_the_site_has_decided_is_told(statement: Resource, rest: Resource) -> None:
    patient = next(one for one in rest["resource"] if one["type"] == "Patient")
    assert patient["conditionalCreate"] is patient["conditionalUpdate"] is patient["updateCreate"] is True
    assert (patient["conditionalRead"], patient["conditionalDelete"]) == ("full-support", "single")
    assert patient["referencePolicy"] == ["literal", "logical", "enforced"]
    assert "Patient:general-practitioner" in patient["searchInclude"]
    assert "Observation:subject" in patient["searchRevInclude"]
    assert statement["patchFormat"] == ["application/json-patch+json", "application/fhir+json"]
    assert statement["implementation"]["extension"][0]["valueCode"] == "Asia/Shanghai"


def test_the_statement_is_sent_once(gateway: Gateway) -> None:
    first = gateway.client.get("/metadata")
    tag = first.headers["etag"]
    for given in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = gateway.client.get("/metadata", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert gateway.client.get("/metadata", headers={"If-None-Match": '"x"'}).status_code == 200
    assert gateway.client.get("/metadata?_summary=true", headers={"If-None-Match": tag}).status_code == 200


def test_the_statement_in_parts(gateway: Gateway) -> None:
    short = gateway.client.get("/metadata?_elements=software,fhirVersion").json()
    assert "rest" not in short
    assert short["software"]["name"] == "fdgw"
    normative = gateway.client.get("/metadata?mode=normative").json()["rest"][0]["resource"]
    assert "Patient" in {one["type"] for one in normative}
    assert "Task" not in {one["type"] for one in normative}
    assert gateway.client.get("/metadata?mode=odd").status_code == 400


def test_terminology_that_is_declared_is_there(gateway: Gateway) -> None:
    listed = gateway.client.get("/metadata?mode=terminology").json()
    systems = [one["uri"] for one in listed["codeSystem"]]
    assert "http://hl7.org/fhir/administrative-gender" in systems
    asked = {"url": "http://hl7.org/fhir/ValueSet/administrative-gender", "filter": "male", "count": "1"}
    assert gateway.client.get("/ValueSet/$expand", params=asked).status_code == 200
    assert {"filter", "count", "offset"} <= {one["name"] for one in listed["expansion"]["parameter"]}


def test_a_site_that_decided_otherwise_says_so(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FDGW_REFERENTIAL_INTEGRITY", "false")
    with serving(database_url, tmp_path_factory.mktemp("free")) as other:
        patient = httpx.get(f"{other.base}/metadata").json()["rest"][0]["resource"][0]
        assert patient["referencePolicy"] == ["literal", "logical"]
        other.client.close()

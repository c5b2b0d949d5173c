"""A report as FHIR TestReport resources, one for each suite. https://hl7.org/fhir/R4/testreport.html"""

from conformance.report.document import Document
from conformance.report.words import printable, titled
from profiles.json import Resource

_RESULTS = {
    "pass": "pass",
    "fail": "fail",
    "warning": "warning",
    "skip": "skip",
    "not-run": "skip",
    "error": "error",
}
"""https://hl7.org/fhir/R4/valueset-report-action-result-codes.html"""
_FAILED = {"fail", "error"}


def drawn(report: Document) -> dict[str, Resource]:
    """Suite → TestReport."""
    return {suite["id"]: _of_suite(report, suite) for suite in report["suites"]}


def _of_suite(report: Document, suite: Document) -> Resource:
    checks = [one for one in report["checks"] if one["suite"] == suite["id"]]
    found: Resource = {
        "resourceType": "TestReport",
        "name": printable(f"{suite['id']} {suite['version']}"),
        "status": "stopped" if report["cutShort"] else "completed",
        "testScript": {"display": printable(f"{titled(suite)} {suite['version']}")},
        "result": _result(checks),
        "tester": report["tool"],
        "issued": report["begun"],
        "participant": [_engine(report), _server(report)],
        "test": [_test(one) for one in checks],
    }
    ran = [one for one in checks if one["verdict"] not in {"skip", "not-run"}]
    if ran:
        good = sum(one["verdict"] not in _FAILED for one in ran)
        found["score"] = round(100 * good / len(ran), 2)
    return found


def _result(checks: list[Document]) -> str:
    verdicts = {one["verdict"] for one in checks}
    if verdicts & _FAILED:
        return "fail"
    return "pending" if "not-run" in verdicts else "pass"


def _engine(report: Document) -> Resource:
    return {"type": "test-engine", "uri": "https://fdgw.example.org/conformance", "display": report["tool"]}


def _server(report: Document) -> Resource:
    target = report["target"]
    named = printable(f"{target['software']} {target['version']}").strip()
    server: Resource = {"type": "server", "uri": target["url"]}
    return {**server, "display": named} if named else server


def _test(check: Document) -> Resource:
    return {"name": check["id"], "description": printable(titled(check)), "action": _actions(check)}


def _actions(check: Document) -> list[Resource]:
    """Each exchange as an operation, each assertion after its own; the verdict in the end where it says more."""
    actions: list[Resource] = []
    placed = [one for one in check["assertions"] if one["exchange"] is not None]
    for place, exchange in enumerate(check["exchanges"]):
        line = f"{exchange['protocol']} {exchange['request']['line']} → {exchange['response']['status']}"
        actions.append({"operation": {"result": "pass", "message": printable(line)}})
        actions += [_assertion(check, one) for one in placed if one["exchange"] == place]
    actions += [_assertion(check, one) for one in check["assertions"] if one["exchange"] is None]
    actions.append({"assert": _closing(check)})
    return actions


def _assertion(check: Document, one: Document) -> Resource:
    missed = "warning" if one["advice"] or check["strength"] != "SHALL" else "fail"
    return {"assert": {"result": "pass" if one["met"] else missed, "message": printable(titled(one))}}


def _closing(check: Document) -> Resource:
    told: Resource = {"result": _RESULTS[check["verdict"]], "detail": printable(check["source"])}
    said = titled(check["reason"]) if check["reason"]["zh"] else titled(check)
    return {**told, "message": printable(f"{check['verdict']}: {said}")}

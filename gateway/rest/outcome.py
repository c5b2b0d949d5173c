"""OperationOutcome: every error in one shape, Chinese in `details`, English in `diagnostics`.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Iterable

from gateway.errors import FhirError, Issue
from gateway.rest.exchange import Response
from profiles import canonical, json
from profiles.json import Resource


def outcome(issues: Iterable[Issue]) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def response(error: FhirError) -> Response:
    headers = ((b"www-authenticate", b'Bearer realm="fdgw"'),) if error.status == 401 else ()
    if error.status == 503:
        headers = ((b"retry-after", b"1"),)
    return Response(error.status, json.dumps(outcome(error.issues)), headers)


def _issue(issue: Issue) -> Resource:
    entry: Resource = {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"coding": [canonical.coding("issue", issue.key)], "text": issue.zh},
        "diagnostics": issue.en,
    }
    if issue.expression:
        entry["expression"] = [issue.expression]
    return entry

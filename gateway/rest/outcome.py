"""OperationOutcome: every error in one shape, Chinese in `details`, English in `diagnostics`.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Iterable

from gateway.errors import FhirError, Issue
from gateway.rest.exchange import Response
from profiles import canonical, json
from profiles.json import Resource

_HEADERS = {
    401: ((b"www-authenticate", b'Bearer realm="fdgw"'),),
    503: ((b"retry-after", b"1"),),
}


def outcome(issues: Iterable[Issue]) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def response(error: FhirError, headers: Iterable[tuple[bytes, bytes]] = ()) -> Response:
    own = _HEADERS.get(error.status, ())
    return Response(error.status, json.dumps(outcome(error.issues)), (*own, *headers))


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

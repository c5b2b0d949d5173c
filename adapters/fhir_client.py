"""Events to the gateway: `POST [base]/$process-message`, and what its answer means for the message.

https://hl7.org/fhir/R4/messageheader-operation-process-message.html
"""

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Any, NamedTuple

from profiles import http, json

PERSON_UNKNOWN = "FD-PERSON-UNKNOWN"
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_AWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


class Verdict(StrEnum):
    APPLIED = "applied"
    PARKED = "parked"  # kept by the gateway until the person is known
    FINAL = "final"  # will never pass unchanged
    LATER = "later"  # this message may pass another time
    AWAY = "away"  # no message would pass now; the outcome is ours and tells the cause


class Answer(NamedTuple):
    """What the gateway made of an event; `outcome` is an OperationOutcome, or words in its place."""

    verdict: Verdict
    outcome: json.Resource


class Gateway:
    """A client that asks `token` again when it is refused."""

    def __init__(self, base_url: str, token: Callable[[], str], *, seconds: float = 30, connections: int = 8) -> None:
        self._token = token
        self._client = http.client(base_url, "", seconds=seconds, connections=connections)
        self._authorize()

    async def process_message(self, bundle: json.Resource) -> Answer:
        """Raises nothing for whatever the network or the gateway does."""
        body = json.dumps(bundle)
        try:
            response = await self._post(body)
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                self._authorize()
                response = await self._post(body)
        except http.HTTPError as error:
            return Answer(Verdict.AWAY, said(type(error).__name__))
        return answer(response.status_code, response.content)

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, body: bytes) -> http.Response:
        return await self._client.post("/$process-message", content=body)

    def _authorize(self) -> None:
        """Takes the token as it is now; none is no header, for an empty one cannot be sent."""
        token = self._token()
        self._client.headers.pop("Authorization", None)
        if token:
            self._client.headers["Authorization"] = f"Bearer {token}"


def answer(status: int, body: bytes) -> Answer:
    """The meaning of one HTTP response.

    A refusal counts as final only with an OperationOutcome: without one it comes from something that is not
    the gateway, a wrong address or a proxy, and every message would be lost to it.
    """
    outcome, response_code = _outcome(body)
    if status in _LATER or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _AWAY):
        return Answer(Verdict.LATER, outcome or said(f"HTTP {status}"))
    if outcome is None or status in _REFUSED or status in _AWAY:
        return Answer(Verdict.AWAY, said(f"HTTP {status}"))
    if status != HTTPStatus.OK or response_code == "fatal-error":
        return Answer(Verdict.FINAL, outcome)
    if response_code == "transient-error":
        return Answer(Verdict.LATER, outcome)
    return Answer(Verdict.PARKED if PERSON_UNKNOWN in codes(outcome) else Verdict.APPLIED, outcome)


def codes(outcome: json.Resource) -> list[str]:
    """The codes of `details` in all issues."""
    found = (issue.get("details", {}).get("coding", []) for issue in outcome.get("issue", []))
    return [coding.get("code", "") for codings in found for coding in codings]


def said(words: str) -> json.Resource:
    """An OperationOutcome for what no gateway said."""
    issue = {"severity": "error", "code": "transient", "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _outcome(body: bytes) -> tuple[json.Resource | None, str]:
    """The OperationOutcome of a response and the code of its MessageHeader."""
    try:
        resource: Any = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(resource, dict):
        return None, ""
    if resource.get("resourceType") == "OperationOutcome":
        return resource, ""
    resources: list[json.Resource] = [entry.get("resource", {}) for entry in resource.get("entry", [])]
    outcome = next((each for each in resources if each.get("resourceType") == "OperationOutcome"), None)
    responses = [each.get("response", {}) for each in resources if each.get("resourceType") == "MessageHeader"]
    return outcome, responses[0].get("code", "") if responses else ""

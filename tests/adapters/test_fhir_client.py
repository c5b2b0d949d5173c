"""What the gateway says, and what it means for a message."""

import json

import pytest

from adapters.fhir_client import Gateway, Verdict, answer
from tests.adapters.peers import NOWHERE, PERSON_UNKNOWN, gateway, run


def outcome(*issues):
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def response(code="ok", *issues):
    header = {"resourceType": "MessageHeader", "response": {"code": code}}
    return {"resourceType": "Bundle", "entry": [{"resource": header}, {"resource": outcome(*issues)}]}


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, response(), Verdict.APPLIED),
        (200, response("ok", PERSON_UNKNOWN), Verdict.PARKED),
        (200, response("fatal-error"), Verdict.FINAL),
        (200, response("transient-error"), Verdict.LATER),
        (200, "<html>", Verdict.AWAY),
        (200, [], Verdict.AWAY),
        (302, "", Verdict.AWAY),
        (400, outcome(), Verdict.FINAL),
        (422, outcome(), Verdict.FINAL),
        (404, "no such page", Verdict.AWAY),
        (401, outcome(), Verdict.AWAY),
        (403, outcome(), Verdict.AWAY),
        (408, outcome(), Verdict.LATER),
        (429, outcome(), Verdict.LATER),
        (500, outcome(), Verdict.LATER),
        (500, "", Verdict.LATER),
        (503, outcome(), Verdict.AWAY),
    ],
)
def test_meanings(status, body, verdict):
    raw = body if isinstance(body, str) else json.dumps(body)
    assert answer(status, raw.encode()).verdict is verdict


def test_a_gateway_that_is_not_there_is_away():
    async def story():
        client = Gateway(NOWHERE, lambda: "token")
        said = await client.process_message({"resourceType": "Bundle"})
        await client.close()
        assert said.verdict is Verdict.AWAY

    run(story())


def test_a_refused_token_is_asked_for_again():
    async def story(server):
        tokens = iter(["old", "new"])
        client = Gateway(server.url, lambda: next(tokens))
        server.decide = lambda _bundle, token: (200, []) if token == "new" else (401, [])
        said = await client.process_message({"identifier": {"value": "1"}})
        await client.close()
        assert said.verdict is Verdict.APPLIED
        assert server.tokens == ["old", "new"]

    with gateway() as server:
        run(story(server))

"""$process-message: the one door for events. https://hl7.org/fhir/R4/messageheader-operation-process-message.html"""

from gateway import clock
from gateway.records import Records
from gateway.rest import interactions, outcome
from gateway.rest.exchange import Request, Response
from gateway.validation import require_structure
from gateway.workflows import event_message, messages
from profiles import json


async def process_message(request: Request, records: Records) -> Response:
    """Applies a message Bundle and answers with one; the same message again is answered and not applied."""
    records.grant.require_operation("process-message")
    bundle = request.resource()
    interactions.typed(bundle, "Bundle")
    require_structure(bundle)
    message = event_message.parse(bundle)
    issues = await messages.process(records, message)
    outcome_id = clock.uuid7()
    header = messages.response(message, issues, clock.uuid7())
    header["response"]["details"] = {"reference": f"urn:uuid:{outcome_id}"}
    answer = {
        "resourceType": "Bundle",
        "type": "message",
        "timestamp": clock.instant(clock.milliseconds(records.now)),
        "entry": [
            {"fullUrl": f"urn:uuid:{header['id']}", "resource": header},
            {"fullUrl": f"urn:uuid:{outcome_id}", "resource": {**outcome.outcome(issues), "id": outcome_id}},
        ],
    }
    return Response(200, json.dumps(answer))

"""The ways in which operations may be broken, by name; the suite `operations` must notice each."""

import json
from collections.abc import Callable
from dataclasses import replace

from tests.conformance.broken_server import Call, Fault, Forward, Reply

FINE = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}


def _answers(part: str, status: int, content: dict) -> Fault:
    """Whatever is asked of addresses with `part` in them."""

    def fault(call: Call, forward: Forward) -> Reply:
        reply = forward(call)
        return replace(reply, status=status).with_resource(content) if part in call.path else reply

    return fault


def _spoils(part: str, change: Callable[[dict], dict]) -> Fault:
    """The content of good answers from addresses with `part` in them."""

    def fault(call: Call, forward: Forward) -> Reply:
        reply = forward(call)
        return reply.with_resource(change(reply.resource)) if part in call.path and reply.status == 200 else reply

    return fault


def _asks(part: str, change: Callable[[dict], dict]) -> Fault:
    """What is sent to addresses with `part` in them."""

    def fault(call: Call, forward: Forward) -> Reply:
        return forward(call.with_resource(change(call.resource)) if part in call.path and call.body else call)

    return fault


def _forgets_parameters(*names: str) -> Fault:
    def fault(call: Call, forward: Forward) -> Reply:
        path, _, query = call.path.partition("?")
        kept = "&".join(one for one in query.split("&") if one.partition("=")[0] not in names)
        return forward(replace(call, path=f"{path}?{kept}") if kept else replace(call, path=path))

    return fault


def _stores_what_it_validates(call: Call, forward: Forward) -> Reply:
    if call.path.endswith("/Patient/$validate") and call.resource.get("resourceType") == "Patient":
        forward(replace(call, path=call.path.removesuffix("/$validate")))
    return forward(call)


def _updates_what_it_validates(call: Call, forward: Forward) -> Reply:
    resources = [one["resource"] for one in call.resource.get("parameter", ()) if "resource" in one]
    if call.path.count("/") == 4 and resources:
        forward(replace(call, method="PUT", path=call.path.removesuffix("/$validate")).with_resource(resources[0]))
    return forward(call)


def _deletes_what_it_validates(call: Call, forward: Forward) -> Reply:
    reply = forward(call)
    if {"name": "mode", "valueCode": "delete"} in call.resource.get("parameter", ()):
        forward(replace(call, method="DELETE", path=call.path.removesuffix("/$validate"), body=b""))
    return reply


def _without_names(statement: dict) -> dict:
    for rest in statement.get("rest", ()):
        for entry in (rest, *rest["resource"]):
            for one in entry.get("operation", ()):
                one.pop("definition")
    return statement


def _without_last(bundle: dict) -> dict:
    return {**bundle, "entry": bundle["entry"][:-1]} if bundle.get("entry") else bundle


def _twice(bundle: dict) -> dict:
    return {**bundle, "entry": bundle["entry"] * 2} if bundle.get("entry") else bundle


def _without_tags(parameters: dict) -> dict:
    return {**parameters, "parameter": [{"name": "return", "valueMeta": {}}]}


def _says(name: str, value: object) -> Callable[[dict], dict]:
    def change(parameters: dict) -> dict:
        for one in parameters.get("parameter", ()):
            if one["name"] == name:
                key = next(key for key in one if key.startswith("value"))
                one[key] = value
        return parameters

    return change


def _without_display(value_set: dict) -> dict:
    return json.loads(json.dumps(value_set).replace('"display"', '"_display_"'))


def _without_profile(parameters: dict) -> dict:
    kept = [one for one in parameters.get("parameter", ()) if one["name"] != "resource"]
    fine = {"resourceType": "Patient", "active": True}
    if parameters.get("resourceType") != "Parameters":
        return fine
    return {**parameters, "parameter": [*kept, {"name": "resource", "resource": fine}]}


FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "operations without definitions": (_spoils("/metadata", _without_names), {"operations-definition"}),
    "nothing behind its claims": (_answers("/$match", 404, FINE), {"operations-reachable"}),
    "does whatever it is asked": (
        _answers("$", 200, FINE),
        {
            *("operations-reachable", "operations-unknown", "operations-required-parameters"),
            *("operations-unknown-parameters", "operations-get-is-safe", "validate-unknown-code"),
            *("everything-patient", "everything-unknown", "meta-tags", "expand-url", "expand-unknown"),
            *("lookup-code", "lookup-unknown", "validate-code-value-set", "subsumes", "translate"),
        },
    ),
    "breaks down": (
        _answers("$", 500, FINE),
        {
            *("operations-unknown", "operations-reachable", "validate-body", "validate-wrapped", "expand-value-set"),
            *("validate-mode-create", "validate-instance", "validate-unknown-mode"),
        },
    ),
    "definitions of its own, kept secret": (
        _answers("/OperationDefinition?", 200, {"resourceType": "Bundle", "type": "searchset"}),
        {"operations-definition-found"},
    ),
    "validates something else": (
        _asks("/$validate", _without_profile),
        {"validate-unknown-code", "validate-unknown-element", "validate-other-type", "validate-profile"},
    ),
    "stores what it validates": (_stores_what_it_validates, {"validate-stores-nothing"}),
    "updates what it validates": (_updates_what_it_validates, {"validate-mode-update"}),
    "deletes what it validates": (_deletes_what_it_validates, {"validate-mode-delete"}),
    "everything but the last": (_spoils("/$everything", _without_last), {"everything-patient", "everything-type"}),
    "everything twice": (_spoils("/$everything", _twice), {"everything-patient"}),
    "everything of all types": (_forgets_parameters("_type"), {"everything-type"}),
    "meta without tags": (_spoils("/$meta", _without_tags), {"meta-tags"}),
    "expands all": (_forgets_parameters("filter", "count", "offset"), {"expand-filter", "expand-paged"}),
    "codes without names": (_spoils("/$expand", _without_display), {"expand-url"}),
    "every code means this": (_spoils("/$lookup", _says("display", "This")), {"lookup-code", "lookup-coding"}),
    "every code is valid": (
        _spoils("/$validate-code", _says("result", value=True)),
        {"validate-code-value-set", "validate-code-code-system"},
    ),
    "everything subsumes": (_spoils("/$subsumes", _says("outcome", "subsumes")), {"subsumes"}),
    "translates nothing": (_spoils("/$translate", _says("result", value=False)), {"translate"}),
}
"""Name → fault, and the checks that must notice it."""

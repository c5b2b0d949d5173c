"""What $validate is asked; the resource is taken out of the body, for its faults are the answer and no error."""

from dataclasses import dataclass, replace
from typing import Any

from gateway.errors import BadRequest
from gateway.rest import parameter_faults, parameters
from gateway.rest.exchange import Request
from profiles import json
from profiles.json import Resource
from profiles.operations import Parameter

_MODES = ("create", "update", "delete", "profile")
_RESOURCE = "resource"
_TAKES = {"mode": Parameter("mode", "code"), "profile": Parameter("profile", "uri", many=True)}
_NAMES = {_RESOURCE: Parameter(_RESOURCE, "Resource"), **_TAKES}


@dataclass(frozen=True, slots=True)
class Asked:
    type: str
    """Of the address, as the id is."""
    id: str | None
    resource: Any
    """Whatever JSON was sent for one; None for the stored one."""
    mode: str | None
    profiles: tuple[str, ...]


def read(request: Request, resource_type: str, resource_id: str | None) -> Asked:
    """Raises `BadRequest` for what cannot be asked."""
    sent, shell = _taken_out(request, resource_type)
    if len(sent) > 1:
        parameter_faults.counted({_RESOURCE: sent}, _NAMES, "Parameters.parameter")
    given = parameters.read(replace(request, body=json.dumps(shell) if shell else b""), _NAMES)
    asked = Asked(
        resource_type,
        resource_id,
        sent[0] if sent else None,
        parameters.one(given, "mode"),
        tuple(map(str, given.get("profile", ()))),
    )
    _require_possible(asked)
    return asked


def _taken_out(request: Request, resource_type: str) -> tuple[list[Any], Resource | None]:
    """The resources of the body, and the Parameters without them."""
    if request.method != "POST" or not request.body:
        return [], None
    body = request.resource()
    entries = body.get("parameter")
    if body.get("resourceType") != "Parameters" or not isinstance(entries, list):
        return ([], body) if _is_empty(body, resource_type) else ([body], None)
    sent = [entry for entry in entries if _is_resource(entry)]
    if not sent and resource_type == "Parameters":
        return [body], None
    left = [entry for entry in entries if not _is_resource(entry)]
    shell = {name: value for name, value in body.items() if name != "parameter"}
    return [entry[_RESOURCE] for entry in sent], {**shell, "parameter": left} if left else shell


def _is_empty(body: Resource, resource_type: str) -> bool:
    """A Parameters without any, where one is not what is to be validated."""
    return body.get("resourceType") == "Parameters" != resource_type


def _is_resource(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("name") == _RESOURCE and _RESOURCE in entry


def _require_possible(asked: Asked) -> None:
    if asked.mode not in {None, *_MODES}:
        raise BadRequest(
            "FD-VALIDATE-MODE", f"mode 应为 {'、'.join(_MODES)} 之一。", f"mode must be one of {', '.join(_MODES)}."
        )
    if asked.id is None and asked.mode in {"delete", "profile"}:
        raise BadRequest(
            "FD-VALIDATE-INSTANCE",
            f"mode={asked.mode} 须指明已存储的资源:{asked.type}/{{id}}/$validate。",
            f"mode={asked.mode} is about a stored resource: {asked.type}/{{id}}/$validate.",
        )
    if asked.mode == "profile" and (asked.resource is not None or not asked.profiles):
        raise BadRequest(
            "FD-VALIDATE-PROFILE-MODE",
            "mode=profile 校验已存储的资源:应给出 profile,不给出 resource。",
            "mode=profile is about the stored resource: give a profile, and no resource.",
        )
    if asked.id is None and asked.resource is None:
        raise BadRequest(
            "FD-PARAMETER-MISSING",
            "缺少参数 resource。",
            "The parameter resource is missing.",
            "Parameters.parameter",
        )

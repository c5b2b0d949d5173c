"""PATCH: a resource and a patch make another resource. https://hl7.org/fhir/R4/http.html#patch

What comes out is not validated here; it is what the client meant, and may still be no valid resource.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from gateway.errors import BadRequest, BadSyntax, Unprocessable, UnsupportedMediaType
from gateway.rest.patching import fhirpath_patch, json_patch
from profiles import json
from profiles.json import Resource

JSON_PATCH = "application/json-patch+json"
FHIR_JSON = ("application/fhir+json", "application/json")


def apply(resource: Resource, body: bytes, content_type: str) -> Resource:
    """The patched resource; the one given stays as it is. Only errors of the FhirError tree are raised.

    Raises `UnsupportedMediaType` for another kind of patch, `BadRequest` for what is no patch, `Unprocessable`
    for a patch that does not fit this resource, `TooLarge` for one that asks for too much.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media == JSON_PATCH:
        return apply_operations(resource, _decoded(body))
    if media in FHIR_JSON:
        return apply_parameters(resource, _decoded(body))
    raise UnsupportedMediaType(
        "FD-MEDIA-TYPE",
        f"PATCH 的 Content-Type 应为 {JSON_PATCH}(JSON Patch),或 {FHIR_JSON[0]}(FHIRPath Patch,Parameters 资源)。",
        f"The Content-Type of a PATCH must be {JSON_PATCH} (JSON Patch), or {FHIR_JSON[0]} "
        "(FHIRPath Patch, a Parameters resource).",
    )


def apply_entry(resource: Resource, patch: object) -> Resource:
    """The patch of a Bundle entry: Parameters, or a JSON Patch in a Binary. https://hl7.org/fhir/R4/http.html#patch"""
    if not isinstance(patch, dict) or patch.get("resourceType") != "Binary":
        return apply_parameters(resource, patch)
    media, data = patch.get("contentType"), patch.get("data")
    if not isinstance(media, str) or media.partition(";")[0].strip().lower() != JSON_PATCH:
        raise UnsupportedMediaType(
            "FD-MEDIA-TYPE",
            f"作为补丁的 Binary,其 contentType 应为 {JSON_PATCH}。",
            f"The contentType of a Binary that is a patch must be {JSON_PATCH}.",
            "Binary.contentType",
        )
    try:
        body = b64decode(data if isinstance(data, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(
            "FD-PATCH-DATA", "Binary.data 应为 base64。", "Binary.data must be base64.", "Binary.data"
        ) from None
    return apply_operations(resource, _decoded(body))


def apply_operations(resource: Resource, operations: object) -> Resource:
    """JSON Patch, decoded. https://www.rfc-editor.org/rfc/rfc6902"""
    return _patched(resource, lambda: json_patch.apply(resource, operations))


def apply_parameters(resource: Resource, parameters: object) -> Resource:
    """FHIRPath Patch. https://hl7.org/fhir/R4/fhirpatch.html"""
    if not isinstance(parameters, dict) or parameters.get("resourceType") != "Parameters":
        raise BadRequest(
            "FD-PATCH-FORM",
            f"FHIRPath Patch 应为 Parameters 资源;若为 JSON Patch,Content-Type 应为 {JSON_PATCH}。",
            f"A FHIRPath Patch is a Parameters resource; if this is a JSON Patch, send it as {JSON_PATCH}.",
        )
    return _patched(resource, lambda: fhirpath_patch.apply(resource, parameters))


def _patched(resource: Resource, engine: Callable[[], Any]) -> Resource:
    try:
        result = engine()
    except RecursionError:
        raise BadSyntax("FD-DEPTH", "补丁或结果嵌套过深。", "The patch or its result is nested too deeply.") from None
    if not isinstance(result, dict):
        raise Unprocessable("FD-PATCH-ROOT", "补丁的结果不是资源。", "What the patch makes is no resource.")
    for name in ("resourceType", "id"):
        if not json_patch.same(result.get(name), resource.get(name)):
            raise Unprocessable(
                "FD-PATCH-IDENTITY",
                f"补丁不能更改 {name};请另建资源。",
                f"A patch may not change {name}; create another resource instead.",
                name,
            )
    return result


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadSyntax(
            "FD-JSON",
            "补丁不是有效的 UTF-8 JSON;请检查引号、逗号、括号与编码。",
            "The patch is not valid UTF-8 JSON; check quotes, commas, brackets and the encoding.",
        ) from None

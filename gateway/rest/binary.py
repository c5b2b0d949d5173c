"""Binary as the bytes that it is, in and out. https://hl7.org/fhir/R4/binary.html#rest"""

import re
from base64 import b64decode, b64encode

from gateway.errors import BadRequest
from gateway.rest import media
from gateway.rest.exchange import Request, Response
from profiles import json
from profiles.json import Resource

_ANY = "application/octet-stream"
_WORD = r"[\w!#$&^.+-]+"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}(?: ?; ?{_WORD}=(?:{_WORD}|"[ !#-\[\]-~]*"))*', re.ASCII)
"""What may stand in a header; anything else would be a way to write other headers."""
_REFERENCE = re.compile(r"(?:https?://[!-~]+/)?[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?")
_AS_IT_IS = (b"content-disposition", b"attachment"), (b"x-content-type-options", b"nosniff")
"""Nobody's upload is run by a browser as a page of ours."""
_VARIES = (b"vary", b"Accept")


def is_read(request: Request) -> bool:
    """Whether the answer may be of any media type: read and vread of a Binary."""
    match request.segments:
        case ("Binary", name) | ("Binary", name, "_history", _):
            return name[:1] not in {"$", "_"} and request.method in {"GET", "HEAD"}
    return False


def incoming(request: Request) -> Resource:
    """The Binary of a create or an update: the body, where it is that resource, else one that contains the body.

    Anything else is content, another FHIR resource too. Raises for a body that says it is FHIR JSON and is no JSON,
    and for an X-Security-Context that is no literal reference.
    """
    content_type = request.headers.get(b"content-type", b"").decode("latin-1")
    sent = _resource(request, media.media(content_type).name)
    if isinstance(sent, dict) and sent.get("resourceType") == "Binary":
        return sent
    made: Resource = {"resourceType": "Binary"}
    if request.method == "PUT":
        made["id"] = request.segments[1]
    made["contentType"] = " ".join(content_type.split()) or _ANY
    if context := request.headers.get(b"x-security-context"):
        made["securityContext"] = {"reference": _literal(context.decode("latin-1").strip())}
    return {**made, "data": b64encode(request.body).decode()} if request.body else made


def _resource(request: Request, name: str) -> object:
    if name == media.FHIR_JSON:
        return request.resource()
    if name and name not in media.JSON:
        return None
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _literal(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise BadRequest(
            "FD-SECURITY-CONTEXT",
            "请求头 X-Security-Context 应为 类型/id 或资源的完整 URL。",
            "The header X-Security-Context must be Type/id or the whole URL of a resource.",
            "Binary.securityContext",
        )
    return reference


def outgoing(request: Request, content: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """200 with the stored resource as JSON, where the client asks for FHIR, else with what it contains.

    Raises `NotAcceptable` for a client that asks for FHIR in another format.
    """
    resource: Resource = json.loads(content)
    content_type = str(resource.get("contentType", ""))
    if _as_fhir(request, media.media(content_type).name):
        return Response(200, content, (*headers, _VARIES))
    return Response(
        200,
        b64decode(resource.get("data", "")),
        (*headers, _VARIES, *_AS_IT_IS, *_security_context(resource)),
        content_type.encode() if _MEDIA_TYPE.fullmatch(content_type) else _ANY.encode(),
    )


def _as_fhir(request: Request, name: str) -> bool:
    """Whether the resource is wanted, and not its content of type `name`.

    Its content, where FHIR is not named; but the resource again where JSON and nothing else is taken.
    """
    if dict(request.query).get("_format"):
        return True
    accept = media.accepted(request.headers.get(b"accept", b""))
    named = {one.name for one in accept if one.quality > 0}
    as_json = media.quality(media.FHIR_JSON, accept) > 0
    if media.FHIR_JSON in named and as_json:
        return True
    if media.quality(name, accept) > 0:
        return False
    if named & media.FHIR and not as_json:
        raise media.not_acceptable()
    return as_json


def _security_context(resource: Resource) -> tuple[tuple[bytes, bytes], ...]:
    reference = str(resource.get("securityContext", {}).get("reference", ""))
    return ((b"x-security-context", reference.encode()),) if _REFERENCE.fullmatch(reference) else ()

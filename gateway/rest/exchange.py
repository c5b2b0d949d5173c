"""A request and a response of the FHIR API, as values: what a handler needs and nothing of the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import BadSyntax
from gateway.rest import media, prefer
from gateway.rest.prefer import Prefer
from profiles import json
from profiles.json import Resource

FHIR_JSON = b"application/fhir+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    segments: tuple[str, ...]
    """The path below the FHIR base, split and decoded."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[bytes, bytes]
    body: bytes
    base: str
    """The FHIR base as the client knows it, without a slash at the end."""
    id: str

    @property
    def prefer(self) -> Prefer:
        return prefer.parse(self.headers.get(b"prefer", b""))

    @property
    def lenient(self) -> bool:
        return self.prefer.handling == "lenient"

    @property
    def minimal(self) -> bool:
        return self.prefer.returns == "minimal"

    def resource(self) -> Resource:
        """The resource of the body, decoded; raises for a body that is not one JSON object in UTF-8."""
        media.require_body(self.headers.get(b"content-type", b""))
        return decoded(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())
    media_type: bytes = FHIR_JSON


def decoded(body: bytes) -> Resource:
    """A JSON object; raises `BadSyntax` that says where the text stops being JSON."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        where = str(error).rpartition("(")[2].rstrip(")") if "byte" in str(error) else ""
        raise BadSyntax(
            "FD-JSON",
            f"请求体不是有效的 UTF-8 JSON{'(' + where + ')' if where else ''};请检查引号、逗号、括号与编码。",
            f"The body is not valid UTF-8 JSON{' (' + where + ')' if where else ''}; "
            "check quotes, commas, brackets and the encoding.",
        ) from error
    if not isinstance(value, dict):
        raise BadSyntax("FD-JSON-OBJECT", "请求体应为一个 JSON 对象。", "The body must be one JSON object.")
    return value

"""Media types: which one a client sends, and whether it takes what we have. https://hl7.org/fhir/R4/http.html#mime-type"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from gateway.errors import NotAcceptable, UnsupportedMediaType
from gateway.rest import fields

FHIR_JSON = "application/fhir+json"
FHIR = frozenset({FHIR_JSON, "application/fhir+xml", "application/fhir+turtle"})
JSON = frozenset({FHIR_JSON, "application/json", "text/json", "json"})
_FHIR_VERSIONS = frozenset({"", "4.0", "4.0.1"})
_UTF_8 = frozenset({"", "utf-8", "utf8"})
_USUAL = frozenset({b"", b"*/*", b"application/fhir+json", b"application/json"})


class Media(NamedTuple):
    name: str
    """`type/subtype` in lower case."""
    parameters: Mapping[str, str]

    @property
    def quality(self) -> float:
        """How much it is wanted, from 0 to 1; 1 where that is not said, or not said well."""
        try:
            said = float(self.parameters.get("q", "1"))
        except ValueError:
            return 1.0
        return said if 0 <= said <= 1 else 1.0

    @property
    def is_r4(self) -> bool:
        return self.parameters.get("fhirversion", "") in _FHIR_VERSIONS


@lru_cache(maxsize=256)
def media(text: str) -> Media:
    """One media type with its parameters, whose names are in lower case."""
    name, *parameters = fields.split(text, ";") or [""]
    return Media(name.lower(), dict(fields.pair(one) for one in parameters))


def accepted(accept: bytes) -> tuple[Media, ...]:
    """The members of an Accept header; everything, where there is none."""
    return tuple(media(one) for one in fields.split(accept.decode("latin-1"), ",")) or (Media("*/*", {}),)


def quality(name: str, accept: tuple[Media, ...]) -> float:
    """How much `type/subtype` is wanted: what names it most exactly decides. RFC 9110 §12.5.1"""
    exact = [one for one in accept if one.name == name or (name == FHIR_JSON and _is_json(one.name))]
    for members in (exact, _named(accept, f"{name.partition('/')[0]}/*"), _named(accept, "*/*")):
        if members:
            return max(one.quality if one.is_r4 else 0.0 for one in members)
    return 0.0


def _named(accept: tuple[Media, ...], name: str) -> list[Media]:
    return [one for one in accept if one.name == name]


def _is_json(name: str) -> bool:
    """Any kind of JSON will do: clients name the old ones, and the lines and patches that are made of it."""
    return "json" in name


def require_format(format_: str) -> None:
    """`_format`, which counts more than Accept; raises `NotAcceptable`. A `+` that came unescaped is a space by now."""
    asked = media(format_.strip().replace(" +", "+"))
    if asked.name.replace(" ", "+") not in JSON or not asked.is_r4:
        raise not_acceptable()


def require_accepted(accept: bytes) -> None:
    """Raises `NotAcceptable` for a client that takes no FHIR 4.0 as JSON."""
    if accept not in _USUAL and quality(FHIR_JSON, accepted(accept)) == 0:
        raise not_acceptable()


def not_acceptable() -> NotAcceptable:
    return NotAcceptable(
        "FD-ACCEPT",
        "本服务只提供 application/fhir+json(FHIR 4.0);请改正 Accept 或 _format。",
        "This server speaks application/fhir+json (FHIR 4.0) only; mend Accept or _format.",
    )


def require_body(content_type: bytes) -> None:
    """Raises `UnsupportedMediaType` for a body that does not say that it is FHIR 4.0 as JSON in UTF-8."""
    sent = media(content_type.decode("latin-1"))
    if sent.name and sent.name not in JSON:
        raise UnsupportedMediaType(
            "FD-MEDIA-TYPE",
            "请求体只接受 application/fhir+json。",
            "A request body is accepted as application/fhir+json only.",
        )
    if sent.parameters.get("charset", "").lower() not in _UTF_8:
        raise UnsupportedMediaType(
            "FD-CHARSET",
            "FHIR 的 JSON 使用 UTF-8 编码;请转换请求体并改正 charset。",
            "JSON of FHIR is in UTF-8; convert the body and mend charset.",
        )
    if not sent.is_r4:
        raise UnsupportedMediaType(
            "FD-FHIR-VERSION",
            "本服务使用 FHIR 4.0;请改正 Content-Type 中的 fhirVersion。",
            "This server speaks FHIR 4.0; mend fhirVersion in Content-Type.",
        )

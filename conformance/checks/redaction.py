"""What of an exchange may stand in a report: no credentials, no data of persons, not too much of anything."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from json import dumps
from typing import Any

from profiles import json

MOST = 4000
"""Characters of a body."""
_LARGEST = 1_000_000
"""Bytes of a body that is looked into at all."""
_MASK = "***"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
_SECRET_NAMES = ("token", "secret", "password", "key")
_DEFINITIONAL = frozenset(
    {
        "CapabilityStatement",
        "CodeSystem",
        "CompartmentDefinition",
        "ConceptMap",
        "GraphDefinition",
        "ImplementationGuide",
        "MessageDefinition",
        "NamingSystem",
        "OperationDefinition",
        "SearchParameter",
        "StructureDefinition",
        "StructureMap",
        "TerminologyCapabilities",
        "TestReport",
        "TestScript",
        "ValueSet",
    }
)
_WRAPPERS = frozenset({"Bundle", "Parameters", "OperationOutcome"})
_TEST_DATA = ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")


@dataclass(frozen=True, slots=True)
class Redaction:
    """For one run: what is secret in it, and which resources it made."""

    secrets: Collection[str]
    ours: Callable[[str], bool]
    """Of `Type/id`."""

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, _MASK)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self.text(value) for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}

    def sent(self, content: bytes) -> str:
        """The body of a request, which is the suite's own."""
        return self.text(_cut(content.decode("utf-8", "replace"), len(content)))

    def received(self, content: bytes, media: str) -> str:
        """The body of a response: of somebody's resource its type and id only."""
        if not content:
            return ""
        if "json" not in media or len(content) > _LARGEST:
            return f"({len(content)} bytes {media or '?'})"
        try:
            value = json.loads(content)
        except ValueError:
            return f"({len(content)} bytes {media}, not JSON)"
        return self.text(_cut(dumps(self._shown(value), ensure_ascii=False, indent=1, default=str), len(content)))

    def _shown(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            return [self._shown(one) for one in value]
        if not isinstance(value, dict):
            return value
        kind = value.get("resourceType")
        if kind is None or kind in _WRAPPERS:
            return {name: self._shown(one) for name, one in value.items()}
        if kind in _DEFINITIONAL or _tagged(value) or self.ours(f"{kind}/{value.get('id')}"):
            return value
        return {
            "resourceType": kind,
            "id": value.get("id"),
            "…": "内容不属于本次测试，未记录 not of this test: left out",
        }


def secret_name(name: str) -> bool:
    """Whether an input of that name is never shown."""
    return any(word in name.lower() for word in _SECRET_NAMES)


def inputs(given: Mapping[str, str]) -> dict[str, str]:
    return {name: _MASK if secret_name(name) else value for name, value in given.items()}


def _cut(text: str, size: int) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}… ({size} bytes)"


def _tagged(resource: json.Resource) -> bool:
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    found = [(one.get("system"), one.get("code")) for one in tags or () if isinstance(one, dict)]
    return _TEST_DATA in found

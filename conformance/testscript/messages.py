"""What a script speaks of by id: fixtures, and the requests and responses of its operations. https://hl7.org/fhir/R4/testscript.html"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from profiles import json
from profiles.definitions import resource_types
from profiles.json import Resource


@dataclass(frozen=True, slots=True)
class Message:
    """A request, a response, or a fixture, which is a body alone."""

    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    status: int = 0
    method: str = ""
    url: str = ""

    @property
    def resource(self) -> Resource | None:
        """The body, where it is a resource as JSON."""
        try:
            found = json.loads(self.content) if self.content else None
        except ValueError:
            return None
        return found if isinstance(found, dict) and isinstance(found.get("resourceType"), str) else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource is on the server; what is not known is empty."""

    type: str
    id: str
    version: str = ""


def fixture(resource: Resource) -> Message:
    return Message(json.dumps(resource))


def place(message: Message) -> Place:
    """Where the resource of a message is: its Location or Content-Location, else what its body says."""
    for name in ("location", "content-location"):
        if found := located(message.headers.get(name, "")):
            return found
    resource: Mapping[str, Any] = message.resource or {}
    meta = resource.get("meta")
    version = meta.get("versionId", "") if isinstance(meta, dict) else ""
    return Place(str(resource.get("resourceType", "")), str(resource.get("id", "")), str(version))


def located(url: str) -> Place | None:
    """`…/Patient/1/_history/2` taken apart; None for anything else."""
    steps = urlsplit(url).path.split("/")
    for at in range(len(steps) - 2, -1, -1):
        if steps[at] in resource_types():
            version = steps[at + 3] if steps[at + 2 : at + 3] == ["_history"] and len(steps) > at + 3 else ""
            return Place(steps[at], steps[at + 1], version)
    return None

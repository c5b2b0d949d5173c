"""The answer to one request, and what a check may expect of it. https://hl7.org/fhir/R4/http.html"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.trace import Trace
from profiles import json
from profiles.json import Resource

_PLACE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/([A-Za-z0-9.-]{1,64}))?")


def place(location: str) -> tuple[str, str, str] | None:
    """(type, id, version or "") of an address of a resource."""
    found = _PLACE.fullmatch(location)
    return (found[1], found[2], found[3] or "") if found else None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Whatever the case of their names."""
    content: bytes
    trace: Trace
    exchange: int | None

    # Assertions

    def expect(self, met: bool, zh: str, en: str) -> "Answer":  # noqa: FBT001 - what it is about
        """Raises `Missed` when it is not met."""
        self.trace.expect(met, zh, en, self.exchange)
        return self

    def advise(self, met: bool, zh: str, en: str) -> "Answer":  # noqa: FBT001 - what it is about
        self.trace.advise(met, zh, en, self.exchange)
        return self

    def expect_status(self, *codes: int) -> "Answer":
        wanted = "/".join(map(str, codes))
        zh = f"状态码应为 {wanted}，实为 {self.status}"
        return self.expect(self.status in codes, zh, f"the status should be {wanted}, and is {self.status}")

    def expect_header(self, name: str, pattern: str = r".+") -> str:
        value = self.headers.get(name)
        self.expect(value is not None, f"应有 {name} 头", f"there should be a {name} header")
        met = re.fullmatch(pattern, value or "") is not None
        self.expect(met, f"{name} 头应形如 {pattern}", f"the {name} header should look like {pattern}")
        return value or ""

    def expect_type(self, resource_type: str) -> Resource:
        found = self.resource
        kind = found["resourceType"]
        self.expect(kind == resource_type, f"内容应为 {resource_type}", f"the body should be a {resource_type}")
        return found

    def expect_outcome(self) -> Resource:
        """An OperationOutcome that tells of an error."""
        found = self.expect_type("OperationOutcome")
        zh, en = "OperationOutcome 应有 error 或 fatal 问题", "the OperationOutcome should have an issue error or fatal"
        self.expect(_tells_of_error(found), zh, en)
        return found

    # What it holds

    @property
    def is_outcome(self) -> bool:
        """Whether the body is an OperationOutcome that tells of an error."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return False
        return isinstance(found, dict) and found.get("resourceType") == "OperationOutcome" and _tells_of_error(found)

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        try:
            found = json.loads(self.content)
        except ValueError:
            self.expect(met=False, zh="响应内容应为 JSON", en="the body should be JSON")
        return found

    @property
    def resource(self) -> Resource:
        found = self.json
        met = isinstance(found, dict) and isinstance(found.get("resourceType"), str)
        self.expect(met, "响应内容应为 FHIR 资源", "the body should be a FHIR resource")
        resource: Resource = found
        return resource

    @property
    def entries(self) -> list[Resource]:
        """Those of a Bundle."""
        return [one for one in self.expect_type("Bundle").get("entry") or () if isinstance(one, dict)]

    @property
    def matches(self) -> list[Resource]:
        return self._found({"match", None})

    @property
    def included(self) -> list[Resource]:
        return self._found({"include"})

    def _found(self, modes: set[str | None]) -> list[Resource]:
        self.expect_status(200)
        entries = [one for one in self.entries if isinstance(one.get("resource"), dict)]
        return [one["resource"] for one in entries if (one.get("search") or {}).get("mode") in modes]

    def link(self, relation: str) -> str | None:
        """The URL of a link of a Bundle."""
        links = [one for one in self.expect_type("Bundle").get("link") or () if isinstance(one, dict)]
        return next((str(one.get("url")) for one in links if one.get("relation") == relation), None)

    @property
    def place(self) -> tuple[str, str, str]:
        found = place(self.expect_header("Location"))
        zh, en = "Location 应指向一个资源", "Location should lead to a resource"
        self.expect(found is not None, zh, en)
        return found or ("", "", "")

    def made(self, entry: int) -> str:
        """`Type/id` of what an entry of a batch or transaction made."""
        entries = self.entries
        answered = entries[entry].get("response") if entry < len(entries) else None
        found = place(str(answered.get("location", ""))) if isinstance(answered, dict) else None
        zh, en = "条目的 response.location 应指向资源", "response.location of an entry should lead to a resource"
        self.expect(found is not None, zh, en)
        return "/".join(found[:2]) if found else ""

    @property
    def etag(self) -> str:
        return self.expect_header("ETag")


def _tells_of_error(outcome: Resource) -> bool:
    severities = [one.get("severity") for one in outcome.get("issue") or () if isinstance(one, dict)]
    return not {"error", "fatal"}.isdisjoint(severities)

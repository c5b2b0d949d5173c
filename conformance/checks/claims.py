"""What a target says it can do, as a set of keys. https://hl7.org/fhir/R4/capabilitystatement.html

`Patient.create`, `Patient.conditionalCreate`, `Patient?birthdate`, `Patient?_include=Patient:organization`,
`Patient$everything`, `$process-message`, `system.transaction`, `format.json`, `patch.application/json-patch+json`,
`security.cors`, `smart`.
What no statement can claim, only a preset expects: `search:exact`, `search:sort`…
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from profiles.json import Resource

_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_FLAGS = ("conditionalCreate", "conditionalUpdate", "updateCreate")
_CODES = ("conditionalRead", "conditionalDelete")


class Claims:
    """The keys of a CapabilityStatement, and patterns (`*`: anything) of what is expected without being claimed."""

    def __init__(self, capability: Resource, expected: Iterable[str] = ()) -> None:
        self._keys = frozenset(_keys(capability))
        # A question mark stands for itself, or "Observation?*" would be said of ObservationDefinition too.
        self._expected = tuple(pattern.replace("?", "[?]") for pattern in expected)

    def __contains__(self, key: str) -> bool:
        return key in self._keys or any(fnmatchcase(key, pattern) for pattern in self._expected)


def _keys(capability: Resource) -> Iterator[str]:
    yield from (f"format.{_short(one)}" for one in _strings(capability.get("format")))
    yield from (f"patch.{one}" for one in _strings(capability.get("patchFormat")))
    for rest in _objects(capability.get("rest")):
        if rest.get("mode") == "server":
            yield from _of_server(rest)


def _short(media: str) -> str:
    return media.partition(";")[0].removeprefix("application/").removeprefix("fhir+")


def _of_server(rest: Resource) -> Iterator[str]:
    yield from (f"system.{one.get('code')}" for one in _objects(rest.get("interaction")))
    yield from (f"${_bare(one)}" for one in _objects(rest.get("operation")))
    yield from _of_security(rest.get("security"))
    yield from (f"compartment.{one}" for one in _strings(rest.get("compartment")))
    everywhere = [one.get("name") for one in _objects(rest.get("searchParam"))]
    for entry in _objects(rest.get("resource")):
        kind = entry.get("type")
        yield from (f"{kind}.{one.get('code')}" for one in _objects(entry.get("interaction")))
        yield from (f"{kind}.{flag}" for flag in _FLAGS if entry.get(flag) is True)
        yield from (f"{kind}.{code}" for code in _CODES if entry.get(code, "not-supported") != "not-supported")
        if entry.get("versioning") in {"versioned", "versioned-update"}:
            yield f"{kind}.versioning"
        names = [*(one.get("name") for one in _objects(entry.get("searchParam"))), *everywhere]
        yield from (f"{kind}?{name}" for name in names)
        yield from (f"{kind}?_include={one}" for one in _strings(entry.get("searchInclude")))
        yield from (f"{kind}?_revinclude={one}" for one in _strings(entry.get("searchRevInclude")))
        yield from (f"{kind}${_bare(one)}" for one in _objects(entry.get("operation")))


def _of_security(security: object) -> Iterator[str]:
    if not isinstance(security, dict):
        return
    if security.get("cors") is True:
        yield "security.cors"
    codes = (code.get("code") for one in _objects(security.get("service")) for code in _objects(one.get("coding")))
    if "SMART-on-FHIR" in codes or any(one.get("url") == _OAUTH for one in _objects(security.get("extension"))):
        yield "smart"


def _bare(operation: Resource) -> str:
    return str(operation.get("name", "")).removeprefix("$")


def _objects(value: object) -> list[Resource]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:  # noqa: ANN401 - whatever a stranger's statement holds
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

"""A FHIR package put on a FHIR server: what can be stored is, the rest is told, resource by resource."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from profiles import definitions, json
from profiles.guide.archive import Package
from profiles.http import AsyncClient, Response
from profiles.json import Resource
from profiles.validation import Validator

CONFORMANCE = frozenset(
    {
        *("ActivityDefinition", "CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap"),
        *("GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition", "NamingSystem"),
        *("OperationDefinition", "PlanDefinition", "Questionnaire", "SearchParameter", "StructureDefinition"),
        *("StructureMap", "ValueSet"),
    }
)
_AT_ONCE = 500
"""Resources in one transaction; a package of that size is learned by the server in one go."""
_BYTES_AT_ONCE = 8 << 20
_ASKED_AT_ONCE = 25

Verdict = Literal["created", "updated", "unchanged", "refused", "left out"]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file."""

    file: str
    verdict: Verdict
    reference: str = ""
    url: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    file: str
    resource: Resource

    @property
    def type(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def url(self) -> str:
        return str(self.resource.get("url", ""))

    def under(self, own: str) -> "_Wanted":
        return _Wanted(self.file, {**self.resource, "id": own})

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.resource['id']}"

    def row(self, verdict: Verdict, why: str = "") -> Row:
        return Row(self.file, verdict, self.reference, self.url, why)


async def install(found: Package, http: AsyncClient, validator: Validator, told: Callable[[Row], None]) -> list[Row]:
    """A row for each resource of the package, in its order; `profiles.http.HTTPError` when the server is away."""
    rows: dict[str, Row] = {}
    wanted: list[_Wanted] = []
    for file, content in found.resources():
        read = _read(file, content, validator)
        if isinstance(read, Row):
            rows[file] = read
        else:
            wanted.append(read)
    there = await _there(http, wanted)
    changed = []
    for one in wanted:
        placed, verdict = _placed(one, there)
        if verdict == "unchanged":
            rows[one.file] = placed.row(verdict)
        else:
            changed.append((placed, verdict))
    for part in _parts(changed):
        rows |= {row.file: row for row in await _put(http, part)}
    for file in sorted(rows):
        told(rows[file])
    return [rows[file] for file in sorted(rows)]


def _read(file: str, content: bytes, validator: Validator) -> "_Wanted | Row":
    try:
        resource = json.loads(content)
    except ValueError:
        return Row(file, "refused", why="不是 JSON not JSON")
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if kind not in definitions.resource_types():
        return Row(file, "refused", why="不是 R4 资源 no resource of R4")
    if kind not in CONFORMANCE:
        return Row(file, "left out", why="不是定义类资源 no conformance resource")
    if kind == "ImplementationGuide":  # what it lists are files of the package, and no resources of any server
        resource.pop("definition", None)
    faults = [one for one in validator.check(resource) if one.severity == "error"]
    if faults or "id" not in resource:
        first = f"{faults[0].expression}: {faults[0].zh} {faults[0].en}" if faults else "id?"
        return Row(file, "refused", f"{kind}/{resource.get('id', '?')}", str(resource.get("url", "")), first)
    return _Wanted(file, resource)


# What the server has


async def _there(http: AsyncClient, wanted: Sequence[_Wanted]) -> dict[tuple[str, str], Resource]:
    """What is stored under the URLs of what is wanted, and under its ids: by type and URL, by type and id."""
    found: dict[tuple[str, str], Resource] = {}
    for kind in sorted({one.type for one in wanted}):
        of_kind = [one for one in wanted if one.type == kind]
        for name, values in (("url", [one.url for one in of_kind]), ("_id", [one.resource["id"] for one in of_kind])):
            for some in _some([value for value in values if value], _ASKED_AT_ONCE):
                for one in await _search(http, kind, name, some):
                    found[kind, one["id"]] = one
                    found[kind, one.get("url", "")] = one
    return found


async def _search(http: AsyncClient, kind: str, name: str, values: Sequence[str]) -> list[Resource]:
    if kind == "NamingSystem" and name == "url":
        return []
    asked = {name: ",".join(value.replace(",", "\\,") for value in values), "_count": str(4 * _ASKED_AT_ONCE)}
    answer = await http.post(
        f"{kind}/_search", data=asked, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    return [entry["resource"] for entry in _body(answer).get("entry", ())]


def _placed(one: _Wanted, there: dict[tuple[str, str], Resource]) -> tuple[_Wanted, Verdict]:
    """Under the id that its URL has on the server, or its own unless something else is stored under that."""
    stored = there.get((one.type, one.url)) if one.url else there.get((one.type, one.resource["id"]))
    if stored is not None:
        placed = one.under(stored["id"])
        return placed, "unchanged" if _bare(stored) == _bare(placed.resource) else "updated"
    if (one.type, one.resource["id"]) in there:
        own = f"{one.resource['id'][:50]}-{hashlib.sha256(one.url.encode()).hexdigest()[:8]}"
        return one.under(own), "created"
    return one, "created"


def _bare(resource: Resource) -> Resource:
    """Without what a server adds."""
    meta = {name: said for name, said in resource.get("meta", {}).items() if name not in {"versionId", "lastUpdated"}}
    return {**resource, "meta": meta}


# Storing


def _parts(changed: Iterable[tuple[_Wanted, Verdict]]) -> Iterator[list[tuple[_Wanted, Verdict]]]:
    part: list[tuple[_Wanted, Verdict]] = []
    size = 0
    for one in changed:
        bytes_of = len(json.dumps(one[0].resource))
        if part and (len(part) == _AT_ONCE or size + bytes_of > _BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(one)
        size += bytes_of
    if part:
        yield part


async def _put(http: AsyncClient, part: Sequence[tuple[_Wanted, Verdict]]) -> list[Row]:
    """All in one transaction; where the server refuses that, one by one, so that only the bad are left out."""
    entries = [{"resource": one.resource, "request": {"method": "PUT", "url": one.reference}} for one, _ in part]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = await http.post(str(http.base_url).rstrip("/"), content=json.dumps(bundle))
    if answer.is_success:
        return [one.row(verdict) for one, verdict in part]
    rows = []
    for one, verdict in part:
        answer = await http.put(one.reference, content=json.dumps(one.resource))
        rows.append(one.row(verdict) if answer.is_success else one.row("refused", _said(answer)))
    return rows


def _said(answer: Response) -> str:
    """The first issue of an OperationOutcome."""
    try:
        issue = json.loads(answer.content)["issue"][0]
        place = ", ".join(issue.get("expression", ()))
        said = issue.get("details", {}).get("text") or issue.get("diagnostics", "")
        return f"{answer.status_code} {place} {said}".strip()
    except (ValueError, LookupError, TypeError):
        return str(answer.status_code)


class ServerRefusedError(Exception):
    """The server does not answer what an installation must know."""


def _body(answer: Response) -> Resource:
    if not answer.is_success:
        raise ServerRefusedError(f"{answer.request.method} {answer.request.url.path} → {_said(answer)}")
    found: Resource = json.loads(answer.content)
    return found


def _some(values: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), most):
        yield values[at : at + most]

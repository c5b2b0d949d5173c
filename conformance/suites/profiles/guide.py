"""Our guide as the suite uses it: profiles, their valid examples and their invalid cases. https://hl7.org/fhir/R4/profiling.html"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from profiles import invalid_examples, json, package, validation
from profiles.invalid_examples import Case
from profiles.json import Resource

_FOLDER = Path(str(files("profiles")))
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


@cache
def structure_definitions() -> tuple[Resource, ...]:
    return tuple(package.resources("structure-definitions"))


@cache
def examples() -> Mapping[str, Resource]:
    """The valid examples by file name, tagged as test data."""
    paths = sorted((_FOLDER / "examples").glob("*.json"))
    return {path.stem: tagged(json.loads(path.read_bytes())) for path in paths}


def examples_of(canonical: str) -> list[str]:
    """The names of those that claim a profile."""
    return [name for name, one in examples().items() if canonical in one.get("meta", {}).get("profile", ())]


def cases(definition: Resource) -> list[Case]:
    return invalid_examples.cases(definition["id"])


def implied(case: Case, canonical: str) -> bool:
    """Whether the profile hangs on the content alone: then the claim is left away, and must not be missed."""
    return canonical in validation.shipped().implied(unclaimed(case.resource))


def unclaimed(resource: Resource) -> Resource:
    """The same without the profiles that it says it follows."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name != "profile"}
    return {**{name: value for name, value in resource.items() if name != "meta"}, **({"meta": meta} if meta else {})}


def tagged(resource: Resource) -> Resource:
    meta = resource.get("meta", {})
    tags = meta.get("tag", [])
    return resource if HTEST in tags else {**resource, "meta": {**meta, "tag": [*tags, HTEST]}}


def referring(resource: Resource, places: Mapping[str, str]) -> Resource:
    """A copy in which what refers to an example leads where that is now."""
    copy: Resource = deepcopy(resource)
    for holder in _holders(copy):
        holder["reference"] = places.get(holder["reference"], holder["reference"])
    return copy


def _holders(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for inner in value.values():
            yield from _holders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _holders(inner)


def sources() -> Iterator[Path]:
    """The files that the checks are made from."""
    for folder, pattern in (
        ("examples", "*.json"),
        ("examples/invalid", "*.toml"),
        ("structure-definitions", "*.json"),
    ):
        yield from sorted((_FOLDER / folder).glob(pattern))
    yield from sorted((_FOLDER / "value-sets").glob("*.json"))
    yield from sorted((_FOLDER / "code-systems").glob("*.json"))

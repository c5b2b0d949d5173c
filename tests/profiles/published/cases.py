"""HL7's published validation cases as we run them; `extract.py` says where they come from and which are left out."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from profiles import structures, terminology
from profiles.json import Resource, loads
from profiles.validation import Issue, Validator

ARCHIVE = Path(__file__).with_name("hl7-validation-cases.zip")

LATER = re.compile(r"http://hl7\.org/fhir/(tools/|\d\.\d/)?StructureDefinition/")
"""Extensions that HL7 has defined since, all of which the reference validator had loaded."""


@dataclass(frozen=True)
class Run:
    name: str
    module: str
    file: str
    supporting: tuple[str, ...]
    packages: tuple[str, ...]
    profiles: tuple[str, ...]
    error: bool
    """The verdict of the reference validator."""
    where: tuple[str, ...]


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(ARCHIVE)


@cache
def manifest() -> dict[str, Any]:
    return loads(_archive().read("manifest.json"))


def runs() -> list[Run]:
    return [
        Run(**{name: tuple(value) if isinstance(value, list) else value for name, value in one.items()})
        for one in manifest()["runs"]
    ]


def examples() -> Iterator[tuple[str, Resource]]:
    for name in sorted(_archive().namelist()):
        if name.startswith("examples/"):
            yield name.removeprefix("examples/"), loads(_archive().read(name))


def resource(run: Run) -> Any:
    """The JSON value; raises `ValueError` for what is not JSON."""
    return loads(_archive().read(f"files/{run.file}"))


def issues(run: Run) -> list[Issue]:
    """What we find; raises `ValueError` for what is not JSON."""
    known = _by_name(_supporting(run.supporting, run.packages))
    return _validator(run.supporting, run.packages).check(resource(run), run.profiles, resolve=known.get)


def errors(run: Run) -> list[str]:
    """What we refuse, as `key expression`."""
    try:
        found = issues(run)
    except ValueError as error:
        return [f"JSON {error}"]
    return [f"{one.key} {one.expression}" for one in found if _is_error(one)]


def _is_error(issue: Issue) -> bool:
    """The reference validator ran with an option that refuses every extension it does not know."""
    if issue.key == "FD-EXTENSION-UNKNOWN":
        return not LATER.search(issue.en)
    return issue.severity == "error"


@cache
def _validator(supporting: tuple[str, ...], packages: tuple[str, ...]) -> Validator:
    given = _supporting(supporting, packages)
    if not given:
        return Validator(structures.shipped(), terminology.shipped())
    return Validator(structures.shipped().including(given), terminology.shipped().including(given))


@cache
def _supporting(supporting: tuple[str, ...], packages: tuple[str, ...]) -> list[Resource]:
    files = [loads(_archive().read(f"files/{name}")) for name in supporting]
    return files + [one for name in packages for one in loads(_archive().read(f"files/{name}.json"))]


def _by_name(resources: list[Resource]) -> dict[str, Resource]:
    """By canonical URL, with the version and without, and by `Type/id`."""
    found: dict[str, Resource] = {}
    for one in resources:
        url, version = one.get("url"), one.get("version")
        names = [f"{one.get('resourceType')}/{one.get('id')}", url, f"{url}|{version}"]
        found.update({name: one for name in names if name})
    return found

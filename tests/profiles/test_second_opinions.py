"""Other validators in Python have a say where they have one; whoever disagrees with us is listed, with the reason.

They speak of R4 as such, not of our profiles: what they refuse and we accept counts, and what our check of the
structure refuses and they accept. https://pypi.org/project/fhir.resources, https://pypi.org/project/pyrofile-validator
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from profiles import invalid_examples, structures, terminology, validator
from profiles.definitions import resource_types
from profiles.json import Resource, dumps, loads
from profiles.validation import Validator
from tests.profiles.published import cases

Opinion = Callable[[Resource], list[str]]
"""What somebody finds wrong with a resource."""

DISAGREEMENTS: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    (Path(__file__).parent / "published" / "second-opinions.toml").read_text("utf-8")
)
"""Whose opinion → what they `refuses` of what we accept, by name, and `accepts` of what we refuse, by key → reason."""

UNHEARD = {
    "extension.unknown": "an error to them, an information to us: FHIR allows extensions that nobody has defined",
    "profile.unresolved": "they are not given our profiles",
}
"""Of what pyrofile-validator finds, by its code, what is a question of policy."""
UNHEARD_WORDS = {
    r"ValueSet _r4b_": "their codes are those that fhir.resources lists, which are not all",
    r"Unknown element \S+\.(text|_\w+)$": "`text` below the top, and primitives with extensions, are unknown to them",
}
"""Its faults, by their words."""


def test_fhir_resources():
    compare("fhir.resources", of_fhir_resources)


def test_pyrofile(tmp_path: Path):
    reason = "pyrofile-validator is not installed; its opinion is not asked"
    pytest.importorskip("pyrofile_validator", reason=reason)
    compare("pyrofile-validator", of_pyrofile(tmp_path))


def compare(name: str, opinion: Opinion) -> None:
    known = DISAGREEMENTS[name]
    refused = {one: why for one, resource in accepted() if (why := opinion(resource))}
    assert {one: why for one, why in refused.items() if one not in known["refuses"]} == {}
    assert known["refuses"].keys() - refused.keys() == set(), "they agree by now: take them off the list"
    overlooked = {key for keys, resource in malformed() if not opinion(resource) for key in keys}
    assert overlooked == known["accepts"].keys()


# What is looked at


def accepted() -> Iterator[tuple[str, Resource]]:
    """Our examples and HL7's, as far as we find no error."""
    ours = Validator(structures.shipped(), terminology.shipped())
    for name, resource in (*examples(), *cases.examples()):
        if not any(issue.severity == "error" for issue in ours.check(resource)):
            yield name, resource


def examples() -> Iterator[tuple[str, Resource]]:
    folder = files("profiles") / "examples"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json"):
            yield file.name, loads(file.read_bytes())
    for number, resource in enumerate(loads(Path(__file__).with_name("valid.json").read_bytes())):
        yield f"valid.json[{number}]", resource


@cache
def malformed() -> list[tuple[frozenset[str], Resource]]:
    """What is not even R4, with the keys of its faults: `profiles.validator` says so, which knows no profile."""
    folder = files("profiles") / "examples" / "invalid"
    profiles = sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
    every = [case.resource for one in profiles for case in invalid_examples.cases(one)]
    every += [resource for _, resource in loads(Path(__file__).with_name("invalid.json").read_bytes())]
    known = [one for one in every if isinstance(one, dict) and one.get("resourceType") in resource_types()]
    return [(keys, resource) for resource in known if (keys := _errors(resource))]


def _errors(resource: Resource) -> frozenset[str]:
    return frozenset(issue.key for issue in validator.check(resource) if issue.severity == "error")


# Who is asked


def of_fhir_resources(resource: Resource) -> list[str]:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate_json(dumps(resource))
    except (ValidationError, LookupError) as error:  # it looks up the type of a contained resource
        return [str(error)]
    return []


def of_pyrofile(folder: Path) -> Opinion:
    """With our extensions, so that it can tell where they may stand."""
    from pyrofile_validator.config import ValidatorConfig
    from pyrofile_validator.core.engine import Validator as Pyrofile

    for file in (files("profiles") / "structure-definitions").iterdir():
        definition = loads(file.read_bytes())
        if definition["type"] == "Extension":
            snapshot = structures.shipped().snapshot(definition["url"])
            (folder / file.name).write_bytes(dumps({**definition, "snapshot": {"element": snapshot}}))
    settings = {"localPackagePaths": [str(folder)], "allow_example_urls": True}
    theirs = Pyrofile(ValidatorConfig.load_dict(settings))

    def opinion(resource: Resource) -> list[str]:
        found = theirs.validate_resource(json.loads(dumps(resource))).issues
        return [f"{one.code} {one.path}: {one.message}" for one in found if _is_heard(one)]

    return opinion


def _is_heard(issue: Any) -> bool:
    known = issue.code in UNHEARD or any(re.search(words, issue.message) for words in UNHEARD_WORDS)
    return issue.severity.value == "error" and not known

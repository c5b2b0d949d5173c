"""Examples of what a profile forbids: a valid example, spoilt as one case of a TOML file says, and what must be found.

https://hl7.org/fhir/R4/profiling.html
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from profiles import json

_STEP = re.compile(r"(_?[A-Za-z][A-Za-z0-9]*)(?:\[(0|[1-9][0-9]*)\])?")
_Steps = list[str | int]


@dataclass(frozen=True, slots=True)
class Expected:
    """An issue that must be found: `expression` is FHIRPath with indexes, `severity` that of OperationOutcome."""

    key: str
    expression: str
    severity: str


@dataclass(frozen=True, slots=True)
class Case:
    """One invalid resource; `why` says in Chinese and in English what is wrong with it."""

    profile: str
    name: str
    why: str
    resource: json.Resource
    expect: tuple[Expected, ...]


def example(name: str) -> json.Resource:
    """The valid example of that file name without its ending, such as `Patient-p1`; the caller may change it."""
    resource: json.Resource = json.loads(files("profiles").joinpath("examples", f"{name}.json").read_bytes())
    return resource


def cases(profile_id: str) -> list[Case]:
    """The invalid examples of a profile in the order of its file; none where it has no file.

    Raises `ValueError` that names the case whose path leads nowhere.
    """
    file = files("profiles").joinpath("examples", "invalid", f"{profile_id}.toml")
    if not file.is_file():
        return []
    told = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    return [_case(profile_id, one) for one in told["case"]]


def _case(profile_id: str, told: Mapping[str, Any]) -> Case:
    expect = tuple(Expected(**one) for one in told["expect"])
    try:
        resource = spoilt(example(told["example"]), told.get("remove", ()), told.get("set", {}))
    except ValueError as error:
        raise ValueError(f"{profile_id} {told['name']}: {error}") from error
    return Case(profile_id, told["name"], told["why"], resource, expect)


def spoilt(resource: json.Resource, remove: Sequence[str], put: Mapping[str, object]) -> json.Resource:
    """The same resource, changed: first what `remove` names goes, then `put` sets or appends, by dotted path.

    What is left empty by a removal goes too; an index may be one past the end. Raises `ValueError` for other paths.
    """
    for path in remove:
        _remove(resource, _steps(path), path)
    for path, value in put.items():
        _put(resource, _steps(path), value, path)
    return resource


def _steps(path: str) -> _Steps:
    found: _Steps = []
    for step in path.split("."):
        match = _STEP.fullmatch(step)
        if match is None:
            raise ValueError(f"not a path: {path}")
        found += [match[1]] if match[2] is None else [match[1], int(match[2])]
    return found


def _remove(holder: Any, steps: _Steps, path: str) -> None:  # noqa: ANN401 - any JSON value
    step, *rest = steps
    if not _has(holder, step):
        raise ValueError(f"nothing to remove at {path}")
    if rest:
        _remove(holder[step], rest, path)
    if not rest or holder[step] in ({}, []):
        del holder[step]


def _put(holder: Any, steps: _Steps, value: object, path: str) -> None:  # noqa: ANN401 - any JSON value
    step, *rest = steps
    if not rest and _has(holder, step):
        holder[step] = value
        return
    if not _has(holder, step):
        made = value if not rest else [] if isinstance(rest[0], int) else {}
        if isinstance(holder, list) and step == len(holder):
            holder.append(made)
        elif isinstance(holder, dict) and isinstance(step, str):
            holder[step] = made
        else:
            raise ValueError(f"nothing to set at {path}")
    if rest:
        _put(holder[step], rest, value, path)


def _has(holder: Any, step: str | int) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(step, int):
        return isinstance(holder, list) and step < len(holder)
    return isinstance(holder, dict) and step in holder

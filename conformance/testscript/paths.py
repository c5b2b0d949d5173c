"""XPath and JSONPath, as far as test scripts use them, on FHIR JSON. https://hl7.org/fhir/R4/testscript.html#4.10.3"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.testscript.errors import Undone

_XPATH_STEP = re.compile(r"/?(?:fhir:)?(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<tests>(?:\[[^\]]+\])*)")
_XPATH_TEST = re.compile(
    r"\[(?:(?P<index>\d+)|(?P<path>(?:fhir:)?\w+(?:/(?:fhir:)?\w+)*)/@value\s*=\s*(?P<mark>['\"])(?P<value>[^'\"]*)(?P=mark))\]"
)
_JSON_STEP = re.compile(r"\.?(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\['(?P<quoted>[^']+)'\]|\[(?P<index>\d+|\*)\]")


@dataclass(frozen=True, slots=True)
class _Step:
    """A member to go to, and the tests that what is there has to pass: places (from 0), or member paths and values."""

    name: str
    tests: tuple[int | tuple[tuple[str, ...], str], ...] = ()


def values(resource: Any, path: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    """What a path finds, lists opened. Raises `Undone` for what is beyond the subset.

    XPath: steps by name from the root, `[n]`, `[a/@value='x']`, ending in `@value` or not. JSONPath: `$`, names, `[n]`
    and `[*]`.
    """
    if path.startswith(("$", ".")) or "[*]" in path:
        return _by_json(resource, path)
    found = [resource]
    steps = _xpath(path)
    if not isinstance(resource, dict) or steps[0].name != resource.get("resourceType"):
        return []
    for step in steps[1:]:
        found = [item for one in found for item in _passing(_children(one, step.name), step)]
    return found


def _xpath(path: str) -> list[_Step]:
    text = path.strip().removesuffix("/@value")
    steps: list[_Step] = []
    at = 1 if text.startswith("/") and not text.startswith("//") else 0
    while at < len(text):
        found = _XPATH_STEP.match(text, at)
        if not found or (steps and text[at] != "/"):
            raise _beyond(path)
        steps.append(_Step(found["name"], tuple(_tests(found["tests"], path))))
        at = found.end()
    if not steps:
        raise _beyond(path)
    return steps


def _tests(text: str, path: str) -> Iterator[int | tuple[tuple[str, ...], str]]:
    at = 0
    while at < len(text):
        found = _XPATH_TEST.match(text, at)
        if not found:
            raise _beyond(path)
        if found["index"]:
            yield int(found["index"]) - 1
        else:
            yield tuple(name.removeprefix("fhir:") for name in found["path"].split("/")), found["value"]
        at = found.end()


def _children(parent: Any, name: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Also the resource inside `resource` or `contained`: XPath names its type as one more step."""
    if not isinstance(parent, dict):
        return []
    if name[0].isupper():
        return [parent] if parent.get("resourceType") == name else []
    return _opened(parent.get(name))


def _passing(items: list[Any], step: _Step) -> list[Any]:
    for test in step.tests:
        if isinstance(test, int):
            items = items[test : test + 1] if test >= 0 else []
        else:
            names, wanted = test
            items = [item for item in items if wanted in map(text, _walked(item, names))]
    return items


def _walked(item: Any, names: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - any JSON value
    found = [item]
    for name in names:
        found = [child for one in found for child in _children(one, name)]
    return found


def _by_json(resource: Any, path: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    rest = path.strip().removeprefix("$")
    found, at = [resource], 0
    while at < len(rest):
        step = _JSON_STEP.match(rest, at)
        if not step:
            raise _beyond(path)
        found = [item for one in found for item in _member(one, step)]
        at = step.end()
    return [item for one in found for item in _opened(one)]


def _member(one: Any, step: re.Match[str]) -> list[Any]:  # noqa: ANN401 - any JSON value
    if step["index"]:
        if not isinstance(one, list):
            return []
        return one if step["index"] == "*" else one[int(step["index"]) : int(step["index"]) + 1]
    name = step["name"] or step["quoted"]
    return [one[name]] if isinstance(one, dict) and name in one else []


def _opened(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    if value is None:
        return []
    return [one for one in value if one is not None] if isinstance(value, list) else [value]


def text(value: object) -> str:
    """A primitive as FHIR writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _beyond(path: str) -> Undone:
    return Undone(f"path is not supported: {path}")

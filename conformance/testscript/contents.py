"""One content held against another. https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.minimumId"""

from typing import Any

from profiles.json import Resource

_SERVERS = {"id", "meta"}
"""What a server sets by itself: a fixture cannot know it."""


def lacking(least: Resource, found: Resource) -> list[str]:
    """Paths of a resource that another does not have."""
    return missing({name: value for name, value in least.items() if name not in _SERVERS}, found, "")


def missing(least: Any, found: Any, at: str) -> list[str]:  # noqa: ANN401 - any JSON value
    """Paths of `least` that `found` does not have: members by name, items of lists in any order, equal values."""
    if isinstance(least, dict):
        have = found if isinstance(found, dict) else {}
        return [path for name, value in least.items() for path in missing(value, have.get(name), _joined(at, name))]
    if isinstance(least, list):
        items = found if isinstance(found, list) else []
        return [f"{at}[{n}]" for n, item in enumerate(least) if all(missing(item, one, at) for one in items)]
    # True is 1 in Python, and not in JSON.
    return [] if least == found and isinstance(least, bool) == isinstance(found, bool) else [at]


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name

"""Which of our profiles the content of a resource implies: rules hang on type and content, never on a claim."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from profiles import canonical
from profiles.json import Resource

_EXTENSION = canonical.structure("implied-by")


class Sign(NamedTuple):
    """What a resource has that falls under a profile."""

    profile: str
    path: tuple[str, ...]
    system: str
    codes: frozenset[str]
    beside: str
    """Another element that has to be there."""

    def holds(self, resource: Resource) -> bool:
        if self.beside and self.beside not in resource:
            return False
        return any(self._is_meant(one) for one in _reached(resource, self.path))

    def _is_meant(self, value: Any) -> bool:  # noqa: ANN401 - any JSON value
        if type(value) is str:
            return not self.system and (not self.codes or value in self.codes)
        if type(value) is not dict:
            return not self.system and not self.codes
        code = value.get("code")
        right_system = not self.system or value.get("system") == self.system
        return right_system and (not self.codes or (type(code) is str and code in self.codes))


def _reached(value: Any, path: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - any JSON value
    found = [value]
    for step in path:
        inner = [one[step] for one in found if type(one) is dict and step in one]
        found = [each for one in inner for each in (one if type(one) is list else [one])]
    return found


def signs(definitions: Iterable[Resource]) -> dict[str, list[Sign]]:
    """By resource type, in the order of the definitions."""
    found: dict[str, list[Sign]] = {}
    for definition in definitions:
        for sign in _signs(definition):
            found.setdefault(str(definition.get("type")), []).append(sign)
    return found


def _signs(definition: Resource) -> Iterator[Sign]:
    for extension in definition.get("extension", ()):
        if extension.get("url") != _EXTENSION:
            continue
        parts: dict[str, list[str]] = {}
        for one in extension.get("extension", ()):
            said = next((value for name, value in one.items() if name.startswith("value")), None)
            parts.setdefault(str(one.get("url")), []).append(str(said))
        yield Sign(
            str(definition.get("url")),
            tuple(parts.get("path", [""])[0].split(".")),
            parts.get("system", [""])[0],
            frozenset(parts.get("code", [])),
            parts.get("with", [""])[0],
        )

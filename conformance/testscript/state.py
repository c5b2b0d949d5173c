"""What a script in its run knows: its messages by id, its variables, where its fixtures are. https://hl7.org/fhir/R4/testscript.html"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.testscript import expressions, paths
from conformance.testscript.errors import Undone
from conformance.testscript.messages import Message, Place
from conformance.testscript.script import Script
from profiles import json

_VARIABLE = re.compile(r"\$\{([^{}]+)\}")
_SOURCES = ("expression", "headerField", "path")


class Answer(Protocol):
    """A response, as far as it is looked at."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


Send = Callable[..., Awaitable[Answer]]
"""`await send(method, url, body, headers=headers)`; `body` is bytes or None, `url` absolute."""


@dataclass
class State:
    """Of one run; `base` is the target's, without a slash at the end."""

    script: Script
    base: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What the tester gives for variables, by name."""
    messages: dict[str, Message] = field(default_factory=dict)
    """By fixture id, requestId and responseId."""
    absent: dict[str, str] = field(default_factory=dict)
    """Fixtures that could not be had, and why."""
    stored: dict[str, Place] = field(default_factory=dict)
    """Where the server put the fixtures that were sent to it."""
    request: Message | None = None
    response: Message | None = None

    def message(self, name: str) -> Message:
        """Raises `Undone` where nothing has that id."""
        if name in self.absent:
            raise Undone(f"fixture {name}: {self.absent[name]}")
        if name not in self.messages:
            raise Undone(f"there is no fixture, request or response with the id {name}")
        return self.messages[name]

    def last(self, *, request: bool) -> Message:
        """The latest request or response; `Undone` before there is one."""
        found = self.request if request else self.response
        if found is None:
            raise Undone("there is no request yet" if request else "there is no response")
        return found

    def filled(self, text: str, resolving: frozenset[str] = frozenset()) -> str:
        """`text` with its variables; raises `Undone` for one that is unknown or has no value."""
        return _VARIABLE.sub(lambda found: self._value(found[1], resolving), text)

    def filled_body(self, text: str) -> str:
        """The body of a fixture: here `${…}` of nobody's may also be content, and stays."""
        known = {one.get("name") for one in self.script.listed("variable") if isinstance(one, dict)}
        return _VARIABLE.sub(lambda found: _quoted(self._value(found[1])) if found[1] in known else found[0], text)

    def _value(self, name: str, resolving: frozenset[str] = frozenset()) -> str:
        variable = self._variable(name)
        if name in resolving:
            raise Undone(f"variable {name} depends on itself")
        found = self._evaluated(variable, resolving | {name})
        if found is None:
            raise Undone(f"variable {name} has no value")
        return found

    def _variable(self, name: str) -> Mapping[str, Any]:
        for one in self.script.listed("variable"):
            if isinstance(one, dict) and one.get("name") == name:
                return one
        raise Undone(f"there is no variable {name}")

    def _evaluated(self, variable: Mapping[str, Any], resolving: frozenset[str]) -> str | None:
        """What its source gives now; its default where there is no source yet, or nothing in it."""
        default = variable.get("defaultValue")
        default = self.filled(default, resolving) if isinstance(default, str) else None
        given = [name for name in _SOURCES if name in variable]
        if not given:
            return self.inputs.get(str(variable["name"]), default)
        source = variable.get("sourceId")
        if source and source not in self.messages and default is not None:
            return default
        message = self.message(str(source)) if source else self.last(request=False)
        asked = self.filled(str(variable[given[0]]), resolving)
        found = extracted(message, given[0], asked)
        return paths.text(found[0]) if found else default


def extracted(message: Message, kind: str, asked: str) -> list[Any]:
    """The values that an `expression`, a `path` or a `headerField` finds in a message."""
    if kind == "headerField":
        found = message.headers.get(asked.lower())
        return [] if found is None else [found]
    resource = message.resource
    if resource is None:
        return []
    return expressions.values(resource, asked) if kind == "expression" else paths.values(resource, asked)


def _quoted(value: str) -> str:
    """Inside a JSON string."""
    return json.dumps(value).decode()[1:-1]

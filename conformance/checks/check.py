"""How a check is declared, and a suite as a table of checks."""

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.checks.session import Session

    Body = Callable[[Session], Awaitable[None]]

SPECIFICATION = "https://hl7.org/fhir/R4/"
_SUITES = Path(__file__).parents[1] / "suites"


class Strength(StrEnum):
    """https://www.rfc-editor.org/rfc/rfc2119"""

    SHALL = "SHALL"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a standard asks for."""

    id: str
    strength: Strength
    source: str
    """Where it stands: a URL, or a row of the requirement catalogue."""
    zh: str
    en: str


def shall(id_: str, source: str, zh: str, en: str) -> Requirement:
    """`source`: `http.html#create` is a place in FHIR R4; what has a scheme, or no `.html`, stays as it is."""
    return Requirement(id_, Strength.SHALL, _source(source), zh, en)


def should(id_: str, source: str, zh: str, en: str) -> Requirement:
    return Requirement(id_, Strength.SHOULD, _source(source), zh, en)


def may(id_: str, source: str, zh: str, en: str) -> Requirement:
    return Requirement(id_, Strength.MAY, _source(source), zh, en)


def _source(given: str) -> str:
    return SPECIFICATION + given if ".html" in given and "://" not in given else given


@dataclass(frozen=True, slots=True)
class Check:
    """One small question to a server; its words are the requirement's unless several checks prove that one."""

    id: str
    requirement: Requirement
    zh: str
    en: str
    body: "Body" = field(repr=False)
    claims: tuple[str, ...] = ()
    """Keys of `claims`: it is skipped where the target does not claim them all."""
    after: tuple[str, ...] = ()
    """Ids of checks that it stands on: it is not run where one of them failed."""
    inputs: tuple[str, ...] = ()
    """Names of inputs that it cannot do without."""


def check(  # noqa: PLR0913 - one for each thing that a check may say of itself
    requirement: Requirement,
    *,
    id: str = "",  # noqa: A002 - the word of the interface
    zh: str = "",
    en: str = "",
    claims: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
) -> "Callable[[Body], Check]":
    """Make a `Check` of an async function."""

    def declared(body: "Body") -> Check:
        names = (id or requirement.id, requirement, zh or requirement.zh, en or requirement.en)
        return Check(*names, body, claims, after, inputs)

    return declared


@dataclass(frozen=True)
class Suite:
    """Checks in the order in which they run."""

    id: str
    zh: str
    en: str
    checks: tuple[Check, ...] = field(repr=False)
    data: tuple[Path, ...] = field(default=(), repr=False)
    """Files that checks are made from."""

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with any check, with the code it is in, and with the data."""
        digest = sha256()
        for one in self.checks:
            digest.update(repr((one.id, one.requirement, one.zh, one.en, one.claims, one.after, one.inputs)).encode())
        for path in sorted({*self._sources(), *self.data}):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def _sources(self) -> Iterator[Path]:
        for one in self.checks:
            file = inspect.getsourcefile(sys.modules[_function(one.body).__module__])
            folder = Path(file).parent if file else _SUITES
            if file and folder == _SUITES:
                yield Path(file)
            elif file:
                yield from folder.glob("*.py")


def _function(body: "Body") -> Callable[..., object]:
    return _function(body.func) if isinstance(body, partial) else body

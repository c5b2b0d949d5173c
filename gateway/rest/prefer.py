"""The Prefer header: what a client would like, where it has a choice. https://www.rfc-editor.org/rfc/rfc7240"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import Issue
from gateway.rest import fields

ALL_OK = Issue("informational", "FD-ALL-OK", "已完成,没有问题。", "All OK.", severity="information")
"""The one issue of the outcome that answers `return=OperationOutcome`."""

_RETURNS = {one.lower(): one for one in ("minimal", "representation", "OperationOutcome")}
_HANDLINGS = {"strict": "strict", "lenient": "lenient"}


@dataclass(frozen=True, slots=True)
class Prefer:
    """What was asked for and is known; anything else is not an error, and ignored.

    https://hl7.org/fhir/R4/http.html#ops
    """

    returns: str | None = None
    """minimal, representation or OperationOutcome."""
    handling: str | None = None
    """strict or lenient."""
    respond_async: bool = False
    wait: int | None = None
    """Seconds."""


_NOTHING = Prefer()


@lru_cache(maxsize=256)
def parse(value: bytes) -> Prefer:
    """The header, several of them joined by commas; of a preference that stands twice, the first counts."""
    if not value:
        return _NOTHING
    asked: dict[str, str] = {}
    for preference in fields.split(value.decode("latin-1"), ","):
        for first in fields.split(preference, ";")[:1]:
            name, said = fields.pair(first)
            asked.setdefault(name, said)
    return Prefer(
        returns=_one_of(_RETURNS, asked.get("return", "")),
        handling=_one_of(_HANDLINGS, asked.get("handling", "")),
        respond_async=asked.get("respond-async") == "",
        wait=_seconds(asked.get("wait", "")),
    )


def _one_of(known: Mapping[str, str], said: str) -> str | None:
    return known.get(said.lower())


def _seconds(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None

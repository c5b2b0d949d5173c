"""What a check did: its exchanges with the target and its assertions, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.checks.verdict import Missed

MOST_EXCHANGES = 100
"""Of one check; those after them are counted and not kept."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, fit for a report."""

    protocol: str
    request: str
    """`GET http://…`; of other protocols the address."""
    request_headers: Mapping[str, str]
    request_body: str
    status: str
    response_headers: Mapping[str, str]
    response_body: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Assertion:
    met: bool
    advice: bool
    """Of something that is only recommended."""
    zh: str
    en: str
    exchange: int | None
    """Index of the exchange that it is about."""


@dataclass(slots=True)
class Trace:
    exchanges: list[Exchange] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)

    def add(self, exchange: Exchange) -> int | None:
        """Its index, or None when it is not kept."""
        if len(self.exchanges) == MOST_EXCHANGES:
            return None
        self.exchanges.append(exchange)
        return len(self.exchanges) - 1

    def expect(self, met: bool, zh: str, en: str, exchange: int | None) -> None:  # noqa: FBT001 - what it is about
        self.assertions.append(Assertion(met, advice=False, zh=zh, en=en, exchange=exchange))
        if not met:
            raise Missed(zh, en)

    def advise(self, met: bool, zh: str, en: str, exchange: int | None) -> None:  # noqa: FBT001 - what it is about
        self.assertions.append(Assertion(met, advice=True, zh=zh, en=en, exchange=exchange))

    @property
    def last(self) -> int | None:
        return len(self.exchanges) - 1 if self.exchanges else None

    @property
    def unheeded(self) -> list[Assertion]:
        return [one for one in self.assertions if one.advice and not one.met]

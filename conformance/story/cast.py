"""Who takes part in one run of the story: others in every run, but for the two whose names are the point."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from conformance.errors import LapsedError
from conformance.synthetic.contracts import Contract
from conformance.synthetic.population import Population
from conformance.synthetic.residents import ADULT, Resident

Role = Literal["adult", "aged", "cancelled", "newline", "nameless", "uncontracted", "lapsed", "stranger"]


@dataclass(frozen=True, slots=True)
class Player:
    """A resident, and the contract in force where there is one."""

    resident: Resident
    contract: Contract | None = None


def cast(people: Population, started: datetime) -> Mapping[Role, Player]:
    """Raises `LapsedError` when the contracts that the story needs have ended, or are about to."""
    turn = int(started.timestamp())
    aged, cancelled, *others = people.contracts
    adults = [one for one in others if one.resident.band is ADULT and _in_force(one, started.date())]
    if len(adults) < 3 or not (_in_force(aged, started.date()) and _in_force(cancelled, started.date())):
        raise LapsedError
    return {
        "adult": _contracted(adults[turn % len(adults)]),
        "aged": _contracted(aged),
        "cancelled": _contracted(cancelled),
        "newline": _contracted(adults[(turn + 1) % len(adults)]),
        "nameless": _contracted(adults[(turn + 2) % len(adults)]),
        "uncontracted": Player(people.uncontracted[turn % len(people.uncontracted)]),
        "lapsed": Player(people.lapsed[turn % len(people.lapsed)].resident),
        "stranger": Player(people.strangers[turn % len(people.strangers)]),
    }


def _contracted(contract: Contract) -> Player:
    return Player(contract.resident, contract)


def _in_force(contract: Contract, on: date) -> bool:
    """Now and for a week more, so that nothing ends while the story plays."""
    return contract.start <= on and on + timedelta(days=7) <= contract.end

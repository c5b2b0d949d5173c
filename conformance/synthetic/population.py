"""The reference data of the demonstration: 30 institutions, a hospital, three teams, 200 residents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from conformance.synthetic import agreements, contracts, institutions, residents, teams
from conformance.synthetic.contracts import Contract
from conformance.synthetic.residents import Resident
from profiles.json import Resource

LOAD_RECORD = "reference-data"
"""The id of the Provenance that says for which day the reference data were made."""

_CONTRACTED, _LAPSED, _KNOWN, _ALL = 150, 175, 200, 225
_ENTRIES = 200
"""At most in one transaction."""
_FLAGGED = timedelta(days=90)
"""How long before the day the key populations were told apart."""


@dataclass(frozen=True, slots=True)
class Population:
    """Who there is. Strangers are people whom no server was told of."""

    contracts: tuple[Contract, ...]
    lapsed: tuple[Contract, ...]
    uncontracted: tuple[Resident, ...]
    strangers: tuple[Resident, ...]


def population(seed: int, today: date) -> Population:
    """The same people for the same seed and day; their ids are the same for every seed and day."""
    rng = Random(seed)  # noqa: S311 - invented people, reproducible on purpose; nothing here is secret
    people = residents.residents(rng, today, range(_ALL))
    return Population(
        contracts=tuple(contracts.contract(rng, today, one, active=True) for one in people[:_CONTRACTED]),
        lapsed=tuple(contracts.contract(rng, today, one, active=False) for one in people[_CONTRACTED:_LAPSED]),
        uncontracted=people[_LAPSED:_KNOWN],
        strangers=people[_KNOWN:],
    )


def reference_bundles(seed: int, today: date) -> list[Resource]:
    """The reference data as transactions of PUTs, sent in order: each refers only to itself and back."""
    bundles: list[list[Resource]] = [[]]
    for unit in _units(population(seed, today), today):
        if len(bundles[-1]) + len(unit) > _ENTRIES:
            bundles.append([])
        bundles[-1].extend(_entry(resource) for resource in unit)
    return [{"resourceType": "Bundle", "type": "transaction", "entry": entries} for entries in bundles]


def _units(people: Population, today: date) -> Iterator[list[Resource]]:
    """What belongs into one transaction together."""
    yield list(institutions.resources(today))
    yield list(teams.resources())
    flagged = today - _FLAGGED
    for contract in (*people.contracts, *people.lapsed):
        author = f"Organization/{contract.team.organization}"
        proof = agreements.resources(contract)
        yield [*residents.resources(contract.resident, author, flagged), *proof, contracts.episode(contract)]
    for resident in people.uncontracted:
        yield list(residents.resources(resident, f"Organization/{institutions.institution_id(1)}", flagged))
    yield [_load_record(today)]


def _load_record(today: date) -> Resource:
    """The last thing loaded: that the rest is there, and for which day it was made."""
    return {
        "resourceType": "Provenance",
        "id": LOAD_RECORD,
        "target": [{"reference": f"Organization/{institutions.HOSPITAL}"}],
        "occurredDateTime": today.isoformat(),
        "recorded": f"{today}T00:00:00+08:00",
        "activity": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}]
        },
        "agent": [{"who": {"display": "fdgw demo"}}],
    }


def _entry(resource: Resource) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}

"""What comes with the matches of a search: `_include` and `_revinclude`. https://hl7.org/fhir/R4/search.html#include"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.search import clauses
from gateway.search.parameters import Catalogue
from gateway.search.query import Include
from gateway.search.sql import Outer, Sql
from gateway.search.terms import Clause, key
from gateway.storage.hashes import target
from gateway.storage.rows import Stored

_COLUMNS = "r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content"
MOST = 5000
"""Included resources of one page that are looked for at all."""
SHOWN = 1000
"""Of those, what one page shows; the next begins with the rest."""
ROUNDS = 10
"""How often `:iterate` follows on."""


@dataclass(frozen=True, slots=True)
class View:
    """Whose eyes, and when."""

    tenant: int
    snapshot: str
    visible: Clause
    catalogue: Catalogue


def statement(
    includes: Iterable[Include], of: Sequence[Stored], seen: Iterable[int], view: View
) -> tuple[str, dict[str, object]] | None:
    """What the includes bring to some resources, that the caller may see; None where they can bring nothing."""
    sql = Sql(view.tenant, view.snapshot)
    arms = [arm for include in includes if (arm := _arm(include, of, view.catalogue, sql))]
    if not arms:
        return None
    known = sql.bind(list(seen), "bigint[]")
    text = (
        f"SELECT {_COLUMNS} FROM ({' UNION '.join(arms)}) d CROSS JOIN LATERAL {clauses.itself('r', 'd', sql)} "
        f"WHERE NOT r.deleted AND NOT r.rid = ANY({known}) "
        f"AND {clauses.test(view.visible, sql, Outer('r', resource=True))} ORDER BY r.rid LIMIT {MOST + 1}"
    )
    return text, sql.parameters


def _arm(include: Include, of: Sequence[Stored], catalogue: Catalogue, sql: Sql) -> str | None:
    """The row ids that one include leads to."""
    sources = {row.type for row in of} if not include.reverse else set()
    if not include.reverse and include.source not in {"*", *sources}:
        return None
    x = sql.alias()
    keys = _keys(include, catalogue)
    where = sql.row(x) + (f" AND {sql.among(f'{x}.key', keys)}" if keys else "")
    if include.reverse:
        own = [row for row in of if include.target in {None, row.type}]
        refs = [target(f"{row.type}/{row.id}") for row in own]
        return f"SELECT {x}.rid FROM link {x} WHERE {where} AND {sql.among(f'{x}.target', refs)}" if refs else None
    y = sql.alias()
    rids = [row.rid for row in of if include.source in {"*", row.type}]
    of_type = f" AND {y}.type = {sql.bind(include.target, 'text')}" if include.target else ""
    return (
        f"SELECT {y}.rid FROM link {x} JOIN resource {y} ON {y}.tenant = {x}.tenant AND {y}.ref = {x}.target{of_type} "
        f"WHERE {where} AND {sql.among(f'{x}.rid', rids)}"
    )


def _keys(include: Include, catalogue: Catalogue) -> list[int]:
    """Of the parameters that are followed; none for all of all types."""
    if include.source == "*":
        return []
    known = catalogue.of(include.source)
    if include.code != "*":
        return [key(known[include.code].name)]
    return [key(one.name) for one in known.values() if one.kind == "reference" and one.ready]

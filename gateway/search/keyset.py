"""Pages by what their rows are ordered by: each begins after the last row of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.search.sql import Sql

FEW = 2000
"""Matches up to which all are found and put in order, such as the residents of a team; of more, some are looked for."""
PATIENCE = 20
"""Rows looked at, in their order, for each that a page has room for."""


@dataclass(frozen=True, slots=True)
class Order:
    """The columns that order the rows, each with its type; the last makes them unique."""

    columns: tuple[str, ...]
    casts: tuple[str, ...]
    descending: bool

    def by(self, alias: str = "") -> str:
        direction = "DESC" if self.descending else "ASC"
        return ", ".join(f"{alias}{column} {direction}" for column in self.columns)

    def end(self, alias: str = "", limit: str = "limit") -> str:
        return f"ORDER BY {self.by(alias)} LIMIT %({limit})s"

    def after(self, place: Sequence[object], sql: Sql) -> str:
        """Only what comes after the last row of the page before."""
        if not place:
            return ""
        mine = ", ".join(f"{{x}}.{column}" for column in self.columns)
        theirs = ", ".join(sql.bind(value, cast) for value, cast in zip(place, self.casts, strict=True))
        return f" AND ({mine}) {'<' if self.descending else '>'} ({theirs})"


def limit(sql: Sql, count: int) -> None:
    """`limit`: one row more than a page has, which tells whether there is another; `far`: how far a walk goes."""
    sql.parameters |= {"limit": count + 1, "far": (count + 1) * PATIENCE}


def either(found: str | None, walked: str, gathered: str, sql: Sql, *, whole: bool = False) -> str:
    """What is walked to, where many rows are `found`, and otherwise what is gathered.

    A walk that does not go on to the end of the page says nothing, unless it is `whole`.
    """
    few, walk = sql.alias(), sql.alias()
    many = f"(SELECT n FROM {few}) = {FEW}" if found else "true"
    counted = f"{few} AS MATERIALIZED (SELECT count(*) AS n FROM ({found} LIMIT {FEW}) f), " if found else ""
    full = f"(SELECT count(*) FROM {walk}) >= %(limit)s"
    taken = many if whole else full
    return (
        f"(WITH {counted}{walk} AS MATERIALIZED (SELECT * FROM ({walked}) w WHERE {many}) "
        f"SELECT * FROM {walk} WHERE {taken} UNION ALL SELECT * FROM ({gathered}) g WHERE NOT {taken})"
    )

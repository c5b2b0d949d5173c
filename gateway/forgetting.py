"""What the database need not keep: index rows that no page link can see, claims of conditional creates, outbox."""

from datetime import timedelta

from gateway import clock
from gateway.finding import CLAIM_PREFIX
from gateway.search.paging import LIFETIME_SECONDS
from gateway.storage.tables import EVER, INDEX_TABLES
from gateway.work import Ground

_CLAIM_HOURS = 24
_MOST = 20_000
"""Rows of a table that are removed in one statement, lest it last."""


class Forgetting:
    """Remembers how far the transactions were at which time, and removes what only older page links could see."""

    def __init__(self, ground: Ground, tenant: int) -> None:
        self._ground = ground
        self._tenant = tenant
        self._horizons: list[tuple[float, str]] = []

    async def index(self) -> int:
        """How many rows were removed: those that ended before the first page of every link that is still good."""
        now = self._ground.now().timestamp()
        [(oldest,)] = await self._ground.store.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text", {})
        self._horizons.append((now, oldest))
        past = [horizon for horizon in self._horizons if horizon[0] <= now - LIFETIME_SECONDS]
        if not past:
            return 0
        self._horizons = [horizon for horizon in self._horizons if horizon[0] >= past[-1][0]]
        return sum([await self._remove(table, past[-1][1]) for table in INDEX_TABLES])

    async def _remove(self, table: str, horizon: str) -> int:
        """Found by the partial index of the rows that have ended."""
        sql = (
            f"WITH gone AS (DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} "  # noqa: S608 - our own tables
            f"WHERE until <> '{EVER}'::xid8 AND until < %(horizon)s::text::xid8 LIMIT {_MOST}) RETURNING 1) "
            "SELECT count(*) FROM gone"
        )
        [(count,)] = await self._ground.store.query(sql, {"horizon": horizon})
        return int(count)

    async def claims(self) -> None:
        """Two conditional creates that meet do so within seconds; a day is ample."""
        before = clock.RowIds.first_of(self._ground.now() - timedelta(hours=_CLAIM_HOURS))
        sql = "DELETE FROM claim WHERE tenant = %(tenant)s AND name >= %(from)s AND name < %(to)s AND rid < %(before)s"
        bounds = {"from": CLAIM_PREFIX, "to": f"{CLAIM_PREFIX}\uffff"}
        await self._ground.store.execute(sql, {"tenant": self._tenant, "before": before, **bounds})

    async def outbox(self, days: int) -> None:
        before = clock.RowIds.first_of(self._ground.now() - timedelta(days=days))
        sql = "DELETE FROM outbox WHERE tenant = %(tenant)s AND oid < %(before)s"
        await self._ground.store.execute(sql, {"tenant": self._tenant, "before": before})

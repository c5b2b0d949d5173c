"""The most recent Observations of every code. https://hl7.org/fhir/R4/observation-operation-lastn.html"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gateway.errors import TooCostly
from gateway.search import select
from gateway.search.chinese import fold
from gateway.search.query import Query
from gateway.search.select import Statement
from gateway.search.sql import Sql

MOST_READ = 20_000
"""Observations whose codes are looked at."""
MOST_CHOSEN = 1000
_Group = tuple[str, str, str]
"""Subject, code system and code."""


def statement(query: Query, tenant: int) -> Statement:
    """Row id, code and subject of every match, newest first, and the snapshot that they were seen in."""
    found, parameters = select.matches(query, tenant)
    document = "convert_from(r.content, 'UTF8')::jsonb"
    text = (
        f"SELECT m.rid, {document} -> 'code', {document} -> 'subject' ->> 'reference', pg_current_snapshot()::text "  # noqa: S608 - values are bound
        f"FROM ({found}) m JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = m.rid "
        f"ORDER BY m.sort DESC, m.rid DESC LIMIT {MOST_READ + 1}"
    )
    return text, parameters


def resources(rids: Sequence[int], tenant: int, snapshot: str) -> Statement:
    sql = Sql(tenant, snapshot)
    text = (
        f"SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content FROM {sql.resources} r "  # noqa: S608 - values are bound
        f"WHERE r.tenant = %(tenant)s::smallint AND {sql.among('r.rid', rids)}"
    )
    return text, sql.parameters


def chosen(rows: Sequence[tuple[Any, ...]], most: int) -> list[int]:
    """The row ids of the first `most` of every code and subject; those of one code stand together.

    Codes are one where an Observation has both, such as one of LOINC and one of the laboratory's own.
    """
    if len(rows) > MOST_READ:
        raise _too_many(MOST_READ)
    leaders: dict[_Group, _Group] = {}
    named = [(rid, _joined(leaders, list(_groups(code or {}, subject or "")))) for rid, code, subject, *_ in rows]
    counted: Counter[_Group] = Counter()
    groups: dict[_Group, list[int]] = {}
    for rid, group in named:
        leader = _leader(leaders, group)
        counted[leader] += 1
        if counted[leader] <= most:
            groups.setdefault(leader, []).append(rid)
    found = [rid for group in groups.values() for rid in group]
    if len(found) > MOST_CHOSEN:
        raise _too_many(MOST_CHOSEN)
    return found


def _groups(code: dict[str, Any], subject: str) -> Iterator[_Group]:
    codings = [one for one in code.get("coding", ()) if "code" in one]
    yield from ((subject, one.get("system", ""), one["code"]) for one in codings)
    if not codings:
        yield subject, "\0", fold(code.get("text", ""))


def _joined(leaders: dict[_Group, _Group], groups: Iterable[_Group]) -> _Group:
    first, *others = (_leader(leaders, one) for one in groups)
    for other in others:
        leaders[_leader(leaders, other)] = _leader(leaders, first)
    return first


def _leader(leaders: dict[_Group, _Group], group: _Group) -> _Group:
    leaders.setdefault(group, group)
    while leaders[group] != group:
        leaders[group] = leaders[leaders[group]]
        group = leaders[group]
    return group


def _too_many(most: int) -> TooCostly:
    return TooCostly(
        "FD-LASTN-MANY",
        f"涉及的观察结果超过 {most} 个;请以 category、code 或 date 收窄范围。",
        f"There are more than {most} Observations to it; narrow it by category, code or date.",
    )

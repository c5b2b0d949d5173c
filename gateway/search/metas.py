"""The profiles, tags and security labels in use. https://hl7.org/fhir/R4/resource-operation-meta.html"""

from gateway.errors import TooCostly
from gateway.search import select
from gateway.search.query import Query
from gateway.search.select import Statement

MOST_READ = 100_000
"""Resources that are looked into: what they have is indexed by its hash only."""
MOST_FOUND = 5000


def statement(query: Query, tenant: int) -> Statement:
    """Rows of the element's name and its value, each once."""
    found, parameters = select.matches(query, tenant)
    arms = " UNION ALL ".join(
        f"SELECT '{name}', jsonb_array_elements(coalesce(d.meta -> '{name}', '[]'))"
        for name in ("profile", "security", "tag")
    )
    text = (
        f"SELECT DISTINCT t.name, t.value FROM ({found}) m "  # noqa: S608 - values are bound
        "JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = m.rid "
        "CROSS JOIN LATERAL (SELECT convert_from(r.content, 'UTF8')::jsonb -> 'meta' AS meta) d "
        f"CROSS JOIN LATERAL ({arms}) t(name, value) ORDER BY t.name, t.value LIMIT {MOST_FOUND}"
    )
    return text, parameters


def require_few(counted: int) -> None:
    """Raises `TooCostly` where more would have to be read than anybody waits for."""
    if counted > MOST_READ:
        raise TooCostly(
            "FD-META-MANY",
            f"资源超过 {MOST_READ} 个,无法汇总;请按类型或按单个资源查询 $meta。",
            f"There are more than {MOST_READ} resources to look into; ask for $meta of one type or of one resource.",
        )

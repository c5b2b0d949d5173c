-- What is found under each of many keys that few resources share: concurrent searches by identifier share one statement.
SELECT wanted.key, r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content, d.sort, d.rid,
    (SELECT pg_current_snapshot()::text)
FROM unnest(%(key)s::bigint[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT x.sort, x.rid FROM idx x
    WHERE x.tenant = %(tenant)s::smallint AND x.key = wanted.key AND x.until = '18446744073709551615'::xid8
    ORDER BY x.sort DESC, x.rid DESC LIMIT %(limit)s
) d
JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = d.rid
ORDER BY d.sort DESC, d.rid DESC

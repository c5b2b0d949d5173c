-- The resources that a date parameter dates before a moment, the earliest first; a range of one index.
SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
FROM (
    SELECT x.low, x.rid FROM span x
    WHERE x.tenant = %(tenant)s::smallint AND x.key = %(key)s AND x.low < %(before)s
      AND x.until = '18446744073709551615'::xid8
    ORDER BY x.low, x.high, x.rid LIMIT %(count)s
) d JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = d.rid
ORDER BY d.low, d.rid

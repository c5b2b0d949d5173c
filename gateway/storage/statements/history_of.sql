-- The versions of one resource, newest first, with whether the version before each was a deletion.
SELECT r.type, r.id, r.rid, v.version, v.last_updated, v.deleted, v.content,
    (SELECT p.deleted FROM history p WHERE p.tenant = r.tenant AND p.rid = r.rid AND p.version = v.version - 1),
    (SELECT pg_current_snapshot()::text)
FROM resource r CROSS JOIN LATERAL (
    SELECT r.version, r.last_updated, r.deleted, r.content, r.written, %(ever)s::bigint AS replaced
    UNION ALL
    SELECT h.version, h.last_updated, h.deleted, h.content, h.written,
        coalesce(n.last_updated, r.last_updated) AS replaced
    FROM history h LEFT JOIN history n ON n.tenant = h.tenant AND n.rid = h.rid AND n.version = h.version + 1
    WHERE h.tenant = r.tenant AND h.rid = r.rid
) v
WHERE r.tenant = %(tenant)s::smallint AND r.ref = %(ref)s
  AND v.last_updated >= %(since)s AND v.last_updated < %(before)s AND v.replaced > %(after)s
  AND v.version < %(below)s
  AND (%(at)s::text IS NULL OR pg_visible_in_snapshot(v.written, %(at)s::text::pg_snapshot))
ORDER BY v.version DESC LIMIT %(limit)s

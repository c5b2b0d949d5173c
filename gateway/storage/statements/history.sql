-- The versions of all resources of some types, newest first: the newest of each type, merged.
SELECT v.type, v.id, v.rid, v.version, v.last_updated, v.deleted, v.content,
    (SELECT p.deleted FROM history p WHERE p.tenant = %(tenant)s::smallint AND p.rid = v.rid AND p.version = v.version - 1),
    (SELECT pg_current_snapshot()::text)
FROM unnest(%(types)s::text[]) AS wanted (type) CROSS JOIN LATERAL (
    (
        SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
        FROM resource r
        WHERE r.tenant = %(tenant)s::smallint AND r.type = wanted.type
          AND r.last_updated >= %(since)s AND r.last_updated < %(before)s
          AND (r.last_updated, r.rid, r.version) < (%(place)s, %(place_rid)s, %(place_version)s)
          AND (%(at)s::text IS NULL OR pg_visible_in_snapshot(r.written, %(at)s::text::pg_snapshot))
        ORDER BY r.last_updated DESC, r.rid DESC LIMIT %(limit)s
    ) UNION ALL (
        SELECT h.type, r.id, h.rid, h.version, h.last_updated, h.deleted, h.content
        FROM history h
        JOIN resource r ON r.tenant = h.tenant AND r.rid = h.rid
        LEFT JOIN history n ON n.tenant = h.tenant AND n.rid = h.rid AND n.version = h.version + 1
        WHERE h.tenant = %(tenant)s::smallint AND h.type = wanted.type
          AND h.last_updated >= %(since)s AND h.last_updated < %(before)s
          AND coalesce(n.last_updated, r.last_updated) > %(after)s
          AND (h.last_updated, h.rid, h.version) < (%(place)s, %(place_rid)s, %(place_version)s)
          AND (%(at)s::text IS NULL OR pg_visible_in_snapshot(h.written, %(at)s::text::pg_snapshot))
        ORDER BY h.last_updated DESC, h.rid DESC, h.version DESC LIMIT %(limit)s
    )
) v
ORDER BY v.last_updated DESC, v.rid DESC, v.version DESC LIMIT %(limit)s

-- Many reads by id at once: concurrent readers share one statement.
SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
FROM unnest(%(ref)s::bigint[]) AS wanted (ref)
JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.ref = wanted.ref

-- Who holds what at most one may hold; concurrent readers share one statement.
SELECT c.name, r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
FROM unnest(%(name)s::text[]) AS wanted (name)
JOIN claim c ON c.tenant = %(tenant)s::smallint AND c.name = wanted.name
JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = c.rid

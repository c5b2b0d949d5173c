-- Many reads by id at once: concurrent readers share one statement.
SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
FROM unnest(%(type)s::text[], %(id)s::text[]) AS wanted (type, id)
JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.type = wanted.type AND r.id = wanted.id

SELECT count(*) FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.type = ANY(%(types)s::text[]) AND NOT r.deleted

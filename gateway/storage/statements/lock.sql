-- What is about to be deleted: whoever is writing a reference to it is waited for.
SELECT 1 FROM resource r WHERE r.tenant = %(tenant)s::smallint AND r.rid = ANY(%(rid)s::bigint[])
ORDER BY r.rid FOR UPDATE

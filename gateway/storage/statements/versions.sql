-- All versions of one resource, newest first.
SELECT r.version, r.last_updated, r.deleted, r.content
FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.type = %(type)s AND r.id = %(id)s
UNION ALL
SELECT h.version, h.last_updated, h.deleted, h.content
FROM resource r JOIN history h USING (tenant, rid)
WHERE r.tenant = %(tenant)s::smallint AND r.type = %(type)s AND r.id = %(id)s
ORDER BY 1 DESC

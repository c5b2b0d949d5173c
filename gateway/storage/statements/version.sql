-- One version of one resource, wherever it is kept.
SELECT r.version, r.last_updated, r.deleted, r.content
FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.type = %(type)s AND r.id = %(id)s AND r.version = %(version)s
UNION ALL
SELECT h.version, h.last_updated, h.deleted, h.content
FROM resource r JOIN history h USING (tenant, rid)
WHERE r.tenant = %(tenant)s::smallint AND r.type = %(type)s AND r.id = %(id)s AND h.version = %(version)s

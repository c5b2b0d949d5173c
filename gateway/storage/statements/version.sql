-- One version of one resource, wherever it is kept.
SELECT r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content
FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.ref = %(ref)s AND r.version = %(version)s
UNION ALL
SELECT r.type, r.id, r.rid, h.version, h.last_updated, h.deleted, h.content
FROM resource r JOIN history h USING (tenant, rid)
WHERE r.tenant = %(tenant)s::smallint AND r.ref = %(ref)s AND h.version = %(version)s

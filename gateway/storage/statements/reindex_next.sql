-- The next resources of some types in order of row id.
SELECT r.rid, r.version, r.sort, r.content FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.rid > %(place)s AND r.type = ANY(%(types)s::text[]) AND NOT r.deleted
ORDER BY r.rid LIMIT %(count)s

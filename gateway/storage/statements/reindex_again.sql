-- Those that somebody changed while their rows were made.
SELECT r.rid, r.version, r.sort, r.content FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.rid = ANY(%(rids)s::bigint[]) AND NOT r.deleted

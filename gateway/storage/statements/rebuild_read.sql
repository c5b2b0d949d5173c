SELECT r.rid, r.sort, r.content FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.rid BETWEEN %(first)s AND %(last)s AND NOT r.deleted

SELECT tenant, id, kind, actor, created, state, done, total, place, about, answer FROM job
WHERE tenant = %(tenant)s::smallint AND kind = %(kind)s ORDER BY created, id

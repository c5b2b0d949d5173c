-- A job of one caller, and whether somebody works on it.
SELECT tenant, id, kind, actor, created, state, done, total, place, about, answer,
    alive >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
FROM job WHERE tenant = %(tenant)s::smallint AND id = %(id)s AND actor = %(actor)s

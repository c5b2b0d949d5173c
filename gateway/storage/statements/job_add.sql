-- A job, that is nobody's to take up for a while; one that is there already is left as it is.
INSERT INTO job (tenant, id, kind, actor, created, state, done, total, place, about, answer, alive)
VALUES (
    %(tenant)s, %(id)s, %(kind)s, %(actor)s, %(created)s, %(state)s, %(done)s, %(total)s, %(place)s, %(about)s,
    %(answer)s, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(wait)s
) ON CONFLICT DO NOTHING

-- The oldest that nobody works on, for whoever asks.
UPDATE job SET alive = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(lease)s
WHERE (tenant, id) = (
    SELECT tenant, id FROM job
    WHERE kind = ANY(%(kinds)s::text[]) AND state <> 'done' AND alive < (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    ORDER BY created, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING tenant, id, kind, actor, created, state, done, total, place, about, answer

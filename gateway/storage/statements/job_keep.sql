-- Puts off the end of those that are still ours.
UPDATE job SET alive = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(lease)s
WHERE id = ANY(%(ids)s::text[]) AND state = 'running' AND alive >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING id

-- How far a job is, if it is where we left it.
UPDATE job
SET done = %(done)s, total = %(total)s, place = %(place)s, about = %(about)s, state = %(state)s, answer = %(answer)s,
    alive = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(lease)s
WHERE tenant = %(tenant)s::smallint AND id = %(id)s AND state = %(was)s AND place = %(from)s
  AND alive >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING 1

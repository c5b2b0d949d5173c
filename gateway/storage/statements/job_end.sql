UPDATE job SET state = 'ending', alive = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(wait)s
WHERE tenant = %(tenant)s::smallint AND id = %(id)s AND state <> 'ending'

-- What still runs stays, and what every process learns the search parameters from.
DELETE FROM job
WHERE kind <> 'search-parameter' AND created < %(before)s
  AND (state <> 'running' OR (kind = 'request' AND alive < (extract(epoch FROM clock_timestamp()) * 1000)::bigint))

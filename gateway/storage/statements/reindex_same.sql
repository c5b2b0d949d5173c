-- Those that are still what they were when they were read.
SELECT r.rid FROM unnest(%(rid)s::bigint[], %(version)s::int[]) AS n (rid, version)
JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = n.rid AND r.version = n.version

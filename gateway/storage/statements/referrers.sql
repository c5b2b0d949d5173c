-- Resources that refer to any of these.
SELECT DISTINCT r.type, r.id
FROM link x JOIN resource r ON r.tenant = x.tenant AND r.rid = x.rid
WHERE x.tenant = %(tenant)s::smallint AND x.target = ANY(%(ref)s::bigint[])
  AND x.until = '18446744073709551615'::xid8 AND NOT r.ref = ANY(%(ref)s::bigint[])
  AND r.type NOT IN ('Provenance', 'AuditEvent') -- they tell of what was
LIMIT %(count)s

-- Accesses that wrote nothing else: reads and searches, many at once.
INSERT INTO audit (tenant, aid, at, actor, interaction, type, id, request, results)
SELECT * FROM unnest(
    %(tenant)s::smallint[], %(aid)s::bigint[], %(at)s::bigint[], %(actor)s::text[], %(action)s::text[],
    %(audit_type)s::text[], %(audit_id)s::text[], %(request)s::text[], %(results)s::int[]
)
-- a line whose commit was done and not heard of is not written twice
ON CONFLICT DO NOTHING

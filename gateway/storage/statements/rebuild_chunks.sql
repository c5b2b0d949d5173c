-- The resources of every tenant in parts of equal size: first and last row id, and how many.
SELECT tenant, min(rid), max(rid), count(*)
FROM (
    SELECT tenant, rid, (row_number() OVER (PARTITION BY tenant ORDER BY rid) - 1) / %(size)s AS part
    FROM resource WHERE NOT deleted
) r GROUP BY tenant, part ORDER BY tenant, part

-- The rows of the index of some resources: what is missing is put in; where `whole`, the rows are all that there should
-- be, and what is too much ends. idx cannot be searched by resource: of its rows, those end that are right but for a
-- date that the resource no longer has. Each row is looked up by itself (LIMIT keeps it so): the planner knows nothing
-- of what comes in arrays, and a join would read tables whole.
WITH dated AS (
    UPDATE resource r SET sort = n.sort
    FROM unnest(%(rid)s::bigint[], %(sort)s::bigint[]) AS n (rid, sort)
    WHERE r.tenant = %(tenant)s::smallint AND r.rid = n.rid AND r.sort <> n.sort
), idx_wanted AS MATERIALIZED (
    SELECT n.key, n.sort, n.rid, n.old
    FROM unnest(
        %(idx_key)s::bigint[], %(idx_sort)s::bigint[], %(idx_rid)s::bigint[], %(idx_old)s::bigint[]
    ) AS n (key, sort, rid, old)
), idx_gone AS (
    UPDATE idx x SET until = pg_current_xact_id()
    FROM (
        SELECT (
            SELECT o.ctid FROM idx o
            WHERE o.tenant = %(tenant)s::smallint AND o.key = n.key AND o.sort = n.old AND o.rid = n.rid
              AND o.until = '18446744073709551615'::xid8
            LIMIT 1
        ) AS place
        FROM idx_wanted n WHERE n.sort <> n.old
    ) g
    WHERE x.ctid = g.place
), idx_new AS (
    INSERT INTO idx (tenant, key, sort, rid)
    SELECT %(tenant)s::smallint, n.key, n.sort, n.rid FROM idx_wanted n
    WHERE (
        SELECT true FROM idx x
        WHERE x.tenant = %(tenant)s::smallint AND x.key = n.key AND x.sort = n.sort AND x.rid = n.rid
          AND x.until = '18446744073709551615'::xid8
        LIMIT 1
    ) IS NULL
), link_wanted AS MATERIALIZED (
    SELECT n.target, n.key, n.sort, n.rid
    FROM unnest(
        %(link_target)s::bigint[], %(link_key)s::bigint[],
        %(link_sort)s::bigint[], %(link_rid)s::bigint[]
    ) AS n (target, key, sort, rid)
), link_gone AS (
    UPDATE link x SET until = pg_current_xact_id()
    WHERE %(whole)s AND x.tenant = %(tenant)s::smallint AND x.rid = ANY(%(rid)s::bigint[])
      AND x.until = '18446744073709551615'::xid8
      AND (x.target, x.key, x.sort, x.rid) NOT IN (SELECT n.target, n.key, n.sort, n.rid FROM link_wanted n)
), link_new AS (
    INSERT INTO link (tenant, target, key, sort, rid)
    SELECT %(tenant)s::smallint, n.target, n.key, n.sort, n.rid FROM link_wanted n
    WHERE (
        SELECT true FROM link x
        WHERE x.tenant = %(tenant)s::smallint AND x.target = n.target AND x.key = n.key
          AND x.sort = n.sort AND x.rid = n.rid AND x.until = '18446744073709551615'::xid8
        LIMIT 1
    ) IS NULL
), words_wanted AS MATERIALIZED (
    SELECT n.key, n.value, n.sort, n.rid
    FROM unnest(
        %(words_key)s::bigint[], %(words_value)s::text[],
        %(words_sort)s::bigint[], %(words_rid)s::bigint[]
    ) AS n (key, value, sort, rid)
), words_gone AS (
    UPDATE words x SET until = pg_current_xact_id()
    WHERE %(whole)s AND x.tenant = %(tenant)s::smallint AND x.rid = ANY(%(rid)s::bigint[])
      AND x.until = '18446744073709551615'::xid8
      AND (x.key, x.value, x.sort, x.rid) NOT IN (SELECT n.key, n.value, n.sort, n.rid FROM words_wanted n)
), words_new AS (
    INSERT INTO words (tenant, key, value, sort, rid)
    SELECT %(tenant)s::smallint, n.key, n.value, n.sort, n.rid FROM words_wanted n
    WHERE (
        SELECT true FROM words x
        WHERE x.tenant = %(tenant)s::smallint AND x.key = n.key AND x.value = n.value
          AND x.sort = n.sort AND x.rid = n.rid AND x.until = '18446744073709551615'::xid8
        LIMIT 1
    ) IS NULL
), span_wanted AS MATERIALIZED (
    SELECT n.key, n.low, n.high, n.sort, n.rid
    FROM unnest(
        %(span_key)s::bigint[], %(span_low)s::bigint[], %(span_high)s::bigint[],
        %(span_sort)s::bigint[], %(span_rid)s::bigint[]
    ) AS n (key, low, high, sort, rid)
), span_gone AS (
    UPDATE span x SET until = pg_current_xact_id()
    WHERE %(whole)s AND x.tenant = %(tenant)s::smallint AND x.rid = ANY(%(rid)s::bigint[])
      AND x.until = '18446744073709551615'::xid8
      AND (x.key, x.low, x.high, x.sort, x.rid) NOT IN (SELECT n.key, n.low, n.high, n.sort, n.rid FROM span_wanted n)
), span_new AS (
    INSERT INTO span (tenant, key, low, high, sort, rid)
    SELECT %(tenant)s::smallint, n.key, n.low, n.high, n.sort, n.rid FROM span_wanted n
    WHERE (
        SELECT true FROM span x
        WHERE x.tenant = %(tenant)s::smallint AND x.key = n.key AND x.low = n.low AND x.high = n.high
          AND x.sort = n.sort AND x.rid = n.rid AND x.until = '18446744073709551615'::xid8
        LIMIT 1
    ) IS NULL
), amount_wanted AS MATERIALIZED (
    SELECT n.key, n.low, n.high, n.sort, n.rid
    FROM unnest(
        %(amount_key)s::bigint[], %(amount_low)s::numeric[], %(amount_high)s::numeric[],
        %(amount_sort)s::bigint[], %(amount_rid)s::bigint[]
    ) AS n (key, low, high, sort, rid)
), amount_gone AS (
    UPDATE amount x SET until = pg_current_xact_id()
    WHERE %(whole)s AND x.tenant = %(tenant)s::smallint AND x.rid = ANY(%(rid)s::bigint[])
      AND x.until = '18446744073709551615'::xid8
      AND (x.key, x.low, x.high, x.sort, x.rid) NOT IN (SELECT n.key, n.low, n.high, n.sort, n.rid FROM amount_wanted n)
), amount_new AS (
    INSERT INTO amount (tenant, key, low, high, sort, rid)
    SELECT %(tenant)s::smallint, n.key, n.low, n.high, n.sort, n.rid FROM amount_wanted n
    WHERE (
        SELECT true FROM amount x
        WHERE x.tenant = %(tenant)s::smallint AND x.key = n.key AND x.low = n.low AND x.high = n.high
          AND x.sort = n.sort AND x.rid = n.rid AND x.until = '18446744073709551615'::xid8
        LIMIT 1
    ) IS NULL
)
SELECT 1

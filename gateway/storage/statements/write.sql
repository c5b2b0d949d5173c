-- One unit of work, or several grouped: every table in one statement, so that a commit is one round trip
-- however many resources it has. expect_rows() undoes all of it when a version was not the expected one, or
-- something that is referred to is not there.
WITH incoming AS (
    SELECT * FROM unnest(
        %(rid)s::bigint[], %(type)s::text[], %(id)s::text[], %(ref)s::bigint[], %(sort)s::bigint[], %(version)s::int[],
        %(updated)s::bigint[], %(deleted)s::boolean[], %(content)s::bytea[]
    ) AS n (rid, type, id, ref, sort, version, last_updated, deleted, content)
), referred AS (
    -- a lock that only a deletion waits for
    SELECT 1 FROM resource r
    WHERE r.tenant = %(tenant)s::smallint AND r.ref = ANY(%(needed)s::bigint[]) AND NOT r.deleted
    FOR KEY SHARE
), kept AS (
    INSERT INTO history (tenant, rid, version, type, sort, last_updated, deleted, written, content)
    SELECT o.tenant, o.rid, o.version, o.type, o.sort, o.last_updated, o.deleted, o.written, o.content
    FROM incoming n JOIN resource o ON o.tenant = %(tenant)s::smallint AND o.rid = n.rid
    WHERE n.version > 1
), changed AS (
    UPDATE resource r
    SET version = n.version, last_updated = n.last_updated, deleted = n.deleted, content = n.content,
        sort = n.sort, written = pg_current_xact_id()
    FROM incoming n
    WHERE r.tenant = %(tenant)s::smallint AND r.rid = n.rid AND n.version > 1 AND r.version = n.version - 1
    RETURNING 1
), created AS (
    INSERT INTO resource (tenant, rid, type, id, ref, sort, version, last_updated, deleted, content)
    SELECT %(tenant)s::smallint, rid, type, id, ref, sort, version, last_updated, deleted, content
    FROM incoming WHERE version = 1
), idx_gone AS (
    UPDATE idx x SET until = pg_current_xact_id()
    FROM unnest(%(idx_gone_key)s::bigint[], %(idx_gone_sort)s::bigint[], %(idx_gone_rid)s::bigint[]) AS g (key, sort, rid)
    WHERE x.tenant = %(tenant)s::smallint AND x.key = g.key AND x.sort = g.sort AND x.rid = g.rid
      AND x.until = '18446744073709551615'::xid8
), idx_new AS (
    INSERT INTO idx (tenant, key, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(%(idx_key)s::bigint[], %(idx_sort)s::bigint[], %(idx_rid)s::bigint[])
), link_gone AS (
    UPDATE link x SET until = pg_current_xact_id()
    FROM unnest(
        %(link_gone_target)s::bigint[], %(link_gone_key)s::bigint[], %(link_gone_sort)s::bigint[], %(link_gone_rid)s::bigint[]
    ) AS g (target, key, sort, rid)
    WHERE x.tenant = %(tenant)s::smallint AND x.target = g.target AND x.key = g.key AND x.sort = g.sort AND x.rid = g.rid
      AND x.until = '18446744073709551615'::xid8
), link_new AS (
    INSERT INTO link (tenant, target, key, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(link_target)s::bigint[], %(link_key)s::bigint[], %(link_sort)s::bigint[], %(link_rid)s::bigint[]
    )
), words_gone AS (
    UPDATE words x SET until = pg_current_xact_id()
    FROM unnest(
        %(words_gone_key)s::bigint[], %(words_gone_value)s::text[], %(words_gone_sort)s::bigint[], %(words_gone_rid)s::bigint[]
    ) AS g (key, value, sort, rid)
    WHERE x.tenant = %(tenant)s::smallint AND x.key = g.key AND x.value = g.value AND x.rid = g.rid
      AND x.until = '18446744073709551615'::xid8
), words_new AS (
    INSERT INTO words (tenant, key, value, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(words_key)s::bigint[], %(words_value)s::text[], %(words_sort)s::bigint[], %(words_rid)s::bigint[]
    )
), span_gone AS (
    UPDATE span x SET until = pg_current_xact_id()
    FROM unnest(
        %(span_gone_key)s::bigint[], %(span_gone_low)s::bigint[], %(span_gone_high)s::bigint[],
        %(span_gone_sort)s::bigint[], %(span_gone_rid)s::bigint[]
    ) AS g (key, low, high, sort, rid)
    WHERE x.tenant = %(tenant)s::smallint AND x.key = g.key AND x.low = g.low AND x.high = g.high AND x.rid = g.rid
      AND x.until = '18446744073709551615'::xid8
), span_new AS (
    INSERT INTO span (tenant, key, low, high, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(span_key)s::bigint[], %(span_low)s::bigint[], %(span_high)s::bigint[], %(span_sort)s::bigint[], %(span_rid)s::bigint[]
    )
), amount_gone AS (
    UPDATE amount x SET until = pg_current_xact_id()
    FROM unnest(
        %(amount_gone_key)s::bigint[], %(amount_gone_low)s::numeric[], %(amount_gone_high)s::numeric[],
        %(amount_gone_sort)s::bigint[], %(amount_gone_rid)s::bigint[]
    ) AS g (key, low, high, sort, rid)
    WHERE x.tenant = %(tenant)s::smallint AND x.key = g.key AND x.low = g.low AND x.high = g.high AND x.rid = g.rid
      AND x.until = '18446744073709551615'::xid8
), amount_new AS (
    INSERT INTO amount (tenant, key, low, high, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(amount_key)s::bigint[], %(amount_low)s::numeric[], %(amount_high)s::numeric[],
        %(amount_sort)s::bigint[], %(amount_rid)s::bigint[]
    )
), released AS (
    DELETE FROM claim USING unnest(%(claim_gone_name)s::text[], %(claim_gone_rid)s::bigint[]) AS g (name, rid)
    WHERE claim.tenant = %(tenant)s::smallint AND claim.name = g.name AND claim.rid = g.rid
    RETURNING 1
), claimed AS (
    -- reads `released` so that a claim handed over within one unit is free before it is taken again
    INSERT INTO claim (tenant, name, rid)
    SELECT %(tenant)s::smallint, c.name, c.rid
    FROM unnest(%(claim_name)s::text[], %(claim_rid)s::bigint[]) AS c (name, rid)
    WHERE (SELECT count(*) FROM released) >= 0
), announced AS (
    INSERT INTO outbox (tenant, oid, type, id, version, interaction, written)
    SELECT %(tenant)s::smallint, o.oid, n.type, n.id, n.version, o.interaction, n.last_updated
    FROM unnest(%(rid)s::bigint[], %(oid)s::bigint[], %(interaction)s::text[]) AS o (rid, oid, interaction)
    JOIN incoming n ON n.rid = o.rid
), audited AS (
    INSERT INTO audit (tenant, aid, at, actor, interaction, type, id, request, results)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(aid)s::bigint[], %(at)s::bigint[], %(actor)s::text[], %(action)s::text[], %(audit_type)s::text[],
        %(audit_id)s::text[], %(request)s::text[], %(results)s::int[]
    )
)
SELECT expect_rows((SELECT count(*) FROM changed), %(changes)s),
       expect_rows((SELECT count(*) FROM referred), %(referred)s)

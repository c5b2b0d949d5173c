-- One unit of work, or several grouped: every table in one statement, so that a commit is one round trip
-- however many resources it has. expect_rows() undoes all of it when a version was not the expected one.
WITH incoming AS (
    SELECT * FROM unnest(
        %(rid)s::bigint[], %(type)s::text[], %(id)s::text[], %(version)s::int[],
        %(updated)s::bigint[], %(deleted)s::boolean[], %(content)s::bytea[]
    ) AS n (rid, type, id, version, last_updated, deleted, content)
), kept AS (
    INSERT INTO history (tenant, rid, version, last_updated, deleted, content)
    SELECT o.tenant, o.rid, o.version, o.last_updated, o.deleted, o.content
    FROM incoming n JOIN resource o ON o.tenant = %(tenant)s::smallint AND o.rid = n.rid
    WHERE n.version > 1
), changed AS (
    UPDATE resource r
    SET version = n.version, last_updated = n.last_updated, deleted = n.deleted, content = n.content
    FROM incoming n
    WHERE r.tenant = %(tenant)s::smallint AND r.rid = n.rid AND n.version > 1 AND r.version = n.version - 1
    RETURNING 1
), created AS (
    INSERT INTO resource (tenant, rid, type, id, version, last_updated, deleted, content)
    SELECT %(tenant)s::smallint, rid, type, id, version, last_updated, deleted, content
    FROM incoming WHERE version = 1
), idx_gone AS (
    DELETE FROM idx USING unnest(%(idx_gone_key)s::bigint[], %(idx_gone_sort)s::bigint[], %(idx_gone_rid)s::bigint[])
        AS g (key, sort, rid)
    WHERE idx.tenant = %(tenant)s::smallint AND idx.key = g.key AND idx.sort = g.sort AND idx.rid = g.rid
), idx_new AS (
    INSERT INTO idx (tenant, key, sort, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(%(idx_key)s::bigint[], %(idx_sort)s::bigint[], %(idx_rid)s::bigint[])
), words_gone AS (
    DELETE FROM words USING unnest(%(words_gone_key)s::bigint[], %(words_gone_value)s::text[], %(words_gone_rid)s::bigint[])
        AS g (key, value, rid)
    WHERE words.tenant = %(tenant)s::smallint AND words.key = g.key AND words.value = g.value AND words.rid = g.rid
), words_new AS (
    INSERT INTO words (tenant, key, value, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(%(words_key)s::bigint[], %(words_value)s::text[], %(words_rid)s::bigint[])
), span_gone AS (
    DELETE FROM span USING unnest(
        %(span_gone_key)s::bigint[], %(span_gone_low)s::bigint[], %(span_gone_high)s::bigint[], %(span_gone_rid)s::bigint[]
    ) AS g (key, low, high, rid)
    WHERE span.tenant = %(tenant)s::smallint AND span.key = g.key AND span.low = g.low
      AND span.high = g.high AND span.rid = g.rid
), span_new AS (
    INSERT INTO span (tenant, key, low, high, rid)
    SELECT %(tenant)s::smallint, * FROM unnest(
        %(span_key)s::bigint[], %(span_low)s::bigint[], %(span_high)s::bigint[], %(span_rid)s::bigint[]
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
SELECT expect_rows((SELECT count(*) FROM changed), %(changes)s)

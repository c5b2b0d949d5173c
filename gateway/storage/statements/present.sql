-- Which of these exist and are not deleted.
SELECT r.ref FROM resource r
WHERE r.tenant = %(tenant)s::smallint AND r.ref = ANY(%(ref)s::bigint[]) AND NOT r.deleted

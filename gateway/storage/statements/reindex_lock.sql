-- Whoever writes waits until the rows of a batch are in: a write that had begun before would not see them, and could
-- not end those that it makes untrue. Every write names this table; it is small, so that no vacuum is long at it.
LOCK TABLE claim IN SHARE ROW EXCLUSIVE MODE

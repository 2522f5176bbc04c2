-- API keys are records of control of the topic `keys`. No table changes, but the version does: an earlier build does not know their deeds
-- and would take a whole trail for a broken one, so it refuses to open these records instead.
SELECT 1;

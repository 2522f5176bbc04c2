-- What happened to a run, as it was told when it happened. Runs of before have no events.
CREATE TABLE run_events (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    -- The id of the event, from 1 in each run.
    number BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('progress', 'item', 'done')),
    data BYTEA NOT NULL,
    PRIMARY KEY (run_id, number)
);

CREATE TRIGGER run_events_no_update BEFORE UPDATE ON run_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Every event holds how many items of its run are where.
CREATE INDEX run_items_by_status ON run_items (run_id, status);

-- The events hold the order in which items ended.
DROP INDEX run_items_ended;
ALTER TABLE run_items DROP COLUMN ended;

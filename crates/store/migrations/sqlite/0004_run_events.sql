-- What happened to a run, as it was told when it happened. Runs of before have no events.
CREATE TABLE run_events (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    -- The id of the event, from 1 in each run.
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('progress', 'item', 'done')),
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT;

CREATE TRIGGER run_events_no_update BEFORE UPDATE ON run_events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER run_events_no_replace BEFORE INSERT ON run_events
WHEN EXISTS (SELECT 1 FROM run_events WHERE run_id = NEW.run_id AND number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

-- Every event holds how many items of its run are where.
CREATE INDEX run_items_by_status ON run_items (run_id, status);

-- The events hold the order in which items ended.
DROP INDEX run_items_ended;
ALTER TABLE run_items DROP COLUMN ended;

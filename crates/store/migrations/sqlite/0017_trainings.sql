-- A run may train a model: an item of another kind. SQLite cannot change a check, so the table is made anew; its labels are set aside
-- meanwhile, because they go with the rows they belong to.
CREATE TABLE labels_before AS SELECT run_id, position, reference, metadata FROM run_item_labels;
DROP TABLE run_item_labels;
CREATE TABLE items_before AS
SELECT run_id, position, kind, kind_index, status, plan_id, result, problem, request FROM run_items;
DROP TABLE run_items;

CREATE TABLE run_items (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('portfolio', 'simulation', 'backtest', 'training')),
    kind_index INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'finished', 'failed', 'cancelled')),
    plan_id TEXT,
    result BLOB,
    problem BLOB,
    request BLOB NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT;

INSERT INTO run_items (run_id, position, kind, kind_index, status, plan_id, result, problem, request)
SELECT run_id, position, kind, kind_index, status, plan_id, result, problem, request FROM items_before;
DROP TABLE items_before;

CREATE INDEX run_items_open ON run_items (run_id, position) WHERE status = 'queued';
CREATE INDEX run_items_by_status ON run_items (run_id, status);

CREATE TABLE run_item_labels (
    run_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    reference TEXT,
    metadata TEXT,
    PRIMARY KEY (run_id, position),
    FOREIGN KEY (run_id, position) REFERENCES run_items (run_id, position) ON DELETE CASCADE
) STRICT;

INSERT INTO run_item_labels (run_id, position, reference, metadata)
SELECT run_id, position, reference, metadata FROM labels_before;
DROP TABLE labels_before;

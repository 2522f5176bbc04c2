-- What clients call their plans and the items of their runs. Apart from them, because their own tables have long columns:
-- a list of plans and the state of a run do not touch the pages of those.
CREATE TABLE plan_labels (
    sequence INTEGER PRIMARY KEY REFERENCES plans (sequence) ON DELETE CASCADE,
    reference TEXT,
    -- A JSON object of strings.
    metadata TEXT
) STRICT;

CREATE INDEX plan_labels_by_reference ON plan_labels (reference, sequence) WHERE reference IS NOT NULL;

CREATE TABLE run_item_labels (
    run_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    reference TEXT,
    metadata TEXT,
    PRIMARY KEY (run_id, position),
    FOREIGN KEY (run_id, position) REFERENCES run_items (run_id, position) ON DELETE CASCADE
) STRICT;

CREATE TRIGGER plan_labels_no_update BEFORE UPDATE ON plan_labels
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

-- They go with their plan.
CREATE TRIGGER plan_labels_no_delete BEFORE DELETE ON plan_labels
WHEN EXISTS (SELECT 1 FROM plans WHERE sequence = OLD.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

CREATE TRIGGER plan_labels_no_replace BEFORE INSERT ON plan_labels
WHEN EXISTS (SELECT 1 FROM plan_labels WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

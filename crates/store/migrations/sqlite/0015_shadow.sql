-- What challengers made of the inputs of plans: beside each plan, and erased with it.
CREATE TABLE shadow_runs (
    sequence INTEGER NOT NULL REFERENCES plans (sequence) ON DELETE CASCADE,
    challenger TEXT NOT NULL,
    model_digest BLOB NOT NULL CHECK (length(model_digest) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- A JSON object.
    document BLOB NOT NULL,
    PRIMARY KEY (sequence, challenger)
) STRICT;

CREATE INDEX shadow_runs_by_challenger ON shadow_runs (challenger, sequence);

CREATE TRIGGER shadow_runs_no_update BEFORE UPDATE ON shadow_runs
BEGIN
    SELECT RAISE(ABORT, 'shadow runs are never changed');
END;

-- They go with their plan.
CREATE TRIGGER shadow_runs_no_delete BEFORE DELETE ON shadow_runs
WHEN EXISTS (SELECT 1 FROM plans WHERE sequence = OLD.sequence)
BEGIN
    SELECT RAISE(ABORT, 'shadow runs are never changed');
END;

CREATE TRIGGER shadow_runs_no_replace BEFORE INSERT ON shadow_runs
WHEN EXISTS (SELECT 1 FROM shadow_runs WHERE sequence = NEW.sequence AND challenger = NEW.challenger)
BEGIN
    SELECT RAISE(ABORT, 'shadow runs are never changed');
END;

-- Challengers have seen every plan up to this sequence; those of before this step are not for them.
CREATE TABLE shadow_mark (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    sequence INTEGER NOT NULL
) STRICT;

INSERT INTO shadow_mark (only_row, sequence) SELECT 1, COALESCE(MAX(sequence), 0) FROM plans;

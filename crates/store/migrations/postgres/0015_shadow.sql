-- What challengers made of the inputs of plans: beside each plan, and erased with it.
CREATE TABLE shadow_runs (
    sequence BIGINT NOT NULL REFERENCES plans (sequence) ON DELETE CASCADE,
    challenger TEXT COLLATE "C" NOT NULL,
    model_digest BYTEA NOT NULL CHECK (length(model_digest) = 32),
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    -- A JSON object.
    document BYTEA NOT NULL,
    PRIMARY KEY (sequence, challenger)
);

CREATE INDEX shadow_runs_by_challenger ON shadow_runs (challenger, sequence);

CREATE TRIGGER shadow_runs_no_update BEFORE UPDATE ON shadow_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- They go with their plan.
CREATE TRIGGER shadow_runs_no_delete BEFORE DELETE ON shadow_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_plan();
CREATE TRIGGER shadow_runs_no_truncate BEFORE TRUNCATE ON shadow_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Challengers have seen every plan up to this sequence; those of before this step are not for them.
CREATE TABLE shadow_mark (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    sequence BIGINT NOT NULL
);

INSERT INTO shadow_mark (only_row, sequence) SELECT 1, COALESCE(MAX(sequence), 0) FROM plans;

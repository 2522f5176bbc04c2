-- What clients call their plans and the items of their runs.
CREATE TABLE plan_labels (
    sequence BIGINT PRIMARY KEY REFERENCES plans (sequence) ON DELETE CASCADE,
    reference TEXT,
    -- A JSON object of strings.
    metadata TEXT
);

CREATE INDEX plan_labels_by_reference ON plan_labels (reference, sequence) WHERE reference IS NOT NULL;

CREATE TABLE run_item_labels (
    run_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    reference TEXT,
    metadata TEXT,
    PRIMARY KEY (run_id, position),
    FOREIGN KEY (run_id, position) REFERENCES run_items (run_id, position) ON DELETE CASCADE
);

-- They go with their plan.
CREATE FUNCTION refuse_delete_before_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM plans WHERE sequence = OLD.sequence) THEN
        RAISE EXCEPTION 'plans are never changed';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER plan_labels_no_update BEFORE UPDATE ON plan_labels
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_labels_no_delete BEFORE DELETE ON plan_labels
    FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_plan();
CREATE TRIGGER plan_labels_no_truncate BEFORE TRUNCATE ON plan_labels
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

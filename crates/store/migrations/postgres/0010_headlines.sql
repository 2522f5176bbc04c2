-- What lists tell of plans, and the words by which they are found. Plans of before have none.
CREATE TABLE plan_headlines (
    sequence BIGINT PRIMARY KEY REFERENCES plans (sequence) ON DELETE CASCADE,
    -- A JSON object.
    shown TEXT NOT NULL,
    words TEXT NOT NULL
);

CREATE TRIGGER plan_headlines_no_update BEFORE UPDATE ON plan_headlines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- They go with their plan.
CREATE TRIGGER plan_headlines_no_delete BEFORE DELETE ON plan_headlines
    FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_plan();
CREATE TRIGGER plan_headlines_no_truncate BEFORE TRUNCATE ON plan_headlines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

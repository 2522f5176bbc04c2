-- What lists tell of plans, and the words by which they are found: apart from the plans, whose long columns a list does not touch. Plans of before have none.
CREATE TABLE plan_headlines (
    sequence INTEGER PRIMARY KEY REFERENCES plans (sequence) ON DELETE CASCADE,
    -- A JSON object.
    shown TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;

CREATE TRIGGER plan_headlines_no_update BEFORE UPDATE ON plan_headlines
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

-- They go with their plan.
CREATE TRIGGER plan_headlines_no_delete BEFORE DELETE ON plan_headlines
WHEN EXISTS (SELECT 1 FROM plans WHERE sequence = OLD.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

CREATE TRIGGER plan_headlines_no_replace BEFORE INSERT ON plan_headlines
WHEN EXISTS (SELECT 1 FROM plan_headlines WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

-- Texts that several documents have, such as the histories of a run: each is kept once, under its SHA-256.
CREATE TABLE shared_texts (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    text TEXT NOT NULL
);

-- What the items of a run may refer to by name.
CREATE TABLE run_texts (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL REFERENCES shared_texts (digest),
    PRIMARY KEY (run_id, name)
);

CREATE INDEX run_texts_by_digest ON run_texts (digest);

-- What is left out of the request of a plan, and the byte of the whole request at which it starts.
CREATE TABLE plan_texts (
    sequence BIGINT NOT NULL REFERENCES plans (sequence) ON DELETE CASCADE,
    starts_at BIGINT NOT NULL,
    digest BYTEA NOT NULL REFERENCES shared_texts (digest),
    PRIMARY KEY (sequence, starts_at)
);

CREATE INDEX plan_texts_by_digest ON plan_texts (digest);

CREATE TRIGGER shared_texts_no_update BEFORE UPDATE ON shared_texts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shared_texts_no_truncate BEFORE TRUNCATE ON shared_texts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_texts_no_update BEFORE UPDATE ON plan_texts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- They go with their plan.
CREATE TRIGGER plan_texts_no_delete BEFORE DELETE ON plan_texts
    FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_plan();
CREATE TRIGGER plan_texts_no_truncate BEFORE TRUNCATE ON plan_texts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What came of plans, each under the digest in its audit entry. An outcome is never changed: a later one counts in its place.
ALTER TABLE audit_entries ADD COLUMN outcome_digest BYTEA;

CREATE TABLE outcomes (
    outcome_id TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    plan_id TEXT NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE,
    plan_digest BYTEA NOT NULL CHECK (length(plan_digest) = 32),
    -- A date: the order of these texts is the order of the dates.
    as_of TEXT COLLATE "C" NOT NULL,
    created_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    request BYTEA NOT NULL,
    response BYTEA NOT NULL
);

CREATE INDEX outcomes_by_plan ON outcomes (plan_id, as_of, sequence);

CREATE FUNCTION refuse_outcome_delete_before_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM plans WHERE plan_id = OLD.plan_id) THEN
        RAISE EXCEPTION 'outcomes go with their plan';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- They go with their plan.
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes
    FOR EACH ROW EXECUTE FUNCTION refuse_outcome_delete_before_plan();
CREATE TRIGGER outcomes_no_truncate BEFORE TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A key may stand for an outcome.
CREATE TABLE keys_of_subjects (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('plan', 'run', 'outcome')),
    subject_id TEXT NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);

INSERT INTO keys_of_subjects (actor, key, fingerprint, subject, subject_id, kept_at)
SELECT actor, key, fingerprint, subject, subject_id, kept_at FROM idempotency_keys;

DROP TABLE idempotency_keys;
ALTER TABLE keys_of_subjects RENAME TO idempotency_keys;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (kept_at);
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (subject_id);

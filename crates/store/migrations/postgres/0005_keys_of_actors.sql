-- A key belongs to the actor who sent it: one text of two actors is two keys. Keys of before belong to who asked for their plan or run.
CREATE TABLE keys_of_actors (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('plan', 'run')),
    subject_id TEXT NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);

INSERT INTO keys_of_actors (actor, key, fingerprint, subject, subject_id, kept_at)
SELECT
    COALESCE(
        CASE subject
            WHEN 'run' THEN (SELECT runs.actor FROM runs WHERE runs.run_id = subject_id)
            ELSE (SELECT entries.actor FROM audit_entries AS entries
                WHERE entries.plan_id = subject_id AND entries.kind = 'plan_created')
        END,
        'api'
    ),
    key, fingerprint, subject, subject_id, kept_at
FROM idempotency_keys;

DROP TABLE idempotency_keys;
ALTER TABLE keys_of_actors RENAME TO idempotency_keys;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (kept_at);
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (subject_id);

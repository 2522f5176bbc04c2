-- Named books: each version under the digest in its audit entry, never changed. A book is closed by an entry of the trail alone.
ALTER TABLE audit_entries ADD COLUMN portfolio_id TEXT;
ALTER TABLE audit_entries ADD COLUMN portfolio_digest BYTEA;

-- The newest entry of a book says which version is the latest, and whether the book is closed.
CREATE INDEX audit_entries_by_portfolio ON audit_entries (portfolio_id, sequence) WHERE portfolio_id IS NOT NULL;

CREATE TABLE portfolio_versions (
    sequence BIGINT PRIMARY KEY,
    portfolio_id TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1),
    name TEXT NOT NULL,
    -- The words by which lists find the book.
    words TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    request BYTEA NOT NULL,
    UNIQUE (portfolio_id, version)
);

CREATE TRIGGER portfolio_versions_no_update BEFORE UPDATE ON portfolio_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER portfolio_versions_no_delete BEFORE DELETE ON portfolio_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER portfolio_versions_no_truncate BEFORE TRUNCATE ON portfolio_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A key may stand for a book.
CREATE TABLE keys_of_subjects (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('plan', 'run', 'outcome', 'portfolio')),
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

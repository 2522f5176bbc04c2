-- Named books: each version under the digest in its audit entry, never changed. A book is closed by an entry of the trail alone.
ALTER TABLE audit_entries ADD COLUMN portfolio_id TEXT;
ALTER TABLE audit_entries ADD COLUMN portfolio_digest BLOB;

-- The newest entry of a book says which version is the latest, and whether the book is closed.
CREATE INDEX audit_entries_by_portfolio ON audit_entries (portfolio_id, sequence) WHERE portfolio_id IS NOT NULL;

CREATE TABLE portfolio_versions (
    sequence INTEGER PRIMARY KEY,
    portfolio_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    name TEXT NOT NULL,
    -- The words by which lists find the book.
    words TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    request BLOB NOT NULL,
    UNIQUE (portfolio_id, version)
) STRICT;

CREATE TRIGGER portfolio_versions_no_update BEFORE UPDATE ON portfolio_versions
BEGIN
    SELECT RAISE(ABORT, 'versions of books are never changed');
END;

CREATE TRIGGER portfolio_versions_no_delete BEFORE DELETE ON portfolio_versions
BEGIN
    SELECT RAISE(ABORT, 'versions of books are never changed');
END;

CREATE TRIGGER portfolio_versions_no_replace BEFORE INSERT ON portfolio_versions
WHEN EXISTS (
    SELECT 1 FROM portfolio_versions
    WHERE sequence = NEW.sequence OR (portfolio_id = NEW.portfolio_id AND version = NEW.version)
)
BEGIN
    SELECT RAISE(ABORT, 'versions of books are never changed');
END;

-- A key may stand for a book.
CREATE TABLE keys_of_subjects (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('plan', 'run', 'outcome', 'portfolio')),
    subject_id TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT;

INSERT INTO keys_of_subjects (actor, key, fingerprint, subject, subject_id, kept_at)
SELECT actor, key, fingerprint, subject, subject_id, kept_at FROM idempotency_keys;

DROP TABLE idempotency_keys;
ALTER TABLE keys_of_subjects RENAME TO idempotency_keys;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (kept_at);
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (subject_id);

-- Plans and the trail that records them. Every column is under a digest; tables are STRICT so that a value keeps its type.
CREATE TABLE audit_entries (
    sequence INTEGER PRIMARY KEY,
    recorded_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    plan_id TEXT,
    plan_digest BLOB,
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_entries_by_plan ON audit_entries (plan_id);

-- The long columns come last: reading the others does not touch their pages.
CREATE TABLE plans (
    plan_id TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    models TEXT NOT NULL,
    seed INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    request BLOB NOT NULL,
    response BLOB NOT NULL,
    run BLOB NOT NULL
) STRICT;

CREATE INDEX plans_by_time ON plans (created_at);

CREATE TABLE idempotency_keys (
    key TEXT NOT NULL PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    plan_id TEXT NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (kept_at);
CREATE INDEX idempotency_keys_by_plan ON idempotency_keys (plan_id);

CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- INSERT OR REPLACE removes a row without firing the triggers of a DELETE.
CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER plans_no_update BEFORE UPDATE ON plans
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

-- The bytes of a plan go only after the trail has recorded that they do.
CREATE TRIGGER plans_no_delete BEFORE DELETE ON plans
WHEN NOT EXISTS (SELECT 1 FROM audit_entries WHERE plan_id = OLD.plan_id AND kind = 'plan_erased')
BEGIN
    SELECT RAISE(ABORT, 'plans are erased only with an audit entry');
END;

CREATE TRIGGER plans_no_replace BEFORE INSERT ON plans
WHEN EXISTS (SELECT 1 FROM plans WHERE plan_id = NEW.plan_id OR sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

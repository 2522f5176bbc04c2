-- Plans and the trail that records them. Every column is under a digest.
CREATE TABLE audit_entries (
    sequence BIGINT PRIMARY KEY,
    recorded_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    plan_id TEXT,
    plan_digest BYTEA,
    previous_hash BYTEA NOT NULL CHECK (length(previous_hash) = 32),
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

CREATE INDEX audit_entries_by_plan ON audit_entries (plan_id);

CREATE TABLE plans (
    plan_id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    -- Compared byte by byte: the order of these texts is the order of the times.
    created_at TEXT COLLATE "C" NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    models TEXT NOT NULL,
    seed BIGINT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    request BYTEA NOT NULL,
    response BYTEA NOT NULL,
    run BYTEA NOT NULL
);

CREATE INDEX plans_by_time ON plans (created_at);

CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    plan_id TEXT NOT NULL,
    kept_at BIGINT NOT NULL
);

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (kept_at);
CREATE INDEX idempotency_keys_by_plan ON idempotency_keys (plan_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE FUNCTION refuse_unrecorded_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_entries WHERE plan_id = OLD.plan_id AND kind = 'plan_erased') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'plans are erased only with an audit entry';
END
$$;

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plans_no_update BEFORE UPDATE ON plans
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plans_no_delete BEFORE DELETE ON plans
    FOR EACH ROW EXECUTE FUNCTION refuse_unrecorded_delete();
CREATE TRIGGER plans_no_truncate BEFORE TRUNCATE ON plans
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

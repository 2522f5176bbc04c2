-- Records of control: versions of the policy, halts, and what people decided about plans, each under the digest in its audit entry.
ALTER TABLE audit_entries ADD COLUMN control_of TEXT;
ALTER TABLE audit_entries ADD COLUMN control_digest BYTEA;

-- The newest entry of a topic says which record is the latest.
CREATE INDEX audit_entries_by_control ON audit_entries (control_of, sequence) WHERE control_of IS NOT NULL;

CREATE TABLE control_records (
    sequence BIGINT PRIMARY KEY,
    topic TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    deed TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    document BYTEA NOT NULL,
    UNIQUE (topic, number)
);

CREATE TRIGGER control_records_no_update BEFORE UPDATE ON control_records
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER control_records_no_delete BEFORE DELETE ON control_records
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER control_records_no_truncate BEFORE TRUNCATE ON control_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

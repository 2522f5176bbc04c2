-- Records of control: versions of the policy, halts, and what people decided about plans, each under the digest in its audit entry.
ALTER TABLE audit_entries ADD COLUMN control_of TEXT;
ALTER TABLE audit_entries ADD COLUMN control_digest BLOB;

-- The newest entry of a topic says which record is the latest.
CREATE INDEX audit_entries_by_control ON audit_entries (control_of, sequence) WHERE control_of IS NOT NULL;

CREATE TABLE control_records (
    sequence INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    deed TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    document BLOB NOT NULL,
    UNIQUE (topic, number)
) STRICT;

CREATE TRIGGER control_records_no_update BEFORE UPDATE ON control_records
BEGIN
    SELECT RAISE(ABORT, 'records of control are never changed');
END;

CREATE TRIGGER control_records_no_delete BEFORE DELETE ON control_records
BEGIN
    SELECT RAISE(ABORT, 'records of control are never changed');
END;

CREATE TRIGGER control_records_no_replace BEFORE INSERT ON control_records
WHEN EXISTS (
    SELECT 1 FROM control_records
    WHERE sequence = NEW.sequence OR (topic = NEW.topic AND number = NEW.number)
)
BEGIN
    SELECT RAISE(ABORT, 'records of control are never changed');
END;

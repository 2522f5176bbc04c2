-- Champions: each move of a purpose's champion under the digest in its audit entry, never changed.
ALTER TABLE audit_entries ADD COLUMN champion_of TEXT;
ALTER TABLE audit_entries ADD COLUMN champion_digest BYTEA;

-- The newest entry of a purpose says which move is the latest.
CREATE INDEX audit_entries_by_champion ON audit_entries (champion_of, sequence) WHERE champion_of IS NOT NULL;

CREATE TABLE champion_moves (
    sequence BIGINT PRIMARY KEY,
    purpose TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    moved_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    -- The signed pointer, and the evidence as it was sent.
    pointer BYTEA NOT NULL,
    evidence BYTEA NOT NULL,
    UNIQUE (purpose, number)
);

CREATE TRIGGER champion_moves_no_update BEFORE UPDATE ON champion_moves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER champion_moves_no_delete BEFORE DELETE ON champion_moves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER champion_moves_no_truncate BEFORE TRUNCATE ON champion_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Champions: each move of a purpose's champion under the digest in its audit entry, never changed.
ALTER TABLE audit_entries ADD COLUMN champion_of TEXT;
ALTER TABLE audit_entries ADD COLUMN champion_digest BLOB;

-- The newest entry of a purpose says which move is the latest.
CREATE INDEX audit_entries_by_champion ON audit_entries (champion_of, sequence) WHERE champion_of IS NOT NULL;

CREATE TABLE champion_moves (
    sequence INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    moved_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- The signed pointer, and the evidence as it was sent.
    pointer BLOB NOT NULL,
    evidence BLOB NOT NULL,
    UNIQUE (purpose, number)
) STRICT;

CREATE TRIGGER champion_moves_no_update BEFORE UPDATE ON champion_moves
BEGIN
    SELECT RAISE(ABORT, 'moves of champions are never changed');
END;

CREATE TRIGGER champion_moves_no_delete BEFORE DELETE ON champion_moves
BEGIN
    SELECT RAISE(ABORT, 'moves of champions are never changed');
END;

CREATE TRIGGER champion_moves_no_replace BEFORE INSERT ON champion_moves
WHEN EXISTS (
    SELECT 1 FROM champion_moves
    WHERE sequence = NEW.sequence OR (purpose = NEW.purpose AND number = NEW.number)
)
BEGIN
    SELECT RAISE(ABORT, 'moves of champions are never changed');
END;

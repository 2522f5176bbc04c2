-- Each entry keeps the full subtrees of the Merkle tree that end with it: roots of 2, 4, ... entries, 32 bytes each. The program fills in those
-- of earlier entries, and then 0019_subtrees_filled.sql forbids changes again.
DROP TRIGGER IF EXISTS audit_entries_append_only ON audit_entries;
ALTER TABLE audit_entries ADD COLUMN subtrees BYTEA;

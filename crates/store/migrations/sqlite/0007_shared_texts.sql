-- Texts that several documents have, such as the histories of a run: each is kept once, under its SHA-256.
CREATE TABLE shared_texts (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    text TEXT NOT NULL
) STRICT;

-- What the items of a run may refer to by name.
CREATE TABLE run_texts (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest BLOB NOT NULL REFERENCES shared_texts (digest),
    PRIMARY KEY (run_id, name)
) STRICT;

CREATE INDEX run_texts_by_digest ON run_texts (digest);

-- What is left out of the request of a plan, and the byte of the whole request at which it starts.
CREATE TABLE plan_texts (
    sequence INTEGER NOT NULL REFERENCES plans (sequence) ON DELETE CASCADE,
    starts_at INTEGER NOT NULL,
    digest BLOB NOT NULL REFERENCES shared_texts (digest),
    PRIMARY KEY (sequence, starts_at)
) STRICT;

CREATE INDEX plan_texts_by_digest ON plan_texts (digest);

CREATE TRIGGER shared_texts_no_update BEFORE UPDATE ON shared_texts
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

CREATE TRIGGER shared_texts_no_replace BEFORE INSERT ON shared_texts
WHEN EXISTS (SELECT 1 FROM shared_texts WHERE digest = NEW.digest AND text <> NEW.text)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

CREATE TRIGGER plan_texts_no_update BEFORE UPDATE ON plan_texts
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

-- They go with their plan.
CREATE TRIGGER plan_texts_no_delete BEFORE DELETE ON plan_texts
WHEN EXISTS (SELECT 1 FROM plans WHERE sequence = OLD.sequence)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

CREATE TRIGGER plan_texts_no_replace BEFORE INSERT ON plan_texts
WHEN EXISTS (SELECT 1 FROM plan_texts WHERE sequence = NEW.sequence AND starts_at = NEW.starts_at)
BEGIN
    SELECT RAISE(ABORT, 'plans are never changed');
END;

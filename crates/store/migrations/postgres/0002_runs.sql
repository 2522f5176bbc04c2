-- Runs and their items. Their rows change state and are no part of the trail: the plans a run makes are.
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    -- The order in which runs are worked on.
    place BIGINT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'finished', 'cancelled')),
    -- Compared byte by byte: the order of these texts is the order of the times.
    finished_at TEXT COLLATE "C",
    -- Bytes of its requests, for the bound of the queue.
    bytes BIGINT NOT NULL,
    response BYTEA NOT NULL
);

CREATE INDEX runs_open ON runs (place) WHERE finished_at IS NULL;
CREATE INDEX runs_by_end ON runs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE run_items (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('portfolio', 'simulation')),
    kind_index BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'finished', 'failed', 'cancelled')),
    plan_id TEXT,
    -- The how-manieth of its run to end: the id of its event.
    ended BIGINT,
    result BYTEA,
    problem BYTEA,
    request BYTEA NOT NULL,
    PRIMARY KEY (run_id, position)
);

CREATE INDEX run_items_open ON run_items (run_id, position) WHERE status = 'queued';
CREATE UNIQUE INDEX run_items_ended ON run_items (run_id, ended) WHERE ended IS NOT NULL;

-- A key stands for a plan or for a run.
ALTER TABLE idempotency_keys RENAME COLUMN plan_id TO subject_id;
ALTER TABLE idempotency_keys ADD COLUMN subject TEXT NOT NULL DEFAULT 'plan' CHECK (subject IN ('plan', 'run'));

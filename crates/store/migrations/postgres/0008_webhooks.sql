-- Addresses that are told when something happens, and what each has yet to be told.
CREATE TABLE webhooks (
    webhook_id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    url TEXT NOT NULL,
    -- What deliveries are signed with: it is needed as it is.
    secret TEXT NOT NULL,
    last_delivered_at TEXT,
    last_failed_at TEXT,
    last_failure TEXT,
    -- When its next attempt may begin: one is made at a time. It also says whose turn it is.
    free_at TEXT NOT NULL
);

CREATE TABLE webhook_events (
    webhook_id TEXT NOT NULL REFERENCES webhooks (webhook_id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN ('run.finished', 'run.cancelled')),
    PRIMARY KEY (webhook_id, event)
);

-- Made in the transaction that ends the run, and gone when it was delivered or given up.
CREATE TABLE webhook_deliveries (
    webhook_id TEXT NOT NULL REFERENCES webhooks (webhook_id) ON DELETE CASCADE,
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    -- Attempts that were begun.
    attempts BIGINT NOT NULL,
    due_at TEXT NOT NULL,
    PRIMARY KEY (webhook_id, run_id)
);

CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (webhook_id, due_at);
CREATE INDEX webhook_deliveries_by_run ON webhook_deliveries (run_id);

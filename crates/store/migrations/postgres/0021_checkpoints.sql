-- From where an item that takes long goes on after a restart: the latest state that it handed out, gone with the end of its run.
CREATE TABLE run_checkpoints (
    run_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (run_id, position),
    FOREIGN KEY (run_id, position) REFERENCES run_items (run_id, position) ON DELETE CASCADE
);

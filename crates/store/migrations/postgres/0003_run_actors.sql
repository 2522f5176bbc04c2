-- Who asked for a run, and who cancelled it. Runs of before were asked for by clients of the service, who had no names.
ALTER TABLE runs ADD COLUMN actor TEXT NOT NULL DEFAULT 'api';
ALTER TABLE runs ADD COLUMN cancelled_by TEXT;

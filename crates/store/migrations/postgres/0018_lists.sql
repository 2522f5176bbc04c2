-- Lists of plans begin with what is asked for and go on in their order, instead of reading every plan.
CREATE INDEX plans_by_request ON plans (request_id, sequence);
CREATE INDEX plans_by_engine ON plans (engine_version, sequence);
DROP INDEX plans_by_time;
CREATE INDEX plans_by_time ON plans (created_at, sequence);

-- What people decided in a window of time, which approvals count.
CREATE INDEX audit_entries_by_deed ON audit_entries (kind, recorded_at) WHERE control_of IS NOT NULL;
CREATE INDEX control_records_by_deed ON control_records (deed, recorded_at);

-- The latest decision about each plan, NULL before the first: an index of the trail, kept by the database itself. What is told of a plan is read
-- from the trail.
CREATE TABLE plan_states (
    sequence BIGINT PRIMARY KEY REFERENCES plans (sequence) ON DELETE CASCADE ON UPDATE CASCADE,
    deed TEXT
);

INSERT INTO plan_states (sequence, deed)
SELECT sequence, (SELECT kind FROM audit_entries WHERE control_of = 'plan:' || plans.plan_id ORDER BY sequence DESC LIMIT 1)
FROM plans;

CREATE INDEX plan_states_by_deed ON plan_states (deed, sequence);

CREATE FUNCTION begin_plan_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plan_states (sequence, deed)
    VALUES (NEW.sequence, (SELECT kind FROM audit_entries WHERE control_of = 'plan:' || NEW.plan_id ORDER BY sequence DESC LIMIT 1));
    RETURN NULL;
END
$$;

CREATE FUNCTION move_plan_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plan_states SET deed = NEW.kind
    WHERE sequence = (SELECT sequence FROM plans WHERE plan_id = substr(NEW.control_of, 6));
    RETURN NULL;
END
$$;

CREATE TRIGGER plan_states_begin AFTER INSERT ON plans
    FOR EACH ROW EXECUTE FUNCTION begin_plan_state();
CREATE TRIGGER plan_states_move AFTER INSERT ON audit_entries
    FOR EACH ROW WHEN (substr(NEW.control_of, 1, 5) = 'plan:') EXECUTE FUNCTION move_plan_state();

-- What a replay knows since servers take time to start, drain and fail: what they did besides serving, what was
-- forecast, which served from when, and why the provisioner changed the fleet.

-- All NULL where servers started and stopped in no time and never failed.
ALTER TABLE replay_interval ADD COLUMN starting_server_seconds REAL
    CHECK (starting_server_seconds >= 0 AND starting_server_seconds < 9e999);
ALTER TABLE replay_interval ADD COLUMN draining_server_seconds REAL
    CHECK (draining_server_seconds >= 0 AND draining_server_seconds < 9e999);
ALTER TABLE replay_interval ADD COLUMN idle_server_seconds REAL
    CHECK (idle_server_seconds >= 0 AND idle_server_seconds < 9e999);
ALTER TABLE replay_interval ADD COLUMN failed_server_seconds REAL
    CHECK (failed_server_seconds >= 0 AND failed_server_seconds < 9e999);
-- Part of the interval's drawn energy.
ALTER TABLE replay_interval ADD COLUMN starting_joules REAL
    CHECK (starting_joules >= 0 AND starting_joules < 9e999);
ALTER TABLE replay_interval ADD COLUMN dropped_queries REAL
    CHECK (dropped_queries >= 0 AND dropped_queries < 9e999);

-- The load that the plan in force was made for, without headroom; NULL where nothing was forecast.
ALTER TABLE replay_load ADD COLUMN forecast_queries_per_second REAL
    CHECK (forecast_queries_per_second >= 0 AND forecast_queries_per_second < 9e999);

-- The first instant of `replay_serving`; NULL where a policy has none, because each interval's allocation served all of
-- it.
ALTER TABLE replay_policy ADD COLUMN serving_from_nanoseconds INTEGER;

-- How many servers of a type serve a model from an instant on, since the start of the trace. Only what changes is
-- listed; everything begins at 0.
CREATE TABLE replay_serving (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    at_nanoseconds INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 0),
    PRIMARY KEY (policy_id, at_nanoseconds, model_position, server_type_position)
) STRICT, WITHOUT ROWID;

-- The decision log: every change to the fleet and why.
CREATE TABLE replay_decision (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    at_nanoseconds INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN (
        'first', 'load_rose', 'load_fell', 'better_plan', 'follow_up', 'servers_changed', 'headroom_cut', 'overload')),
    -- The model whose need, load with headroom, has moved most since the plan before; NULL where none has.
    model_position INTEGER CHECK (model_position >= 0),
    before_queries_per_second REAL CHECK (before_queries_per_second >= 0 AND before_queries_per_second < 9e999),
    needed_queries_per_second REAL CHECK (needed_queries_per_second >= 0 AND needed_queries_per_second < 9e999),
    PRIMARY KEY (policy_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_action (
    policy_id INTEGER NOT NULL,
    decision_position INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    "action" TEXT NOT NULL CHECK ("action" IN ('start', 'stop')),
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 1),
    PRIMARY KEY (policy_id, decision_position, position),
    FOREIGN KEY (policy_id, decision_position) REFERENCES replay_decision (policy_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE VIEW replay_decision_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    datetime(trace.start_unix_seconds + replay_decision.at_nanoseconds / 1000000000, 'unixepoch') AS decided_at_utc,
    replay_decision.reason AS reason,
    replay_model.name AS model,
    replay_decision.before_queries_per_second AS before_queries_per_second,
    replay_decision.needed_queries_per_second AS needed_queries_per_second,
    (SELECT coalesce(sum(servers), 0) FROM replay_action
        WHERE replay_action.policy_id = replay_decision.policy_id
        AND replay_action.decision_position = replay_decision.position
        AND replay_action."action" = 'start') AS servers_started,
    (SELECT coalesce(sum(servers), 0) FROM replay_action
        WHERE replay_action.policy_id = replay_decision.policy_id
        AND replay_action.decision_position = replay_decision.position
        AND replay_action."action" = 'stop') AS servers_stopped
FROM replay_decision
JOIN replay_policy ON replay_policy.id = replay_decision.policy_id
JOIN replay ON replay.id = replay_policy.replay_id
JOIN trace ON trace.id = replay.trace_id
LEFT JOIN replay_model ON replay_model.replay_id = replay.id
    AND replay_model.position = replay_decision.model_position;

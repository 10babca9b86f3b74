-- Traces, and policies played against them. Inside a replay, models and server types go by their position in
-- name order, so that a row per interval stays small; the views give the names.

CREATE TABLE trace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    start_unix_seconds INTEGER NOT NULL,
    interval_nanoseconds INTEGER NOT NULL CHECK (interval_nanoseconds > 0),
    interval_count INTEGER NOT NULL CHECK (interval_count >= 1)
) STRICT;

CREATE TABLE trace_load (
    trace_id INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    interval_position INTEGER NOT NULL CHECK (interval_position >= 0),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    PRIMARY KEY (trace_id, model, interval_position)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    trace_id INTEGER NOT NULL REFERENCES trace (id),
    -- The policy whose savings are the point of the replay.
    subject TEXT NOT NULL,
    -- Everything the outcome depends on; a later replay of the same inputs takes the place of an earlier one.
    inputs_digest TEXT NOT NULL UNIQUE CHECK (length(inputs_digest) = 64),
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    replayed_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX replay_by_run ON replay (run_id);
CREATE INDEX replay_by_trace ON replay (trace_id);

-- The efficiency entries that the replay's powers and capacities rest on, as they were then.
CREATE TABLE replay_efficiency (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    server_type TEXT NOT NULL CHECK (server_type <> ''),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    power_budget_watts REAL CHECK (power_budget_watts >= 0 AND power_budget_watts < 9e999),
    method TEXT NOT NULL CHECK (method <> ''),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    evaluations INTEGER NOT NULL CHECK (evaluations >= 0),
    space_size INTEGER NOT NULL CHECK (space_size >= 0),
    PRIMARY KEY (replay_id, model, server_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_model (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (replay_id, position),
    UNIQUE (replay_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_server_type (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (replay_id, position),
    UNIQUE (replay_id, name)
) STRICT, WITHOUT ROWID;

-- One policy's timeline, in the order the policies were played.
CREATE TABLE replay_policy (
    id INTEGER PRIMARY KEY,
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    interval_nanoseconds INTEGER NOT NULL CHECK (interval_nanoseconds > 0),
    decision_seconds REAL NOT NULL CHECK (decision_seconds >= 0 AND decision_seconds < 9e999),
    UNIQUE (replay_id, position)
) STRICT;

CREATE TABLE replay_interval (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    provisioned_watts REAL NOT NULL CHECK (provisioned_watts >= 0 AND provisioned_watts < 9e999),
    drawn_watts REAL NOT NULL CHECK (drawn_watts >= 0 AND drawn_watts < 9e999),
    servers INTEGER NOT NULL CHECK (servers >= 0),
    capacity_queries_per_second REAL NOT NULL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    arrived_queries REAL NOT NULL CHECK (arrived_queries >= 0 AND arrived_queries < 9e999),
    unserved_queries REAL NOT NULL CHECK (unserved_queries >= 0 AND unserved_queries < 9e999),
    plan_status TEXT NOT NULL CHECK (plan_status IN ('optimal', 'feasible', 'infeasible')),
    plan_gap_fraction REAL CHECK (plan_gap_fraction >= 0 AND plan_gap_fraction < 9e999),
    PRIMARY KEY (policy_id, position)
) STRICT, WITHOUT ROWID;

-- One model in one interval. NULL where the interval knows nothing of the model's load or capacity.
CREATE TABLE replay_load (
    policy_id INTEGER NOT NULL,
    interval_position INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    load_queries_per_second REAL CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    capacity_queries_per_second REAL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    is_violated INTEGER NOT NULL CHECK (is_violated IN (0, 1)),
    PRIMARY KEY (policy_id, interval_position, model_position),
    FOREIGN KEY (policy_id, interval_position) REFERENCES replay_interval (policy_id, position)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_allocation (
    policy_id INTEGER NOT NULL,
    interval_position INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 1),
    PRIMARY KEY (policy_id, interval_position, model_position, server_type_position),
    FOREIGN KEY (policy_id, interval_position) REFERENCES replay_interval (policy_id, position)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Searches over schedules and the efficiency entries they ended with.

CREATE TABLE search (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- NULL where power was not limited.
    power_budget_watts REAL CHECK (power_budget_watts >= 0 AND power_budget_watts < 9e999),
    method TEXT NOT NULL CHECK (method <> ''),
    -- Everything else that the outcome depends on, as one digest.
    inputs_digest TEXT NOT NULL CHECK (length(inputs_digest) = 64),
    tool_version TEXT NOT NULL,
    searched_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX search_by_key ON search (
    model_id, server_type_id, target_quantile, target_limit_nanoseconds, ifnull(power_budget_watts, -1), method,
    inputs_digest);
CREATE INDEX search_by_server_type ON search (server_type_id);
CREATE INDEX search_by_run ON search (run_id);

-- The best schedule of a search; a search without a row here found none that meets its constraints.
CREATE TABLE efficiency (
    search_id INTEGER PRIMARY KEY REFERENCES search (id) ON DELETE CASCADE,
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
    space_size INTEGER NOT NULL CHECK (space_size >= 0)
) STRICT;

-- Every schedule a search evaluated, in the order of evaluation from 0.
CREATE TABLE evaluation (
    search_id INTEGER NOT NULL REFERENCES search (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    PRIMARY KEY (search_id, position)
) STRICT, WITHOUT ROWID;

-- The accepted steps of a search, from its start to its best schedule.
CREATE TABLE search_step (
    search_id INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    evaluation_position INTEGER NOT NULL,
    PRIMARY KEY (search_id, position),
    FOREIGN KEY (search_id, evaluation_position) REFERENCES evaluation (search_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX search_step_by_evaluation ON search_step (search_id, evaluation_position);

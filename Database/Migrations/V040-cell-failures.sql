-- That a model failed in a cell of the schedule grid. Nothing that the same host and engine measured of the model counts
-- as evidence while a failure stands, because a runtime that fails in one cell may have left work out in another. A
-- measurement of the same cell that is not older lifts the failure.

CREATE TABLE cell_failure (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    host_id INTEGER NOT NULL REFERENCES host (id),
    "partition" TEXT NOT NULL CHECK ("partition" <> ''),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    sparse_threads INTEGER CHECK (sparse_threads >= 1),
    sparse_workers INTEGER CHECK (sparse_workers >= 1),
    hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1),
    engine_rules TEXT CHECK (engine_rules IS NULL OR json_valid(engine_rules)),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    message TEXT NOT NULL CHECK (message <> ''),
    failed_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;

CREATE INDEX cell_failure_by_model ON cell_failure (model_id, server_type_id);
CREATE INDEX cell_failure_by_run ON cell_failure (run_id);
CREATE INDEX cell_failure_by_server_type ON cell_failure (server_type_id);
CREATE INDEX cell_failure_by_host ON cell_failure (host_id);

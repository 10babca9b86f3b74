-- The facts of load runs, and apart from them what to think of the facts.

CREATE TABLE measurement (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    host_id INTEGER NOT NULL REFERENCES host (id),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    purpose TEXT NOT NULL CHECK (purpose IN ('cell', 'confirmation')),
    load_pattern TEXT NOT NULL CHECK (load_pattern IN ('openPoisson', 'closed')),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    -- How the run was made, as one digest: durations, rates and whatever else decides whether it may be reused.
    settings_digest TEXT NOT NULL CHECK (length(settings_digest) = 64),
    offered_queries_per_second REAL
        CHECK (offered_queries_per_second >= 0 AND offered_queries_per_second < 9e999),
    completed_queries_per_second REAL NOT NULL
        CHECK (completed_queries_per_second >= 0 AND completed_queries_per_second < 9e999),
    queries INTEGER NOT NULL CHECK (queries >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    -- Distributions are compact blobs (Database/README.md has the layout).
    latency_histogram_blob BLOB NOT NULL,
    generator_lateness_histogram_blob BLOB NOT NULL,
    service_samples_blob BLOB NOT NULL,
    -- The histogram's own figures, so that SQL can read them; NULL where no query ended.
    latency_mean_nanoseconds INTEGER,
    latency_p50_nanoseconds INTEGER,
    latency_p95_nanoseconds INTEGER,
    latency_p99_nanoseconds INTEGER,
    latency_max_nanoseconds INTEGER,
    utilisation_fraction REAL NOT NULL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    steal_fraction REAL CHECK (steal_fraction BETWEEN 0 AND 1),
    processor_pressure_fraction REAL CHECK (processor_pressure_fraction BETWEEN 0 AND 1),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    seed INTEGER NOT NULL,
    measured_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    -- A closed loop offers no rate; an open one always does.
    CHECK ((load_pattern = 'closed') = (offered_queries_per_second IS NULL))
) STRICT;

CREATE INDEX measurement_by_cell
    ON measurement (model_id, server_type_id, "partition", threads, workers, batch_items, purpose);
CREATE INDEX measurement_by_run ON measurement (run_id);
CREATE INDEX measurement_by_server_type ON measurement (server_type_id);
CREATE INDEX measurement_by_host ON measurement (host_id);

-- A measurement without a row here has not been judged; one with a row and no doubts is valid.
CREATE TABLE verdict (
    measurement_id INTEGER PRIMARY KEY REFERENCES measurement (id) ON DELETE CASCADE,
    tool_version TEXT NOT NULL
) STRICT;

CREATE TABLE verdict_doubt (
    measurement_id INTEGER NOT NULL REFERENCES verdict (measurement_id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    doubt TEXT NOT NULL
        CHECK (doubt IN ('tooFewQueries', 'stolenTime', 'processorPressure', 'generatorBehind')),
    PRIMARY KEY (measurement_id, position)
) STRICT, WITHOUT ROWID;

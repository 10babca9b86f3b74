-- Batch jobs: what is to be measured, cell by cell, and who is at it. And what `db merge` tells records apart by.

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of definition_json: the same definition is the same job, in every file.
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json)),
    tool_version TEXT NOT NULL,
    created_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX job_by_name ON job (name);

-- One measurement to be made on one kind of host. A cell goes with its measurement: where that is deleted, the next
-- run of the job makes both anew.
CREATE TABLE job_cell (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    -- Of everything that decides the measurement.
    cell_digest TEXT NOT NULL CHECK (length(cell_digest) = 64),
    -- Of all cells that were expanded together: another engine version makes other cells.
    expansion_digest TEXT NOT NULL CHECK (length(expansion_digest) = 64),
    -- The order in which cells are taken, and the first position of those that share a compiled model.
    position INTEGER NOT NULL CHECK (position >= 0),
    compiled_position INTEGER NOT NULL CHECK (compiled_position >= 0),
    host_fingerprint TEXT NOT NULL CHECK (host_fingerprint <> ''),
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    -- For people; the definition has them in parts.
    schedule TEXT NOT NULL CHECK (schedule <> ''),
    load TEXT NOT NULL CHECK (load <> ''),
    repetition INTEGER NOT NULL CHECK (repetition >= 1),
    expected_nanoseconds INTEGER NOT NULL CHECK (expected_nanoseconds >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'done', 'failed')),
    -- How often measuring it failed, and how often a process at it ended without a word.
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    interruptions INTEGER NOT NULL DEFAULT 0 CHECK (interruptions >= 0),
    -- Who is at it, or was last.
    worker_host TEXT,
    worker_process_id INTEGER,
    -- The lease, while there is one: its secret, the running kernel it was taken under, the start of the process in
    -- clock ticks, and when it ends unless renewed.
    lease_token TEXT,
    lease_machine TEXT,
    lease_process_start INTEGER,
    lease_began_at_unix_seconds INTEGER,
    lease_expires_at_unix_nanoseconds INTEGER,
    finished_at_unix_seconds INTEGER,
    took_nanoseconds INTEGER CHECK (took_nanoseconds >= 0),
    measurement_id INTEGER REFERENCES measurement (id) ON DELETE CASCADE,
    -- What went wrong last.
    error TEXT,
    UNIQUE (job_id, cell_digest),
    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_expires_at_unix_nanoseconds IS NULL)),
    CHECK ((state = 'done') = (measurement_id IS NOT NULL)),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;

CREATE INDEX job_cell_by_state ON job_cell (job_id, expansion_digest, state, position);
CREATE INDEX job_cell_by_measurement ON job_cell (measurement_id);
CREATE INDEX job_cell_by_model ON job_cell (model_id);
CREATE INDEX job_cell_by_server_type ON job_cell (server_type_id);

-- Two hosts may begin the same scenario in the same second; what tells the runs apart when files are merged is drawn
-- at random. Runs from before this table get one that follows from what they are, the same in every copy of the file.
CREATE TABLE run_identity (
    run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    identity TEXT NOT NULL UNIQUE CHECK (identity <> '')
) STRICT;

INSERT INTO run_identity (run_id, identity)
SELECT run.id, printf('%s-%d-%d-%s-%d', scenario.definition_digest, run.seed, run.started_at_unix_seconds,
    run.tool_version, row_number() OVER (
        PARTITION BY run.scenario_id, run.seed, run.started_at_unix_seconds, run.tool_version ORDER BY run.id))
FROM run JOIN scenario ON scenario.id = run.scenario_id;

CREATE TRIGGER run_gets_an_identity AFTER INSERT ON run
BEGIN
    INSERT INTO run_identity (run_id, identity) VALUES (new.id, lower(hex(randomblob(16))));
END;

-- The files that were merged into this one; the same content counts once, wherever it lay.
CREATE TABLE merge_source (
    id INTEGER PRIMARY KEY,
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    path TEXT NOT NULL,
    merged_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;

-- One row per job and kind of host.
CREATE VIEW job_summary AS
SELECT
    job.id AS job_id,
    job.name AS job,
    job_cell.host_fingerprint AS host_fingerprint,
    count(job_cell.id) AS cells,
    coalesce(sum(job_cell.state = 'done'), 0) AS done,
    coalesce(sum(job_cell.state = 'leased'), 0) AS running,
    coalesce(sum(job_cell.state = 'waiting'), 0) AS waiting,
    coalesce(sum(job_cell.state = 'failed'), 0) AS failed,
    coalesce(sum(job_cell.failures), 0) AS failures,
    coalesce(sum(job_cell.interruptions), 0) AS interruptions,
    coalesce(sum(CASE WHEN job_cell.state IN ('waiting', 'leased') THEN job_cell.expected_nanoseconds END), 0) / 1e9
        AS expected_seconds_left,
    datetime(job.created_at_unix_seconds, 'unixepoch') AS created_at_utc
FROM job
LEFT JOIN job_cell ON job_cell.job_id = job.id
GROUP BY job.id, job_cell.host_fingerprint;

-- One row per cell, with the figures of its measurement.
CREATE VIEW job_cell_summary AS
SELECT
    job_cell.id AS cell_id,
    job.name AS job,
    job_cell.host_fingerprint AS host_fingerprint,
    model.name AS model,
    server_type.name AS server_type,
    job_cell.engine AS engine,
    job_cell.schedule AS schedule,
    job_cell.load AS load,
    job_cell.repetition AS repetition,
    job_cell.state AS state,
    job_cell.worker_host AS worker_host,
    job_cell.worker_process_id AS worker_process_id,
    job_cell.failures AS failures,
    job_cell.interruptions AS interruptions,
    job_cell.error AS error,
    datetime(job_cell.finished_at_unix_seconds, 'unixepoch') AS finished_at_utc,
    job_cell.measurement_id AS measurement_id,
    measurement.completed_queries_per_second AS completed_queries_per_second,
    measurement.latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.power_watts AS power_watts,
    measurement.power_provenance AS power_provenance,
    measurement.provenance AS provenance,
    job_cell.job_id AS job_id
FROM job_cell
JOIN job ON job.id = job_cell.job_id
JOIN model ON model.id = job_cell.model_id
JOIN server_type ON server_type.id = job_cell.server_type_id
LEFT JOIN measurement ON measurement.id = job_cell.measurement_id;

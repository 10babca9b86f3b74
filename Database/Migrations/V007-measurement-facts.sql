-- Measurements gain the facts that decide whether to trust them, and verdicts the interval they rest on. SQLite cannot
-- loosen a check in place, so both tables are made anew and keep their rows. What a purpose, a load pattern or a
-- doubt may be called is the tool's own matter from here on: a new one needs no migration.

DROP VIEW run_summary;
DROP VIEW measurement_summary;

CREATE TABLE new_measurement (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    host_id INTEGER NOT NULL REFERENCES host (id),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    load_pattern TEXT NOT NULL CHECK (load_pattern <> ''),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    -- How the run was made, as one digest: durations, rates and whatever else decides whether it may be reused.
    settings_digest TEXT NOT NULL CHECK (length(settings_digest) = 64),
    -- Runs made on purpose with the same settings count up from 1; a run made again because the one before was
    -- disturbed has the same repetition and a higher attempt.
    repetition INTEGER NOT NULL DEFAULT 1 CHECK (repetition >= 1),
    attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    offered_queries_per_second REAL
        CHECK (offered_queries_per_second >= 0 AND offered_queries_per_second < 9e999),
    completed_queries_per_second REAL NOT NULL
        CHECK (completed_queries_per_second >= 0 AND completed_queries_per_second < 9e999),
    queries INTEGER NOT NULL CHECK (queries >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    -- 'complete': as long as was asked; 'decided': stopped when the tail's interval had decided the question;
    -- 'overloaded': cut short because the backlog showed that the rate cannot be sustained.
    ending TEXT NOT NULL DEFAULT 'complete' CHECK (ending IN ('complete', 'decided', 'overloaded')),
    -- What the run left out at its start, found in its own latencies; NULL where it was not looked for.
    warm_up_nanoseconds INTEGER CHECK (warm_up_nanoseconds >= 0),
    warm_up_queries INTEGER CHECK (warm_up_queries >= 0),
    -- Distributions are compact blobs (Database/README.md has the layout).
    latency_histogram_blob BLOB NOT NULL,
    generator_lateness_histogram_blob BLOB NOT NULL,
    service_samples_blob BLOB NOT NULL,
    -- The histograms' own figures, so that SQL can read them; NULL where nothing was counted.
    latency_mean_nanoseconds INTEGER,
    latency_p50_nanoseconds INTEGER,
    latency_p95_nanoseconds INTEGER,
    latency_p99_nanoseconds INTEGER,
    latency_max_nanoseconds INTEGER,
    -- Queries in one busy period share its delay. So many independent ones would tell the tail as well as these do.
    effective_queries REAL CHECK (effective_queries > 0 AND effective_queries < 9e999),
    generator_lateness_p50_nanoseconds INTEGER,
    generator_lateness_p99_nanoseconds INTEGER,
    generator_lateness_max_nanoseconds INTEGER,
    -- From the moment at which a piece and a thread were both there to the start of the inference.
    dispatch_p50_nanoseconds INTEGER CHECK (dispatch_p50_nanoseconds >= 0),
    dispatch_p99_nanoseconds INTEGER CHECK (dispatch_p99_nanoseconds >= 0),
    -- NULL where the threads are not ours to watch.
    utilisation_fraction REAL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    power_watts REAL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT CHECK (power_provenance IN ('metered', 'estimated')),
    -- What the watts cover, for people: packages, a board, a socket on the wall.
    power_boundary TEXT,
    -- Before any load, by the same meter.
    idle_power_watts REAL CHECK (idle_power_watts >= 0 AND idle_power_watts < 9e999),
    -- Which cores and memory nodes the threads were held to, for people.
    placement TEXT,
    -- Sampled during the run: means over the run, and the worst sample.
    steal_fraction REAL CHECK (steal_fraction BETWEEN 0 AND 1),
    steal_max_fraction REAL CHECK (steal_max_fraction BETWEEN 0 AND 1),
    processor_pressure_fraction REAL CHECK (processor_pressure_fraction BETWEEN 0 AND 1),
    processor_pressure_max_fraction REAL CHECK (processor_pressure_max_fraction BETWEEN 0 AND 1),
    -- Share of all cores' time that other processes used.
    other_load_fraction REAL CHECK (other_load_fraction BETWEEN 0 AND 1),
    frequency_min_hertz REAL CHECK (frequency_min_hertz > 0 AND frequency_min_hertz < 9e999),
    frequency_mean_hertz REAL CHECK (frequency_mean_hertz > 0 AND frequency_mean_hertz < 9e999),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    -- Where an imported row was found: the text or digest by which its importer knows the source.
    source TEXT CHECK (source <> ''),
    seed INTEGER NOT NULL,
    measured_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    -- A closed loop offers no rate; an open Poisson one always does.
    CHECK (load_pattern <> 'closed' OR offered_queries_per_second IS NULL),
    CHECK (load_pattern <> 'openPoisson' OR offered_queries_per_second IS NOT NULL),
    CHECK ((power_watts IS NULL) = (power_provenance IS NULL)),
    CHECK (provenance <> 'imported' OR source IS NOT NULL)
) STRICT;

INSERT INTO new_measurement (
    id, run_id, model_id, server_type_id, host_id, "partition", threads, workers, batch_items, purpose,
    load_pattern, engine, engine_version, settings_digest, offered_queries_per_second,
    completed_queries_per_second, queries, duration_nanoseconds, latency_histogram_blob,
    generator_lateness_histogram_blob, service_samples_blob, latency_mean_nanoseconds, latency_p50_nanoseconds,
    latency_p95_nanoseconds, latency_p99_nanoseconds, latency_max_nanoseconds, utilisation_fraction, power_watts,
    power_provenance, steal_fraction, processor_pressure_fraction, provenance, source, seed,
    measured_at_unix_seconds, tool_version)
SELECT
    id, run_id, model_id, server_type_id, host_id, "partition", threads, workers, batch_items, purpose,
    load_pattern, engine, engine_version, settings_digest, offered_queries_per_second,
    completed_queries_per_second, queries, duration_nanoseconds, latency_histogram_blob,
    generator_lateness_histogram_blob, service_samples_blob, latency_mean_nanoseconds, latency_p50_nanoseconds,
    latency_p95_nanoseconds, latency_p99_nanoseconds, latency_max_nanoseconds, utilisation_fraction, power_watts,
    power_provenance, steal_fraction, processor_pressure_fraction, provenance,
    CASE provenance WHEN 'imported' THEN 'unknown' END, seed, measured_at_unix_seconds, tool_version
FROM measurement;

-- A measurement without a row here has not been judged; one with a row and no doubts is valid.
CREATE TABLE new_verdict (
    measurement_id INTEGER PRIMARY KEY REFERENCES measurement (id) ON DELETE CASCADE,
    tool_version TEXT NOT NULL,
    -- The question that was put to the measurement, and the interval that answers it; NULL where none was.
    target_quantile REAL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER CHECK (target_limit_nanoseconds > 0),
    -- The tail quantile lies between the two with this confidence; a bound is NULL where too few queries give one.
    confidence_fraction REAL CHECK (confidence_fraction > 0 AND confidence_fraction < 1),
    tail_lower_nanoseconds INTEGER,
    tail_upper_nanoseconds INTEGER,
    answer TEXT CHECK (answer IN ('meets', 'misses', 'undecided')),
    CHECK ((answer IS NULL) = (target_limit_nanoseconds IS NULL)),
    CHECK ((answer IS NULL) = (target_quantile IS NULL)),
    CHECK ((answer IS NULL) = (confidence_fraction IS NULL))
) STRICT;

INSERT INTO new_verdict (measurement_id, tool_version) SELECT measurement_id, tool_version FROM verdict;

CREATE TABLE new_verdict_doubt (
    measurement_id INTEGER NOT NULL REFERENCES verdict (measurement_id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    doubt TEXT NOT NULL CHECK (doubt <> ''),
    PRIMARY KEY (measurement_id, position)
) STRICT, WITHOUT ROWID;

INSERT INTO new_verdict_doubt SELECT measurement_id, position, doubt FROM verdict_doubt;

DROP TABLE verdict_doubt;
DROP TABLE verdict;
DROP TABLE measurement;
ALTER TABLE new_measurement RENAME TO measurement;
ALTER TABLE new_verdict RENAME TO verdict;
ALTER TABLE new_verdict_doubt RENAME TO verdict_doubt;

CREATE INDEX measurement_by_cell
    ON measurement (model_id, server_type_id, "partition", threads, workers, batch_items, purpose);
CREATE INDEX measurement_by_run ON measurement (run_id);
CREATE INDEX measurement_by_server_type ON measurement (server_type_id);
CREATE INDEX measurement_by_host ON measurement (host_id);
CREATE INDEX measurement_by_settings ON measurement (settings_digest);

CREATE VIEW run_summary AS
SELECT
    run.id AS run_id,
    scenario.name AS scenario,
    run.status AS status,
    datetime(run.started_at_unix_seconds, 'unixepoch') AS started_at_utc,
    run.finished_at_unix_seconds - run.started_at_unix_seconds AS duration_seconds,
    run.seed AS seed,
    run.tool_version AS tool_version,
    (SELECT count(*) FROM measurement WHERE measurement.run_id = run.id) AS measurements,
    (SELECT count(*) FROM search WHERE search.run_id = run.id) AS searches,
    (SELECT count(*) FROM plan WHERE plan.run_id = run.id) AS plans,
    (SELECT count(*) FROM replay WHERE replay.run_id = run.id) AS replays
FROM run
JOIN scenario ON scenario.id = run.scenario_id;

CREATE VIEW measurement_summary AS
SELECT
    measurement.id AS measurement_id,
    datetime(measurement.measured_at_unix_seconds, 'unixepoch') AS measured_at_utc,
    model.name AS model,
    server_type.name AS server_type,
    measurement."partition" AS "partition",
    measurement.threads AS threads,
    measurement.workers AS workers,
    measurement.batch_items AS batch_items,
    measurement.purpose AS purpose,
    measurement.load_pattern AS load_pattern,
    measurement.repetition AS repetition,
    measurement.attempt AS attempt,
    measurement.offered_queries_per_second AS offered_queries_per_second,
    measurement.completed_queries_per_second AS completed_queries_per_second,
    measurement.queries AS queries,
    measurement.duration_nanoseconds / 1e9 AS duration_seconds,
    measurement.ending AS ending,
    measurement.ending = 'overloaded' AS is_overloaded,
    measurement.warm_up_nanoseconds / 1e6 AS warm_up_milliseconds,
    measurement.latency_mean_nanoseconds / 1e6 AS latency_mean_milliseconds,
    measurement.latency_p50_nanoseconds / 1e6 AS latency_p50_milliseconds,
    measurement.latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.latency_p99_nanoseconds / 1e6 AS latency_p99_milliseconds,
    measurement.latency_max_nanoseconds / 1e6 AS latency_max_milliseconds,
    measurement.generator_lateness_p50_nanoseconds / 1e6 AS generator_lateness_p50_milliseconds,
    measurement.generator_lateness_p99_nanoseconds / 1e6 AS generator_lateness_p99_milliseconds,
    measurement.generator_lateness_max_nanoseconds / 1e6 AS generator_lateness_max_milliseconds,
    measurement.utilisation_fraction AS utilisation_fraction,
    measurement.power_watts AS power_watts,
    measurement.power_provenance AS power_provenance,
    measurement.power_boundary AS power_boundary,
    measurement.idle_power_watts AS idle_power_watts,
    measurement.provenance AS provenance,
    measurement.source AS source,
    CASE
        WHEN verdict.measurement_id IS NULL THEN NULL
        ELSE NOT EXISTS (SELECT 1 FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
    END AS is_valid,
    (SELECT group_concat(doubt, ' ') FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
        AS doubts,
    verdict.answer AS answer,
    verdict.target_quantile AS target_quantile,
    verdict.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    verdict.tail_lower_nanoseconds / 1e6 AS tail_lower_milliseconds,
    verdict.tail_upper_nanoseconds / 1e6 AS tail_upper_milliseconds,
    measurement.steal_fraction AS steal_fraction,
    measurement.steal_max_fraction AS steal_max_fraction,
    measurement.processor_pressure_fraction AS processor_pressure_fraction,
    measurement.other_load_fraction AS other_load_fraction,
    measurement.frequency_mean_hertz / 1e9 AS frequency_mean_gigahertz,
    measurement.placement AS placement,
    measurement.engine AS engine,
    measurement.engine_version AS engine_version,
    host.name AS host,
    host.processor AS processor,
    host.cores AS cores,
    measurement.tool_version AS tool_version,
    measurement.run_id AS run_id
FROM measurement
JOIN model ON model.id = measurement.model_id
JOIN server_type ON server_type.id = measurement.server_type_id
JOIN host ON host.id = measurement.host_id
LEFT JOIN verdict ON verdict.measurement_id = measurement.id;

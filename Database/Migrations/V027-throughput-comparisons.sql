-- Latency-bounded throughput found two ways for one schedule: by trying rates live, and by simulation over the service
-- times of the schedule's measured cell. The rates tried are in measurement, with the purpose 'bisection'.

CREATE TABLE throughput_comparison (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    server_type_id INTEGER NOT NULL REFERENCES server_type (id) ON DELETE CASCADE,
    host_id INTEGER NOT NULL REFERENCES host (id) ON DELETE CASCADE,
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    "partition" TEXT NOT NULL CHECK ("partition" <> ''),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- The highest live rate that met the target and the lowest that missed it; 0 and NULL where none did.
    live_met_queries_per_second REAL NOT NULL
        CHECK (live_met_queries_per_second >= 0 AND live_met_queries_per_second < 9e999),
    live_missed_queries_per_second REAL
        CHECK (live_missed_queries_per_second >= 0 AND live_missed_queries_per_second < 9e999),
    -- The middle between the two, by ratio: what the difference is taken against.
    live_queries_per_second REAL NOT NULL
        CHECK (live_queries_per_second >= 0 AND live_queries_per_second < 9e999),
    profiled_queries_per_second REAL NOT NULL
        CHECK (profiled_queries_per_second >= 0 AND profiled_queries_per_second < 9e999),
    -- The same simulation without what is known of service times under other loads.
    plain_queries_per_second REAL NOT NULL
        CHECK (plain_queries_per_second >= 0 AND plain_queries_per_second < 9e999),
    -- Rates tried live, and how many of them had no undisturbed run.
    rates INTEGER NOT NULL CHECK (rates >= 1),
    doubtful_rates INTEGER NOT NULL CHECK (doubtful_rates >= 0),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    seed INTEGER NOT NULL,
    compared_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;

CREATE INDEX throughput_comparison_by_run ON throughput_comparison (run_id);
CREATE INDEX throughput_comparison_by_model ON throughput_comparison (model_id);
CREATE INDEX throughput_comparison_by_server_type ON throughput_comparison (server_type_id);
CREATE INDEX throughput_comparison_by_host ON throughput_comparison (host_id);

CREATE VIEW throughput_comparison_summary AS
SELECT
    throughput_comparison.id AS comparison_id,
    model.name AS model,
    server_type.name AS server_type,
    throughput_comparison."partition" AS "partition",
    throughput_comparison.threads AS threads,
    throughput_comparison.workers AS workers,
    throughput_comparison.batch_items AS batch_items,
    target_quantile AS target_quantile,
    target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    live_queries_per_second AS live_queries_per_second,
    profiled_queries_per_second AS profiled_queries_per_second,
    plain_queries_per_second AS plain_queries_per_second,
    (profiled_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS difference_fraction,
    (plain_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS plain_difference_fraction,
    rates AS rates,
    doubtful_rates AS doubtful_rates,
    throughput_comparison.provenance AS provenance,
    throughput_comparison.engine AS engine,
    host.name AS host,
    datetime(compared_at_unix_seconds, 'unixepoch') AS compared_at_utc,
    throughput_comparison.tool_version AS tool_version,
    run_id AS run_id
FROM throughput_comparison
JOIN model ON model.id = throughput_comparison.model_id
JOIN server_type ON server_type.id = throughput_comparison.server_type_id
JOIN host ON host.id = throughput_comparison.host_id;

-- What live load said of the schedule of an efficiency entry: simulated and live rate side by side, and what kept runs
-- from deciding. Disturbed runs never decide.

CREATE TABLE live_check (
    search_id INTEGER PRIMARY KEY REFERENCES search (id) ON DELETE CASCADE,
    simulated_queries_per_second REAL NOT NULL CHECK (simulated_queries_per_second >= 0),
    -- Half the width of the 95 % confidence interval, as a share; NULL where the simulation is exact.
    uncertainty_fraction REAL CHECK (uncertainty_fraction >= 0),
    -- 0 where every rate missed the target, NULL where no run decided.
    live_queries_per_second REAL CHECK (live_queries_per_second >= 0),
    -- Names with blanks between them; empty where all runs decided.
    doubts TEXT NOT NULL,
    -- Schedules that were tried live.
    schedules INTEGER NOT NULL CHECK (schedules >= 0)
) STRICT;

DROP VIEW efficiency_summary;

CREATE VIEW efficiency_summary AS
SELECT
    search.id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    efficiency.search_id IS NOT NULL AS is_feasible,
    search.id = max(search.id) OVER (PARTITION BY model.name, server_type.name) AS is_latest,
    efficiency."partition" AS "partition",
    efficiency.threads AS threads,
    efficiency.workers AS workers,
    efficiency.batch_items AS batch_items,
    efficiency.sparse_threads AS sparse_threads,
    efficiency.sparse_workers AS sparse_workers,
    efficiency.hot_fraction AS hot_fraction,
    efficiency.engine_rules AS engine_rules,
    efficiency."precision" AS "precision",
    efficiency.join_wait_nanoseconds / 1e6 AS join_wait_milliseconds,
    efficiency.throughput_queries_per_second AS throughput_queries_per_second,
    live_check.simulated_queries_per_second AS simulated_queries_per_second,
    live_check.uncertainty_fraction AS uncertainty_fraction,
    live_check.live_queries_per_second AS live_queries_per_second,
    live_check.doubts AS live_doubts,
    efficiency.power_watts AS power_watts,
    efficiency.throughput_queries_per_second / nullif(efficiency.power_watts, 0) AS queries_per_joule,
    efficiency.provenance AS provenance,
    efficiency.power_provenance AS power_provenance,
    search.target_quantile AS target_quantile,
    search.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    search.power_budget_watts AS power_budget_watts,
    search.method AS method,
    (SELECT count(*) FROM evaluation WHERE evaluation.search_id = search.id) AS evaluations,
    efficiency.space_size AS space_size,
    search.stop AS stop,
    datetime(search.searched_at_unix_seconds, 'unixepoch') AS searched_at_utc,
    search.tool_version AS tool_version,
    search.run_id AS run_id
FROM search
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id
LEFT JOIN efficiency ON efficiency.search_id = search.id
LEFT JOIN live_check ON live_check.search_id = search.id;

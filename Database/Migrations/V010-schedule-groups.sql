-- A schedule may name the threads that pool embeddings beside the dense layers, and the share of rows that an accelerator
-- holds. A search keeps each evaluation as it is made, says how it ended, and how sure it is of what it found.

ALTER TABLE measurement ADD COLUMN sparse_threads INTEGER CHECK (sparse_threads >= 1);
ALTER TABLE measurement ADD COLUMN sparse_workers INTEGER CHECK (sparse_workers >= 1);
ALTER TABLE measurement ADD COLUMN hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1);

ALTER TABLE efficiency ADD COLUMN sparse_threads INTEGER CHECK (sparse_threads >= 1);
ALTER TABLE efficiency ADD COLUMN sparse_workers INTEGER CHECK (sparse_workers >= 1);
ALTER TABLE efficiency ADD COLUMN hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1);

ALTER TABLE evaluation ADD COLUMN sparse_threads INTEGER CHECK (sparse_threads >= 1);
ALTER TABLE evaluation ADD COLUMN sparse_workers INTEGER CHECK (sparse_workers >= 1);
ALTER TABLE evaluation ADD COLUMN hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1);
-- Half a 95 % confidence interval as a share of the throughput; NULL where the value is exact up to the resolution.
ALTER TABLE evaluation ADD COLUMN uncertainty_fraction REAL
    CHECK (uncertainty_fraction >= 0 AND uncertainty_fraction < 9e999);

ALTER TABLE replay_efficiency ADD COLUMN sparse_threads INTEGER CHECK (sparse_threads >= 1);
ALTER TABLE replay_efficiency ADD COLUMN sparse_workers INTEGER CHECK (sparse_workers >= 1);
ALTER TABLE replay_efficiency ADD COLUMN hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1);

-- 'running' also where it was killed. Searches stored before this column had all come to their end.
ALTER TABLE search ADD COLUMN stop TEXT NOT NULL DEFAULT 'converged'
    CHECK (stop IN ('running', 'exhausted', 'converged', 'evaluations', 'seconds', 'interrupted'));

DROP VIEW efficiency_summary;
DROP VIEW evaluation_summary;

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
    efficiency.throughput_queries_per_second AS throughput_queries_per_second,
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
LEFT JOIN efficiency ON efficiency.search_id = search.id;

CREATE VIEW evaluation_summary AS
SELECT
    evaluation.search_id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    search.method AS method,
    search.target_quantile AS target_quantile,
    search.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    search.power_budget_watts AS power_budget_watts,
    evaluation.position AS position,
    evaluation."partition" AS "partition",
    evaluation.threads AS threads,
    evaluation.workers AS workers,
    evaluation.batch_items AS batch_items,
    evaluation.sparse_threads AS sparse_threads,
    evaluation.sparse_workers AS sparse_workers,
    evaluation.hot_fraction AS hot_fraction,
    evaluation.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation.uncertainty_fraction AS uncertainty_fraction,
    evaluation.power_watts AS power_watts,
    evaluation.provenance AS provenance,
    EXISTS (
        SELECT 1 FROM search_step
        WHERE search_step.search_id = evaluation.search_id
        AND search_step.evaluation_position = evaluation.position
    ) AS is_on_path,
    max(evaluation.throughput_queries_per_second) OVER (
        PARTITION BY evaluation.search_id ORDER BY evaluation.position
    ) AS best_so_far_queries_per_second
FROM evaluation
JOIN search ON search.id = evaluation.search_id
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id;

-- The accepted steps of each search, in order.
CREATE VIEW search_path AS
SELECT
    search_step.search_id AS search_id,
    evaluation_summary.model AS model,
    evaluation_summary.server_type AS server_type,
    evaluation_summary.method AS method,
    evaluation_summary.target_quantile AS target_quantile,
    evaluation_summary.target_limit_milliseconds AS target_limit_milliseconds,
    evaluation_summary.power_budget_watts AS power_budget_watts,
    search_step.position AS step,
    search_step.evaluation_position AS evaluation_position,
    evaluation_summary."partition" AS "partition",
    evaluation_summary.threads AS threads,
    evaluation_summary.workers AS workers,
    evaluation_summary.batch_items AS batch_items,
    evaluation_summary.sparse_threads AS sparse_threads,
    evaluation_summary.sparse_workers AS sparse_workers,
    evaluation_summary.hot_fraction AS hot_fraction,
    evaluation_summary.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation_summary.power_watts AS power_watts,
    evaluation_summary.provenance AS provenance
FROM search_step
JOIN evaluation_summary ON evaluation_summary.search_id = search_step.search_id
    AND evaluation_summary.position = search_step.evaluation_position
ORDER BY search_step.search_id, search_step.position;

-- Schedules gain two numbers: the precision in which the runtime computes, `default` for what it takes by itself, and how long
-- a thread waits for pieces of other queries to join it in one batch (NULL: pieces are never joined; 0: those that wait).
--
-- Until now OpenVINO was told to compute in f32 whatever it would have taken by itself, so rows that rest on it say so.

ALTER TABLE measurement ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE measurement ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);
ALTER TABLE efficiency ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE efficiency ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);
ALTER TABLE evaluation ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE evaluation ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);
ALTER TABLE replay_efficiency ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE replay_efficiency ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);
ALTER TABLE throughput_comparison ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE throughput_comparison ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);
ALTER TABLE cell_failure ADD COLUMN "precision" TEXT NOT NULL DEFAULT 'default'
    CHECK ("precision" IN ('default', 'f32', 'bf16', 'f16', 'fp8', 'int8', 'int4'));
ALTER TABLE cell_failure ADD COLUMN join_wait_nanoseconds INTEGER CHECK (join_wait_nanoseconds >= 0);

-- In which the runtime says that it computes, under its own name; NULL where it does not say.
ALTER TABLE measurement ADD COLUMN inference_precision TEXT CHECK (inference_precision <> '');

UPDATE measurement SET "precision" = 'f32', inference_precision = 'f32'
    WHERE engine = 'openvino' AND engine_rules IS NULL AND provenance = 'measured';
UPDATE throughput_comparison SET "precision" = 'f32' WHERE engine = 'openvino' AND engine_rules IS NULL;
UPDATE evaluation SET "precision" = 'f32'
    WHERE provenance = 'measured' AND engine_rules IS NULL AND EXISTS (
        SELECT 1 FROM search JOIN measurement ON measurement.model_id = search.model_id
            AND measurement.server_type_id = search.server_type_id
        WHERE search.id = evaluation.search_id AND measurement.engine = 'openvino');
UPDATE efficiency SET "precision" = 'f32'
    WHERE provenance = 'measured' AND engine_rules IS NULL AND EXISTS (
        SELECT 1 FROM search JOIN measurement ON measurement.model_id = search.model_id
            AND measurement.server_type_id = search.server_type_id
        WHERE search.id = efficiency.search_id AND measurement.engine = 'openvino');

DROP VIEW measurement_summary;
DROP VIEW efficiency_summary;
DROP VIEW search_path;
DROP VIEW evaluation_summary;
DROP VIEW throughput_comparison_summary;

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
    measurement.engine_rules AS engine_rules,
    measurement."precision" AS "precision",
    measurement.inference_precision AS inference_precision,
    measurement.join_wait_nanoseconds / 1e6 AS join_wait_milliseconds,
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
    evaluation.engine_rules AS engine_rules,
    evaluation."precision" AS "precision",
    evaluation.join_wait_nanoseconds / 1e6 AS join_wait_milliseconds,
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
    evaluation_summary.engine_rules AS engine_rules,
    evaluation_summary."precision" AS "precision",
    evaluation_summary.join_wait_milliseconds AS join_wait_milliseconds,
    evaluation_summary.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation_summary.power_watts AS power_watts,
    evaluation_summary.provenance AS provenance
FROM search_step
JOIN evaluation_summary ON evaluation_summary.search_id = search_step.search_id
    AND evaluation_summary.position = search_step.evaluation_position
ORDER BY search_step.search_id, search_step.position;

CREATE VIEW throughput_comparison_summary AS
SELECT
    throughput_comparison.id AS comparison_id,
    model.name AS model,
    server_type.name AS server_type,
    throughput_comparison."partition" AS "partition",
    throughput_comparison.threads AS threads,
    throughput_comparison.workers AS workers,
    throughput_comparison.batch_items AS batch_items,
    throughput_comparison.engine_rules AS engine_rules,
    throughput_comparison."precision" AS "precision",
    throughput_comparison.join_wait_nanoseconds / 1e6 AS join_wait_milliseconds,
    target_quantile AS target_quantile,
    target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    live_queries_per_second AS live_queries_per_second,
    profiled_queries_per_second AS profiled_queries_per_second,
    plain_queries_per_second AS plain_queries_per_second,
    (profiled_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS difference_fraction,
    (plain_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS plain_difference_fraction,
    (stored_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS stored_difference_fraction,
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

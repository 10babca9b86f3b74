-- Comparisons measure their cells anew, right before and right after the live rates. What the cell of the profile gives,
-- perhaps of another hour, stands beside them; NULL in comparisons that were made against that cell alone.

ALTER TABLE throughput_comparison ADD COLUMN stored_queries_per_second REAL
    CHECK (stored_queries_per_second >= 0 AND stored_queries_per_second < 9e999);

DROP VIEW throughput_comparison_summary;

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

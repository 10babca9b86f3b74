-- What imported figures say beyond one number of each kind: tails of times per token, failed requests, watts of
-- all devices together; whose a figure is, and how far it is trusted. Of a schedule whose source says no threads,
-- engine_rules of searches and plans holds {"reported": ...}, and the columns beside it ones that mean nothing.

DROP VIEW imported_figure_summary;

CREATE TABLE imported_figure_new (
    import_id INTEGER NOT NULL REFERENCES import_source (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    -- Where in the file: a line, or the number of an object.
    line INTEGER NOT NULL CHECK (line >= 1),
    model TEXT NOT NULL CHECK (model <> ''),
    server TEXT NOT NULL CHECK (server <> ''),
    devices INTEGER CHECK (devices >= 1),
    parallelism TEXT,
    "precision" TEXT,
    framework TEXT,
    detail TEXT,
    batch_items INTEGER CHECK (batch_items >= 1),
    concurrent_queries REAL CHECK (concurrent_queries > 0 AND concurrent_queries < 9e999),
    -- Whether requests in flight follow from rate and time by Little's law.
    is_concurrency_derived INTEGER CHECK (is_concurrency_derived IN (0, 1)),
    offered_queries_per_second REAL
        CHECK (offered_queries_per_second >= 0 AND offered_queries_per_second < 9e999),
    -- Of what throughput_unit says, all devices together.
    throughput_per_second REAL CHECK (throughput_per_second >= 0 AND throughput_per_second < 9e999),
    throughput_unit TEXT CHECK (throughput_unit IN ('queries', 'items', 'tokens', 'epochs')),
    is_throughput_derived INTEGER NOT NULL CHECK (is_throughput_derived IN (0, 1)),
    mean_latency_nanoseconds INTEGER CHECK (mean_latency_nanoseconds >= 0),
    p50_latency_nanoseconds INTEGER CHECK (p50_latency_nanoseconds >= 0),
    p90_latency_nanoseconds INTEGER CHECK (p90_latency_nanoseconds >= 0),
    p95_latency_nanoseconds INTEGER CHECK (p95_latency_nanoseconds >= 0),
    p99_latency_nanoseconds INTEGER CHECK (p99_latency_nanoseconds >= 0),
    first_token_nanoseconds INTEGER CHECK (first_token_nanoseconds >= 0),
    output_token_nanoseconds INTEGER CHECK (output_token_nanoseconds >= 0),
    inter_token_nanoseconds INTEGER CHECK (inter_token_nanoseconds >= 0),
    first_token_p50_nanoseconds INTEGER CHECK (first_token_p50_nanoseconds >= 0),
    first_token_p90_nanoseconds INTEGER CHECK (first_token_p90_nanoseconds >= 0),
    first_token_p95_nanoseconds INTEGER CHECK (first_token_p95_nanoseconds >= 0),
    first_token_p99_nanoseconds INTEGER CHECK (first_token_p99_nanoseconds >= 0),
    output_token_p50_nanoseconds INTEGER CHECK (output_token_p50_nanoseconds >= 0),
    output_token_p90_nanoseconds INTEGER CHECK (output_token_p90_nanoseconds >= 0),
    output_token_p95_nanoseconds INTEGER CHECK (output_token_p95_nanoseconds >= 0),
    output_token_p99_nanoseconds INTEGER CHECK (output_token_p99_nanoseconds >= 0),
    inter_token_p50_nanoseconds INTEGER CHECK (inter_token_p50_nanoseconds >= 0),
    inter_token_p90_nanoseconds INTEGER CHECK (inter_token_p90_nanoseconds >= 0),
    inter_token_p95_nanoseconds INTEGER CHECK (inter_token_p95_nanoseconds >= 0),
    inter_token_p99_nanoseconds INTEGER CHECK (inter_token_p99_nanoseconds >= 0),
    -- NULL where the source does not say; then failures are not known to be none.
    completed_queries REAL CHECK (completed_queries >= 0 AND completed_queries < 9e999),
    failed_queries REAL CHECK (failed_queries >= 0 AND failed_queries < 9e999),
    input_tokens REAL CHECK (input_tokens >= 0 AND input_tokens < 9e999),
    output_tokens REAL CHECK (output_tokens >= 0 AND output_tokens < 9e999),
    target_quantile REAL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER CHECK (target_limit_nanoseconds > 0),
    power_watts REAL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_scope TEXT CHECK (power_scope IN ('device', 'devices', 'system')),
    power_provenance TEXT CHECK (power_provenance IN ('metered', 'estimated')),
    -- Power as a share of what the devices are rated for, where no watts are given.
    power_fraction REAL CHECK (power_fraction >= 0 AND power_fraction < 9e999),
    power_limit_watts REAL CHECK (power_limit_watts >= 0 AND power_limit_watts < 9e999),
    utilisation_fraction REAL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    energy_per_item_joules REAL CHECK (energy_per_item_joules >= 0 AND energy_per_item_joules < 9e999),
    source TEXT,
    licence TEXT,
    published TEXT,
    -- Whether the user measured it, rather than somebody who published it.
    is_own INTEGER CHECK (is_own IN (0, 1)),
    -- What plans multiply the throughput by; NULL for 1.
    derating_fraction REAL CHECK (derating_fraction > 0 AND derating_fraction <= 1),
    provenance TEXT NOT NULL CHECK (provenance = 'imported'),
    -- NULL where the law does not apply, '' where it holds, else what is wrong.
    little_check TEXT,
    quantiles_check TEXT,
    energy_check TEXT,
    power_check TEXT,
    roofline_check TEXT,
    phases_check TEXT,
    failures_check TEXT,
    validity_check TEXT,
    is_sound INTEGER NOT NULL CHECK (is_sound IN (0, 1)),
    PRIMARY KEY (import_id, position),
    CHECK ((power_watts IS NULL) = (power_provenance IS NULL)),
    CHECK ((target_quantile IS NULL) = (target_limit_nanoseconds IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO imported_figure_new (
    import_id, position, line, model, server, devices, parallelism, "precision", framework, detail,
    batch_items, concurrent_queries, offered_queries_per_second, throughput_per_second,
    throughput_unit, is_throughput_derived, mean_latency_nanoseconds, p50_latency_nanoseconds,
    p90_latency_nanoseconds, p95_latency_nanoseconds, p99_latency_nanoseconds,
    first_token_nanoseconds, output_token_nanoseconds, input_tokens, output_tokens, target_quantile,
    target_limit_nanoseconds, power_watts, power_scope, power_provenance, power_fraction,
    power_limit_watts, utilisation_fraction, energy_per_item_joules, source, licence, published,
    provenance, little_check, quantiles_check, energy_check, power_check, roofline_check,
    phases_check, is_sound
)
SELECT
    import_id, position, line, model, server, devices, parallelism, "precision", framework, detail,
    batch_items, concurrent_queries, offered_queries_per_second, throughput_per_second,
    throughput_unit, is_throughput_derived, mean_latency_nanoseconds, p50_latency_nanoseconds,
    p90_latency_nanoseconds, p95_latency_nanoseconds, p99_latency_nanoseconds,
    first_token_nanoseconds, output_token_nanoseconds, input_tokens, output_tokens, target_quantile,
    target_limit_nanoseconds, power_watts, power_scope, power_provenance, power_fraction,
    power_limit_watts, utilisation_fraction, energy_per_item_joules, source, licence, published,
    provenance, little_check, quantiles_check, energy_check, power_check, roofline_check,
    phases_check, is_sound
FROM imported_figure;

DROP TABLE imported_figure;
ALTER TABLE imported_figure_new RENAME TO imported_figure;

CREATE INDEX imported_figure_by_pair ON imported_figure (model, server);

-- What the user said of a file; NULL where nothing was said.
ALTER TABLE import_source ADD COLUMN is_own INTEGER CHECK (is_own IN (0, 1));
ALTER TABLE import_source ADD COLUMN derating_fraction REAL
    CHECK (derating_fraction > 0 AND derating_fraction <= 1);
ALTER TABLE import_source ADD COLUMN is_strict INTEGER CHECK (is_strict IN (0, 1));

-- The format goes by the name that its own project has.
UPDATE import_source SET kind = 'llm-inference-bench' WHERE kind = 'llm-inference-session';

-- Files of formats that anybody writes are the user's own, unless a licence or a source says that they were
-- published.
UPDATE imported_figure SET is_own = (
    SELECT import_source.licence IS NULL AND imported_figure.source IS NULL AND imported_figure.licence IS NULL
        AND import_source.kind IN ('csv', 'vllm', 'sglang', 'aiperf', 'model-analyzer')
    FROM import_source WHERE import_source.id = imported_figure.import_id
);

-- Sums over all GPUs of a configuration stood as watts of one.
UPDATE imported_figure SET power_scope = 'devices'
WHERE power_scope = 'device' AND devices IS NULL
    AND import_id IN (SELECT id FROM import_source WHERE kind = 'model-analyzer');

CREATE VIEW imported_figure_summary AS
SELECT
    import_source.kind AS kind, model, server, devices, parallelism, "precision", framework, batch_items,
    concurrent_queries, is_concurrency_derived, throughput_per_second, throughput_unit, is_throughput_derived,
    mean_latency_nanoseconds / 1e6 AS mean_latency_milliseconds,
    p50_latency_nanoseconds / 1e6 AS p50_latency_milliseconds,
    p99_latency_nanoseconds / 1e6 AS p99_latency_milliseconds,
    first_token_nanoseconds / 1e6 AS first_token_milliseconds,
    first_token_p99_nanoseconds / 1e6 AS first_token_p99_milliseconds,
    output_token_nanoseconds / 1e6 AS output_token_milliseconds,
    output_token_p99_nanoseconds / 1e6 AS output_token_p99_milliseconds,
    inter_token_p99_nanoseconds / 1e6 AS inter_token_p99_milliseconds,
    completed_queries, failed_queries,
    power_watts, power_scope, power_provenance, provenance, imported_figure.is_own AS is_own,
    imported_figure.derating_fraction AS derating_fraction, is_sound,
    trim(
        iif(little_check <> '', little_check || '; ', '') || iif(quantiles_check <> '', quantiles_check || '; ', '')
        || iif(energy_check <> '', energy_check || '; ', '') || iif(power_check <> '', power_check || '; ', '')
        || iif(roofline_check <> '', roofline_check || '; ', '')
        || iif(phases_check <> '', phases_check || '; ', '')
        || iif(failures_check <> '', failures_check || '; ', '')
        || iif(validity_check <> '', validity_check || '; ', ''), '; ') AS doubts,
    ifnull(imported_figure.source, import_source.source) AS source,
    ifnull(imported_figure.licence, import_source.licence) AS licence, published,
    file, line, import_id
FROM imported_figure JOIN import_source ON import_source.id = import_id;

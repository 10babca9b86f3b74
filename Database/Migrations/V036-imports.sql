-- Figures that somebody else measured, with where they come from and what the laws of physics say of them.

CREATE TABLE import_source (
    id INTEGER PRIMARY KEY,
    -- Of the kind and the file's digest: the same file is the same import, however it is called.
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    kind TEXT NOT NULL CHECK (kind <> ''),
    file TEXT NOT NULL CHECK (file <> ''),
    file_digest TEXT NOT NULL CHECK (length(file_digest) = 64),
    -- Of everything the user said beside the file: mapping, source, licence, whether marked rows are refused.
    options_digest TEXT NOT NULL CHECK (length(options_digest) = 64),
    source TEXT NOT NULL CHECK (source <> ''),
    licence TEXT,
    rows_read INTEGER NOT NULL CHECK (rows_read >= 0),
    rows_kept INTEGER NOT NULL CHECK (rows_kept >= 0),
    rows_refused INTEGER NOT NULL CHECK (rows_refused >= 0),
    rows_marked INTEGER NOT NULL CHECK (rows_marked >= 0),
    imported_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;

CREATE TABLE imported_figure (
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
    input_tokens REAL CHECK (input_tokens >= 0 AND input_tokens < 9e999),
    output_tokens REAL CHECK (output_tokens >= 0 AND output_tokens < 9e999),
    target_quantile REAL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER CHECK (target_limit_nanoseconds > 0),
    power_watts REAL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_scope TEXT CHECK (power_scope IN ('device', 'system')),
    power_provenance TEXT CHECK (power_provenance IN ('metered', 'estimated')),
    -- Power as a share of what the devices are rated for, where no watts are given.
    power_fraction REAL CHECK (power_fraction >= 0 AND power_fraction < 9e999),
    power_limit_watts REAL CHECK (power_limit_watts >= 0 AND power_limit_watts < 9e999),
    utilisation_fraction REAL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    energy_per_item_joules REAL CHECK (energy_per_item_joules >= 0 AND energy_per_item_joules < 9e999),
    source TEXT,
    licence TEXT,
    published TEXT,
    provenance TEXT NOT NULL CHECK (provenance = 'imported'),
    -- NULL where the law does not apply, '' where it holds, else what is wrong.
    little_check TEXT,
    quantiles_check TEXT,
    energy_check TEXT,
    power_check TEXT,
    roofline_check TEXT,
    phases_check TEXT,
    is_sound INTEGER NOT NULL CHECK (is_sound IN (0, 1)),
    PRIMARY KEY (import_id, position),
    CHECK ((power_watts IS NULL) = (power_provenance IS NULL)),
    CHECK ((target_quantile IS NULL) = (target_limit_nanoseconds IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_figure_by_pair ON imported_figure (model, server);

-- What datasheets say devices can do at most: what imported figures are held against.
CREATE TABLE imported_hardware (
    import_id INTEGER NOT NULL REFERENCES import_source (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    line INTEGER NOT NULL CHECK (line >= 1),
    name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    maximum_power_watts REAL NOT NULL CHECK (maximum_power_watts > 0 AND maximum_power_watts < 9e999),
    idle_power_watts REAL CHECK (idle_power_watts >= 0 AND idle_power_watts < 9e999),
    single_peak_flops_per_second REAL
        CHECK (single_peak_flops_per_second > 0 AND single_peak_flops_per_second < 9e999),
    half_peak_flops_per_second REAL
        CHECK (half_peak_flops_per_second > 0 AND half_peak_flops_per_second < 9e999),
    memory_bytes REAL CHECK (memory_bytes > 0 AND memory_bytes < 9e999),
    source TEXT,
    provenance TEXT NOT NULL CHECK (provenance = 'imported'),
    PRIMARY KEY (import_id, position)
) STRICT, WITHOUT ROWID;

CREATE VIEW import_summary AS
SELECT
    import_source.id AS import_id, kind, file, source, licence, rows_read, rows_kept, rows_refused, rows_marked,
    datetime(imported_at_unix_seconds, 'unixepoch') AS imported_at_utc, tool_version, file_digest
FROM import_source;

CREATE VIEW imported_figure_summary AS
SELECT
    import_source.kind AS kind, model, server, devices, parallelism, "precision", framework, batch_items,
    concurrent_queries, throughput_per_second, throughput_unit, is_throughput_derived,
    mean_latency_nanoseconds / 1e6 AS mean_latency_milliseconds,
    p50_latency_nanoseconds / 1e6 AS p50_latency_milliseconds,
    p99_latency_nanoseconds / 1e6 AS p99_latency_milliseconds,
    first_token_nanoseconds / 1e6 AS first_token_milliseconds,
    output_token_nanoseconds / 1e6 AS output_token_milliseconds,
    power_watts, power_scope, power_provenance, provenance, is_sound,
    trim(
        iif(little_check <> '', little_check || '; ', '') || iif(quantiles_check <> '', quantiles_check || '; ', '')
        || iif(energy_check <> '', energy_check || '; ', '') || iif(power_check <> '', power_check || '; ', '')
        || iif(roofline_check <> '', roofline_check || '; ', '')
        || iif(phases_check <> '', phases_check || '; ', ''), '; ') AS doubts,
    ifnull(imported_figure.source, import_source.source) AS source,
    ifnull(imported_figure.licence, import_source.licence) AS licence, published,
    file, line, import_id
FROM imported_figure JOIN import_source ON import_source.id = import_id;

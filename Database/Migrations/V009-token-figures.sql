-- What load runs on language models show beside the latency of whole requests, one row per measurement of one.

CREATE TABLE measurement_tokens (
    measurement_id INTEGER PRIMARY KEY REFERENCES measurement (id) ON DELETE CASCADE,
    requests INTEGER NOT NULL CHECK (requests >= 1),
    -- NULL where the server does not count them.
    prompt_tokens INTEGER CHECK (prompt_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    -- 1: the server counted the output tokens; 0: the parts of its stream were counted.
    is_reported INTEGER NOT NULL CHECK (is_reported IN (0, 1)),
    output_tokens_per_second REAL NOT NULL
        CHECK (output_tokens_per_second >= 0 AND output_tokens_per_second < 9e999),
    -- Distributions are compact blobs, as in measurement.
    first_token_histogram_blob BLOB NOT NULL,
    output_token_histogram_blob BLOB NOT NULL,
    -- The histograms' own figures, so that SQL can read them. A request of one token has no time per output token.
    first_token_mean_nanoseconds INTEGER,
    first_token_p50_nanoseconds INTEGER,
    first_token_p95_nanoseconds INTEGER,
    first_token_p99_nanoseconds INTEGER,
    output_token_mean_nanoseconds INTEGER,
    output_token_p50_nanoseconds INTEGER,
    output_token_p95_nanoseconds INTEGER,
    output_token_p99_nanoseconds INTEGER
) STRICT;

CREATE VIEW token_summary AS
SELECT
    measurement.id AS measurement_id, model.name AS model, server_type.name AS server_type, engine, engine_version,
    threads AS requests_in_flight, purpose, offered_queries_per_second, completed_queries_per_second,
    requests, prompt_tokens, output_tokens, is_reported, output_tokens_per_second,
    first_token_p50_nanoseconds / 1e6 AS first_token_p50_milliseconds,
    first_token_p95_nanoseconds / 1e6 AS first_token_p95_milliseconds,
    first_token_p99_nanoseconds / 1e6 AS first_token_p99_milliseconds,
    output_token_p50_nanoseconds / 1e6 AS output_token_p50_milliseconds,
    output_token_p95_nanoseconds / 1e6 AS output_token_p95_milliseconds,
    output_token_p99_nanoseconds / 1e6 AS output_token_p99_milliseconds,
    latency_p50_nanoseconds / 1e6 AS latency_p50_milliseconds,
    latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.provenance, measured_at_unix_seconds
FROM measurement_tokens
JOIN measurement ON measurement.id = measurement_tokens.measurement_id
JOIN model ON model.id = measurement.model_id
JOIN server_type ON server_type.id = measurement.server_type_id;

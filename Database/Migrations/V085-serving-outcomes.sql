-- Simulated service of language models: what a cluster's workload came to.

CREATE TABLE serving_outcome (
    id INTEGER PRIMARY KEY,
    -- Of outcome_json: the same cluster and seed come to the same, byte for byte, and are one row.
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    cluster TEXT NOT NULL CHECK (cluster <> ''),
    -- Names apart by blanks.
    model TEXT NOT NULL CHECK (model <> ''),
    seed INTEGER NOT NULL,
    -- What the command prints as JSON, with other rates where some were asked for.
    outcome_json TEXT NOT NULL CHECK (json_valid(outcome_json)),
    -- Where step times come from: words apart by blanks, of fitted, stated, assumed, kernels.
    timings TEXT NOT NULL CHECK (timings <> ''),
    tool_version TEXT NOT NULL,
    simulated_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE VIEW serving_outcome_summary AS
SELECT
    id AS serving_outcome_id,
    cluster, model, timings, seed,
    outcome_json ->> '$.anchor' AS arrival_anchor,
    outcome_json ->> '$.requests' AS requests,
    1000 * (outcome_json ->> '$.ttft.p50') AS first_token_p50_milliseconds,
    1000 * (outcome_json ->> '$.ttft.p99') AS first_token_p99_milliseconds,
    1000 * (outcome_json ->> '$.tpot.p50') AS output_token_p50_milliseconds,
    1000 * (outcome_json ->> '$.tpot.p99') AS output_token_p99_milliseconds,
    outcome_json ->> '$.goodput' AS good_requests_per_second,
    outcome_json ->> '$.outputTokensPerSecond' AS output_tokens_per_second,
    outcome_json ->> '$.joulesPerToken' AS joules_per_token,
    datetime(simulated_at_unix_seconds, 'unixepoch') AS simulated_at_utc
FROM serving_outcome;

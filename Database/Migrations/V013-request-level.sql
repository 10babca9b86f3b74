-- Windows of replays that were simulated query by query, beside the fluid view of the same loads and servers.

CREATE TABLE request_level (
    id INTEGER PRIMARY KEY,
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    -- Since the start of the trace.
    start_nanoseconds INTEGER NOT NULL CHECK (start_nanoseconds >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    -- The rule by which queries found their servers.
    dispatch TEXT NOT NULL CHECK (dispatch <> ''),
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    simulated_at_unix_seconds INTEGER NOT NULL,
    -- A later simulation of the same window takes the place of an earlier one.
    UNIQUE (replay_id, start_nanoseconds, duration_nanoseconds, dispatch)
) STRICT;

CREATE TABLE request_level_result (
    id INTEGER PRIMARY KEY,
    request_level_id INTEGER NOT NULL REFERENCES request_level (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    policy TEXT NOT NULL CHECK (policy <> ''),
    model TEXT NOT NULL CHECK (model <> ''),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- At the target's quantile, of the queries that were answered; NULL where none was.
    tail_latency_nanoseconds INTEGER CHECK (tail_latency_nanoseconds >= 0),
    retried_queries INTEGER NOT NULL CHECK (retried_queries >= 0),
    UNIQUE (request_level_id, position)
) STRICT;

-- A time in which neither the load nor the servers changed.
CREATE TABLE request_level_segment (
    result_id INTEGER NOT NULL REFERENCES request_level_result (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    start_nanoseconds INTEGER NOT NULL CHECK (start_nanoseconds >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    capacity_queries_per_second REAL NOT NULL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    arrived_queries INTEGER NOT NULL CHECK (arrived_queries >= 0),
    -- Answered after the latency limit.
    late_queries INTEGER NOT NULL CHECK (late_queries >= 0),
    -- Turned away by a full server, or lost with one that failed.
    dropped_queries INTEGER NOT NULL CHECK (dropped_queries >= 0),
    -- Never answered.
    waiting_queries INTEGER NOT NULL CHECK (waiting_queries >= 0),
    PRIMARY KEY (result_id, position),
    CHECK (late_queries + dropped_queries + waiting_queries <= arrived_queries)
) STRICT, WITHOUT ROWID;

CREATE VIEW request_level_summary AS
SELECT request_level.id AS request_level_id, replay_id, dispatch, policy, model,
    start_nanoseconds / 1e9 AS start_seconds, duration_nanoseconds / 1e9 AS duration_seconds,
    tail_latency_nanoseconds / 1e6 AS tail_latency_milliseconds,
    target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    arrived AS arrived_queries, failed AS failed_queries,
    CASE WHEN arrived > 0 THEN CAST(failed AS REAL) / arrived END AS failed_fraction,
    CASE WHEN fluid_arrived > 0 THEN fluid_violated / fluid_arrived END AS fluid_violation_fraction
FROM request_level
JOIN request_level_result ON request_level_result.request_level_id = request_level.id
JOIN (
    SELECT result_id, sum(arrived_queries) AS arrived,
        sum(late_queries + dropped_queries + waiting_queries) AS failed,
        sum(load_queries_per_second * duration_nanoseconds) AS fluid_arrived,
        sum(iif(load_queries_per_second > capacity_queries_per_second * (1 + 1e-9),
            load_queries_per_second * duration_nanoseconds, 0)) AS fluid_violated
    FROM request_level_segment GROUP BY result_id
) AS segments ON segments.result_id = request_level_result.id;

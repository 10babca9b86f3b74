-- Language models in windows of replays, simulated token by token; and lengths of requests that change.

CREATE TABLE request_level_tokens (
    result_id INTEGER PRIMARY KEY REFERENCES request_level_result (id) ON DELETE CASCADE,
    -- Limits beside the one on the first token, which is the target's; NULL for none.
    output_token_limit_seconds REAL CHECK (output_token_limit_seconds > 0),
    end_to_end_limit_seconds REAL CHECK (end_to_end_limit_seconds > 0),
    -- Of the answered requests of the window; NULL where there is none, or none of two tokens.
    first_token_mean_nanoseconds INTEGER CHECK (first_token_mean_nanoseconds >= 0),
    first_token_p50_nanoseconds INTEGER CHECK (first_token_p50_nanoseconds >= 0),
    first_token_p90_nanoseconds INTEGER CHECK (first_token_p90_nanoseconds >= 0),
    first_token_p99_nanoseconds INTEGER CHECK (first_token_p99_nanoseconds >= 0),
    output_token_mean_nanoseconds INTEGER CHECK (output_token_mean_nanoseconds >= 0),
    output_token_p50_nanoseconds INTEGER CHECK (output_token_p50_nanoseconds >= 0),
    output_token_p90_nanoseconds INTEGER CHECK (output_token_p90_nanoseconds >= 0),
    output_token_p99_nanoseconds INTEGER CHECK (output_token_p99_nanoseconds >= 0),
    end_to_end_mean_nanoseconds INTEGER CHECK (end_to_end_mean_nanoseconds >= 0),
    end_to_end_p50_nanoseconds INTEGER CHECK (end_to_end_p50_nanoseconds >= 0),
    end_to_end_p90_nanoseconds INTEGER CHECK (end_to_end_p90_nanoseconds >= 0),
    end_to_end_p99_nanoseconds INTEGER CHECK (end_to_end_p99_nanoseconds >= 0),
    -- Of all that was played, the warm-up before the window included.
    prompt_tokens INTEGER NOT NULL CHECK (prompt_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    preemptions INTEGER NOT NULL CHECK (preemptions >= 0),
    restarted_requests INTEGER NOT NULL CHECK (restarted_requests >= 0),
    played_nanoseconds INTEGER NOT NULL CHECK (played_nanoseconds >= 0),
    energy_joules REAL NOT NULL CHECK (energy_joules >= 0 AND energy_joules < 9e999)
) STRICT;

-- Of traces whose file has the lengths of every request: means of each interval, as trace_series has loads.
-- `work` is what a request takes over one of the model's own lengths; where it is there, loads are requests
-- times work.
CREATE TABLE trace_mix_series (
    trace_id INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    quantity TEXT NOT NULL CHECK (quantity IN ('prompt_tokens', 'output_tokens', 'work')),
    first_position INTEGER NOT NULL CHECK (first_position >= 0 AND first_position % 1024 = 0),
    number_count INTEGER NOT NULL CHECK (number_count BETWEEN 1 AND 1024),
    numbers ANY NOT NULL CHECK (typeof(numbers) = 'blob' OR numbers >= 0 AND numbers < 9e999),
    PRIMARY KEY (trace_id, model, quantity, first_position)
) STRICT;

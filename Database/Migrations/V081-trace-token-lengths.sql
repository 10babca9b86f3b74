-- How long the requests of a trace are, where its file says so, to compare with those that figures were taken with.

CREATE TABLE trace_token_length (
    trace_id INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    requests INTEGER NOT NULL CHECK (requests >= 1),
    input_mean_tokens REAL NOT NULL CHECK (input_mean_tokens >= 0 AND input_mean_tokens < 9e999),
    output_mean_tokens REAL NOT NULL CHECK (output_mean_tokens >= 0 AND output_mean_tokens < 9e999),
    PRIMARY KEY (trace_id, model)
) STRICT, WITHOUT ROWID;

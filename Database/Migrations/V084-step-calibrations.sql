-- Constants of step times that were fitted to measured runs of engines that serve language models, with what is left of
-- the run's errors.

CREATE TABLE step_calibration (
    id INTEGER PRIMARY KEY,
    -- Of everything but the time and the tool.
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    cluster TEXT NOT NULL CHECK (cluster <> ''),
    model TEXT NOT NULL CHECK (model <> ''),
    device TEXT NOT NULL CHECK (device <> ''),
    -- Accelerators that share each layer.
    devices INTEGER NOT NULL CHECK (devices >= 1),
    policy TEXT NOT NULL CHECK (policy <> ''),
    -- The measured run, and where its times count from.
    source TEXT NOT NULL CHECK (source <> ''),
    arrival_anchor TEXT NOT NULL CHECK (arrival_anchor IN ('client', 'engine')),
    requests INTEGER NOT NULL CHECK (requests >= 1),
    mfu_fraction REAL NOT NULL CHECK (mfu_fraction > 0 AND mfu_fraction < 9e999),
    mbu_fraction REAL NOT NULL CHECK (mbu_fraction > 0 AND mbu_fraction < 9e999),
    host_nanoseconds REAL NOT NULL CHECK (host_nanoseconds >= 0 AND host_nanoseconds < 9e999),
    sequence_nanoseconds REAL NOT NULL CHECK (sequence_nanoseconds >= 0 AND sequence_nanoseconds < 9e999),
    -- Fitted to lie before the engine's queue; NULL where nothing was.
    client_before_nanoseconds REAL CHECK (client_before_nanoseconds >= 0 AND client_before_nanoseconds < 9e999),
    -- Of means, simulated over measured less 1; NULL where no answer has a second token.
    first_token_error_fraction REAL NOT NULL CHECK (first_token_error_fraction >= -1),
    output_token_error_fraction REAL CHECK (output_token_error_fraction >= -1),
    end_to_end_error_fraction REAL NOT NULL CHECK (end_to_end_error_fraction >= -1),
    -- Mean over requests of the absolute error, end to end.
    request_error_fraction REAL NOT NULL CHECK (request_error_fraction >= 0 AND request_error_fraction < 9e999),
    tool_version TEXT NOT NULL,
    calibrated_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX step_calibration_by_device ON step_calibration (device, model, devices, policy);

CREATE VIEW step_calibration_summary AS
SELECT
    id AS step_calibration_id,
    model, device, devices, policy, cluster, source, arrival_anchor, requests,
    mfu_fraction, mbu_fraction,
    host_nanoseconds / 1e6 AS host_milliseconds,
    sequence_nanoseconds / 1e6 AS sequence_milliseconds,
    client_before_nanoseconds / 1e6 AS client_before_milliseconds,
    first_token_error_fraction, output_token_error_fraction, end_to_end_error_fraction, request_error_fraction,
    id = max(id) OVER (PARTITION BY model, device, devices, policy) AS is_latest,
    datetime(calibrated_at_unix_seconds, 'unixepoch') AS calibrated_at_utc
FROM step_calibration;

-- Traces and replays as series: one row for 1,024 numbers in a row instead of a row for each of them. The views give
-- the rows, under the names the tables had. What earlier versions wrote stays in tables whose names end in _row.

DROP VIEW replay_summary;
DROP VIEW replay_interval_summary;
DROP VIEW replay_allocation_summary;
DROP VIEW replay_decision_summary;

ALTER TABLE trace_load RENAME TO trace_load_row;
ALTER TABLE replay_interval RENAME TO replay_interval_row;
ALTER TABLE replay_load RENAME TO replay_load_row;
ALTER TABLE replay_allocation RENAME TO replay_allocation_row;
ALTER TABLE replay_serving RENAME TO replay_serving_row;
ALTER TABLE replay_decision RENAME TO replay_decision_row;
ALTER TABLE replay_action RENAME TO replay_action_row;

-- Numbers that views count with, and the factor of a floating-point number with such an exponent: 2^(number - 1075).
CREATE TABLE ordinal (
    number INTEGER PRIMARY KEY,
    power_of_two ANY NOT NULL
) STRICT;

INSERT INTO ordinal
WITH RECURSIVE
    up (number, power) AS (SELECT 1075, 1.0 UNION ALL SELECT number + 1, power * 2 FROM up WHERE number < 2046),
    down (number, power) AS (SELECT 1074, 0.5 UNION ALL SELECT number - 1, power / 2 FROM down WHERE number > 1)
SELECT * FROM up UNION ALL SELECT * FROM down UNION ALL SELECT 0, power FROM down WHERE number = 1;

-- `numbers` is one number that stands for all, NULL where none is known, or a blob of them.
CREATE TABLE trace_series (
    trace_id INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    first_position INTEGER NOT NULL CHECK (first_position >= 0 AND first_position % 1024 = 0),
    number_count INTEGER NOT NULL CHECK (number_count BETWEEN 1 AND 1024),
    numbers ANY NOT NULL CHECK (typeof(numbers) = 'blob' OR numbers >= 0 AND numbers < 9e999),
    PRIMARY KEY (trace_id, model, first_position)
) STRICT;

-- A figure of a policy, by the name of its unit. `model_position` is -1 where it is of the whole fleet. Numbers that
-- another policy of the replay has as well stand there; of policy -1 are those of the trace.
CREATE TABLE replay_series (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    quantity TEXT NOT NULL CHECK (quantity <> ''),
    model_position INTEGER NOT NULL CHECK (model_position >= -1),
    first_position INTEGER NOT NULL CHECK (first_position >= 0 AND first_position % 1024 = 0),
    number_count INTEGER NOT NULL CHECK (number_count BETWEEN 1 AND 1024),
    shared_policy_position INTEGER CHECK (shared_policy_position >= -1),
    numbers ANY CHECK (typeof(numbers) IN ('blob', 'null', 'integer') OR numbers >= 0 AND numbers < 9e999),
    PRIMARY KEY (policy_id, quantity, model_position, first_position),
    CHECK (shared_policy_position IS NULL OR numbers IS NULL)
) STRICT;

-- Sums over all intervals; NULL in rows of earlier versions, whose intervals are rows.
ALTER TABLE replay_policy ADD COLUMN interval_count INTEGER CHECK (interval_count >= 0);
ALTER TABLE replay_policy ADD COLUMN mean_provisioned_watts REAL
    CHECK (mean_provisioned_watts >= 0 AND mean_provisioned_watts < 9e999);
ALTER TABLE replay_policy ADD COLUMN peak_provisioned_watts REAL
    CHECK (peak_provisioned_watts >= 0 AND peak_provisioned_watts < 9e999);
ALTER TABLE replay_policy ADD COLUMN mean_drawn_watts REAL
    CHECK (mean_drawn_watts >= 0 AND mean_drawn_watts < 9e999);
ALTER TABLE replay_policy ADD COLUMN servers INTEGER CHECK (servers >= 0);
ALTER TABLE replay_policy ADD COLUMN peak_servers INTEGER CHECK (peak_servers >= 0);
ALTER TABLE replay_policy ADD COLUMN arrived_queries REAL
    CHECK (arrived_queries >= 0 AND arrived_queries < 9e999);
ALTER TABLE replay_policy ADD COLUMN unserved_queries REAL
    CHECK (unserved_queries >= 0 AND unserved_queries < 9e999);
ALTER TABLE replay_policy ADD COLUMN pairs INTEGER CHECK (pairs >= 0);
ALTER TABLE replay_policy ADD COLUMN violated_pairs INTEGER CHECK (violated_pairs BETWEEN 0 AND pairs);
-- How many rows `replay_allocation` has of the policy.
ALTER TABLE replay_policy ADD COLUMN allocation_count INTEGER CHECK (allocation_count >= 0);

-- One number of a trace. Bytes are read as Database/README.md describes them; the limits keep them from being read for
-- each digit anew.
CREATE VIEW trace_number AS
SELECT
    trace_series.trace_id AS trace_id,
    trace_series.model AS model,
    trace_series.first_position AS first_position,
    place.number AS place,
    CASE WHEN typeof(trace_series.numbers) <> 'blob' THEN trace_series.numbers ELSE (
        SELECT CASE WHEN is_integer THEN word ELSE (
            SELECT ((word & 4503599627370495) + (word >> 52 > 0) * 4503599627370496) * ordinal.power_of_two
            FROM ordinal WHERE ordinal.number = word >> 52) END
        FROM (
            SELECT is_integer,
                ((instr('0123456789ABCDEF', substr(digits, 1, 1)) - 1) << 60)
                | ((instr('0123456789ABCDEF', substr(digits, 2, 1)) - 1) << 56)
                | ((instr('0123456789ABCDEF', substr(digits, 3, 1)) - 1) << 52)
                | ((instr('0123456789ABCDEF', substr(digits, 4, 1)) - 1) << 48)
                | ((instr('0123456789ABCDEF', substr(digits, 5, 1)) - 1) << 44)
                | ((instr('0123456789ABCDEF', substr(digits, 6, 1)) - 1) << 40)
                | ((instr('0123456789ABCDEF', substr(digits, 7, 1)) - 1) << 36)
                | ((instr('0123456789ABCDEF', substr(digits, 8, 1)) - 1) << 32)
                | ((instr('0123456789ABCDEF', substr(digits, 9, 1)) - 1) << 28)
                | ((instr('0123456789ABCDEF', substr(digits, 10, 1)) - 1) << 24)
                | ((instr('0123456789ABCDEF', substr(digits, 11, 1)) - 1) << 20)
                | ((instr('0123456789ABCDEF', substr(digits, 12, 1)) - 1) << 16)
                | ((instr('0123456789ABCDEF', substr(digits, 13, 1)) - 1) << 12)
                | ((instr('0123456789ABCDEF', substr(digits, 14, 1)) - 1) << 8)
                | ((instr('0123456789ABCDEF', substr(digits, 15, 1)) - 1) << 4)
                | (instr('0123456789ABCDEF', substr(digits, 16, 1)) - 1) AS word
            FROM (
                SELECT substr(bytes, 1, 1) IN (x'32', x'42') AS is_integer,
                    CASE WHEN substr(bytes, 1, 1) IN (x'31', x'32')
                    THEN hex(substr(bytes, 3, head))
                        || hex(substr(bytes, 3 + head + (8 - head) * place, 8 - head))
                    ELSE hex(substr(bytes, 3 + 8 * (
                        16 * (instr('0123456789ABCDEF', substr(entry, 1, 1)) - 1)
                        + instr('0123456789ABCDEF', substr(entry, 2, 1)) - 1), 8))
                    END AS digits
                FROM (
                    SELECT bytes, place, head, hex(substr(bytes, 11 + 8 * head + place, 1)) AS entry
                    FROM (
                        SELECT bytes, place,
                            16 * (instr('0123456789ABCDEF', substr(hex(substr(bytes, 2, 1)), 1, 1)) - 1)
                            + instr('0123456789ABCDEF', substr(hex(substr(bytes, 2, 1)), 2, 1)) - 1 AS head
                        FROM (SELECT trace_series.numbers AS bytes, place.number AS place LIMIT 1)
                LIMIT 1) LIMIT 1) LIMIT 1) LIMIT 1)
    ) END AS number
FROM trace_series
JOIN ordinal AS place ON place.number < trace_series.number_count;

CREATE VIEW trace_load AS
SELECT trace_id, model, interval_position, load_queries_per_second FROM trace_load_row
UNION ALL
SELECT trace_id, model, first_position + place, number FROM trace_number;

-- The rows of replay_series with the numbers they share.
CREATE VIEW replay_chunk AS
SELECT
    series.policy_id AS policy_id,
    series.quantity AS quantity,
    series.model_position AS model_position,
    series.first_position AS first_position,
    series.number_count AS number_count,
    CASE
        WHEN series.shared_policy_position IS NULL THEN series.numbers
        WHEN series.shared_policy_position >= 0 THEN (
            SELECT other.numbers FROM replay_policy AS own
            JOIN replay_policy AS holder ON holder.replay_id = own.replay_id
                AND holder.position = series.shared_policy_position
            JOIN replay_series AS other ON other.policy_id = holder.id AND other.quantity = series.quantity
                AND other.model_position = series.model_position AND other.first_position = series.first_position
            WHERE own.id = series.policy_id)
        ELSE (
            SELECT trace_series.numbers FROM replay_policy AS own
            JOIN replay ON replay.id = own.replay_id
            JOIN replay_model ON replay_model.replay_id = replay.id
                AND replay_model.position = series.model_position
            JOIN trace_series ON trace_series.trace_id = replay.trace_id AND trace_series.model = replay_model.name
                AND trace_series.first_position = series.first_position
            WHERE own.id = series.policy_id)
    END AS numbers
FROM replay_series AS series;

CREATE VIEW replay_number AS
SELECT
    replay_chunk.policy_id AS policy_id,
    replay_chunk.quantity AS quantity,
    replay_chunk.model_position AS model_position,
    replay_chunk.first_position AS first_position,
    place.number AS place,
    (SELECT CASE WHEN typeof(shared) <> 'blob' THEN shared ELSE (
            SELECT CASE WHEN is_integer THEN word ELSE (
                SELECT ((word & 4503599627370495) + (word >> 52 > 0) * 4503599627370496) * ordinal.power_of_two
                FROM ordinal WHERE ordinal.number = word >> 52) END
            FROM (
                SELECT is_integer,
                    ((instr('0123456789ABCDEF', substr(digits, 1, 1)) - 1) << 60)
                    | ((instr('0123456789ABCDEF', substr(digits, 2, 1)) - 1) << 56)
                    | ((instr('0123456789ABCDEF', substr(digits, 3, 1)) - 1) << 52)
                    | ((instr('0123456789ABCDEF', substr(digits, 4, 1)) - 1) << 48)
                    | ((instr('0123456789ABCDEF', substr(digits, 5, 1)) - 1) << 44)
                    | ((instr('0123456789ABCDEF', substr(digits, 6, 1)) - 1) << 40)
                    | ((instr('0123456789ABCDEF', substr(digits, 7, 1)) - 1) << 36)
                    | ((instr('0123456789ABCDEF', substr(digits, 8, 1)) - 1) << 32)
                    | ((instr('0123456789ABCDEF', substr(digits, 9, 1)) - 1) << 28)
                    | ((instr('0123456789ABCDEF', substr(digits, 10, 1)) - 1) << 24)
                    | ((instr('0123456789ABCDEF', substr(digits, 11, 1)) - 1) << 20)
                    | ((instr('0123456789ABCDEF', substr(digits, 12, 1)) - 1) << 16)
                    | ((instr('0123456789ABCDEF', substr(digits, 13, 1)) - 1) << 12)
                    | ((instr('0123456789ABCDEF', substr(digits, 14, 1)) - 1) << 8)
                    | ((instr('0123456789ABCDEF', substr(digits, 15, 1)) - 1) << 4)
                    | (instr('0123456789ABCDEF', substr(digits, 16, 1)) - 1) AS word
                FROM (
                    SELECT substr(bytes, 1, 1) IN (x'32', x'42') AS is_integer,
                        CASE WHEN substr(bytes, 1, 1) IN (x'31', x'32')
                        THEN hex(substr(bytes, 3, head))
                            || hex(substr(bytes, 3 + head + (8 - head) * place, 8 - head))
                        ELSE hex(substr(bytes, 3 + 8 * (
                            16 * (instr('0123456789ABCDEF', substr(entry, 1, 1)) - 1)
                        + instr('0123456789ABCDEF', substr(entry, 2, 1)) - 1), 8))
                        END AS digits
                    FROM (
                        SELECT bytes, place, head, hex(substr(bytes, 11 + 8 * head + place, 1)) AS entry
                FROM (
                SELECT bytes, place,
                            16 * (instr('0123456789ABCDEF', substr(hex(substr(bytes, 2, 1)), 1, 1)) - 1)
                            + instr('0123456789ABCDEF', substr(hex(substr(bytes, 2, 1)), 2, 1)) - 1 AS head
                        FROM (SELECT shared AS bytes, place.number AS place LIMIT 1)
                LIMIT 1) LIMIT 1) LIMIT 1) LIMIT 1)
        ) END
        FROM (SELECT replay_chunk.numbers AS shared LIMIT 1)) AS number
FROM replay_chunk
JOIN ordinal AS place ON place.number < replay_chunk.number_count;

CREATE VIEW replay_interval AS
SELECT policy_id, position, provisioned_watts, drawn_watts, servers, capacity_queries_per_second, arrived_queries,
    unserved_queries, plan_status, plan_gap_fraction, starting_server_seconds, draining_server_seconds,
    idle_server_seconds, failed_server_seconds, starting_joules, dropped_queries
FROM replay_interval_row
UNION ALL
SELECT
    spine.policy_id AS policy_id,
    spine.first_position + ordinal.number AS position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'provisioned_watts'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS provisioned_watts,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'drawn_watts'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS drawn_watts,
    CAST((SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'servers'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS INTEGER) AS servers,
    (SELECT coalesce(sum(replay_number.number), 0) FROM replay_policy
        JOIN replay_model ON replay_model.replay_id = replay_policy.replay_id
        JOIN replay_number ON replay_number.policy_id = replay_policy.id
            AND replay_number.quantity = 'capacity_queries_per_second'
            AND replay_number.model_position = replay_model.position
            AND replay_number.first_position = spine.first_position AND replay_number.place = ordinal.number
        WHERE replay_policy.id = spine.policy_id) AS capacity_queries_per_second,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'arrived_queries'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS arrived_queries,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'unserved_queries'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS unserved_queries,
    CASE CAST(
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'plan_status'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS INTEGER)
        WHEN 0 THEN 'optimal' WHEN 1 THEN 'feasible' WHEN 2 THEN 'infeasible' END AS plan_status,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'plan_gap_fraction'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS plan_gap_fraction,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'starting_server_seconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS starting_server_seconds,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'draining_server_seconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS draining_server_seconds,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'idle_server_seconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS idle_server_seconds,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'failed_server_seconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS failed_server_seconds,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'starting_joules'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS starting_joules,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'dropped_queries'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS dropped_queries
FROM replay_series AS spine
JOIN ordinal ON ordinal.number < spine.number_count
WHERE spine.quantity = 'provisioned_watts';

CREATE VIEW replay_load AS
SELECT policy_id, interval_position, model_position, load_queries_per_second, capacity_queries_per_second,
    is_violated, forecast_queries_per_second
FROM replay_load_row
UNION ALL
SELECT
    spine.policy_id AS policy_id,
    spine.first_position + ordinal.number AS interval_position,
    spine.model_position AS model_position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'load_queries_per_second'
        AND replay_number.model_position = spine.model_position AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS load_queries_per_second,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'capacity_queries_per_second'
        AND replay_number.model_position = spine.model_position AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS capacity_queries_per_second,
    CAST((SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'is_violated'
        AND replay_number.model_position = spine.model_position AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS INTEGER) AS is_violated,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'forecast_queries_per_second'
        AND replay_number.model_position = spine.model_position AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS forecast_queries_per_second
FROM replay_series AS spine
JOIN ordinal ON ordinal.number < spine.number_count
WHERE spine.quantity = 'is_violated';

-- From an interval on, so many servers of a type run a model, until another row of this pair begins.
CREATE VIEW replay_allocation_change AS
SELECT policy_id, interval_position, model_position, server_type_position, servers,
    coalesce(
        lead(interval_position) OVER (
            PARTITION BY policy_id, model_position, server_type_position ORDER BY interval_position),
        (SELECT replay_policy.interval_count FROM replay_policy WHERE replay_policy.id = policy_id))
        AS until_position
FROM (
    SELECT
        spine.policy_id AS policy_id,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'allocation_interval_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS interval_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'allocation_model_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS model_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'allocation_server_type_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS server_type_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'allocation_servers'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS servers
    FROM replay_series AS spine
    JOIN ordinal ON ordinal.number < spine.number_count
    WHERE spine.quantity = 'allocation_interval_position');

CREATE VIEW replay_allocation AS
SELECT policy_id, interval_position, model_position, server_type_position, servers FROM replay_allocation_row
UNION ALL
SELECT
    change.policy_id AS policy_id,
    spine.first_position + ordinal.number AS interval_position,
    change.model_position AS model_position,
    change.server_type_position AS server_type_position,
    change.servers AS servers
FROM replay_allocation_change AS change
JOIN replay_series AS spine ON spine.policy_id = change.policy_id AND spine.quantity = 'provisioned_watts'
    AND spine.model_position = -1 AND spine.first_position < change.until_position
    AND spine.first_position + spine.number_count > change.interval_position
JOIN ordinal ON ordinal.number < spine.number_count
    AND ordinal.number >= change.interval_position - spine.first_position
    AND ordinal.number < change.until_position - spine.first_position
WHERE change.servers > 0;

CREATE VIEW replay_serving AS
SELECT policy_id, at_nanoseconds, model_position, server_type_position, servers FROM replay_serving_row
UNION ALL
SELECT
    spine.policy_id AS policy_id,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'serving_at_nanoseconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS at_nanoseconds,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'serving_model_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS model_position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'serving_server_type_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS server_type_position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'serving_servers'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS servers
FROM replay_series AS spine
JOIN ordinal ON ordinal.number < spine.number_count
WHERE spine.quantity = 'serving_at_nanoseconds';

CREATE VIEW replay_decision AS
SELECT policy_id, position, at_nanoseconds, reason, model_position, before_queries_per_second,
    needed_queries_per_second
FROM replay_decision_row
UNION ALL
SELECT
    spine.policy_id AS policy_id,
    spine.first_position + ordinal.number AS position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'decision_at_nanoseconds'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS at_nanoseconds,
    CASE (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'decision_reason'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number)
        WHEN 0 THEN 'first' WHEN 1 THEN 'load_rose' WHEN 2 THEN 'load_fell' WHEN 3 THEN 'better_plan'
        WHEN 4 THEN 'follow_up' WHEN 5 THEN 'servers_changed' WHEN 6 THEN 'headroom_cut'
        WHEN 7 THEN 'overload' END AS reason,
    nullif((SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'decision_model_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number), -1) AS model_position,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id
        AND replay_number.quantity = 'decision_before_queries_per_second'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS before_queries_per_second,
    (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id
        AND replay_number.quantity = 'decision_needed_queries_per_second'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS needed_queries_per_second
FROM replay_series AS spine
JOIN ordinal ON ordinal.number < spine.number_count
WHERE spine.quantity = 'decision_at_nanoseconds';

CREATE VIEW replay_action AS
SELECT policy_id, decision_position, position, "action", model_position, server_type_position, servers
FROM replay_action_row
UNION ALL
SELECT policy_id, decision_position,
    row_number() OVER (PARTITION BY policy_id, decision_position ORDER BY order_position) - 1 AS position,
    CASE WHEN servers > 0 THEN 'start' ELSE 'stop' END AS "action", model_position, server_type_position,
    abs(servers) AS servers
FROM (
    SELECT
        spine.policy_id AS policy_id,
        spine.first_position + ordinal.number AS order_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'action_decision_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS decision_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'action_model_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS model_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'action_server_type_position'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS server_type_position,
        (SELECT replay_number.number FROM replay_number
        WHERE replay_number.policy_id = spine.policy_id AND replay_number.quantity = 'action_servers'
        AND replay_number.model_position = -1 AND replay_number.first_position = spine.first_position
        AND replay_number.place = ordinal.number) AS servers
    FROM replay_series AS spine
    JOIN ordinal ON ordinal.number < spine.number_count
    WHERE spine.quantity = 'action_decision_position');

-- One row per policy of a replay: the figures that the command prints.
CREATE VIEW replay_summary AS
SELECT
    replay.id AS replay_id,
    trace.name AS trace,
    replay_policy.name AS policy,
    replay_policy.name = replay.subject AS is_subject,
    coalesce(replay_policy.interval_count, power.intervals) AS intervals,
    coalesce(replay_policy.mean_provisioned_watts, power.mean_provisioned_watts) AS mean_provisioned_watts,
    coalesce(replay_policy.peak_provisioned_watts, power.peak_provisioned_watts) AS peak_provisioned_watts,
    coalesce(replay_policy.mean_drawn_watts, power.mean_drawn_watts) AS mean_drawn_watts,
    coalesce(replay_policy.mean_provisioned_watts * replay_policy.interval_count, power.provisioned_watts_sum)
        * replay_policy.interval_nanoseconds / 1e9 AS provisioned_energy_joules,
    coalesce(replay_policy.mean_drawn_watts * replay_policy.interval_count, power.drawn_watts_sum)
        * replay_policy.interval_nanoseconds / 1e9 AS drawn_energy_joules,
    coalesce(1.0 * replay_policy.servers / replay_policy.interval_count, power.mean_servers) AS mean_servers,
    coalesce(replay_policy.peak_servers, power.peak_servers) AS peak_servers,
    coalesce(1.0 * replay_policy.violated_pairs / replay_policy.pairs, service.violation_fraction)
        AS violation_fraction,
    coalesce(
        coalesce(replay_policy.unserved_queries, power.unserved_queries)
            / nullif(coalesce(replay_policy.arrived_queries, power.arrived_queries), 0), 0) AS unserved_fraction,
    replay_policy.decision_seconds AS decision_seconds,
    (SELECT group_concat(provenance, ' ') FROM (SELECT DISTINCT provenance FROM replay_efficiency
        WHERE replay_efficiency.replay_id = replay.id ORDER BY provenance)) AS provenance,
    (SELECT group_concat(power_provenance, ' ') FROM (SELECT DISTINCT power_provenance FROM replay_efficiency
        WHERE replay_efficiency.replay_id = replay.id ORDER BY power_provenance)) AS power_provenance,
    replay.seed AS seed,
    datetime(replay.replayed_at_unix_seconds, 'unixepoch') AS replayed_at_utc,
    replay.tool_version AS tool_version,
    replay.run_id AS run_id
FROM replay
JOIN trace ON trace.id = replay.trace_id
JOIN replay_policy ON replay_policy.replay_id = replay.id
LEFT JOIN (
    SELECT
        policy_id,
        count(*) AS intervals,
        avg(provisioned_watts) AS mean_provisioned_watts,
        max(provisioned_watts) AS peak_provisioned_watts,
        avg(drawn_watts) AS mean_drawn_watts,
        sum(provisioned_watts) AS provisioned_watts_sum,
        sum(drawn_watts) AS drawn_watts_sum,
        avg(servers) AS mean_servers,
        max(servers) AS peak_servers,
        sum(arrived_queries) AS arrived_queries,
        sum(unserved_queries) AS unserved_queries
    FROM replay_interval_row
    GROUP BY policy_id
) AS power ON power.policy_id = replay_policy.id
LEFT JOIN (
    SELECT policy_id, avg(is_violated) AS violation_fraction
    FROM replay_load_row
    WHERE load_queries_per_second IS NOT NULL
    GROUP BY policy_id
) AS service ON service.policy_id = replay_policy.id;

CREATE VIEW replay_interval_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    replay_load.interval_position AS interval_position,
    datetime(
        trace.start_unix_seconds + replay_load.interval_position * (replay_policy.interval_nanoseconds / 1e9),
        'unixepoch') AS starts_at_utc,
    replay_model.name AS model,
    replay_load.load_queries_per_second AS load_queries_per_second,
    replay_load.capacity_queries_per_second AS capacity_queries_per_second,
    replay_load.is_violated AS is_violated,
    coalesce(
        (SELECT CAST(replay_number.number AS INTEGER) FROM replay_number
            WHERE replay_number.policy_id = replay_load.policy_id AND replay_number.quantity = 'servers'
            AND replay_number.model_position = replay_load.model_position
            AND replay_number.first_position = replay_load.interval_position / 1024 * 1024
            AND replay_number.place = replay_load.interval_position % 1024),
        (SELECT sum(replay_allocation_row.servers) FROM replay_allocation_row
            WHERE replay_allocation_row.policy_id = replay_load.policy_id
            AND replay_allocation_row.interval_position = replay_load.interval_position
            AND replay_allocation_row.model_position = replay_load.model_position), 0) AS servers
FROM replay_load
JOIN replay_policy ON replay_policy.id = replay_load.policy_id
JOIN replay ON replay.id = replay_policy.replay_id
JOIN trace ON trace.id = replay.trace_id
JOIN replay_model ON replay_model.replay_id = replay.id AND replay_model.position = replay_load.model_position;


CREATE VIEW replay_allocation_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    replay_allocation.interval_position AS interval_position,
    replay_model.name AS model,
    replay_server_type.name AS server_type,
    replay_allocation.servers AS servers
FROM replay_allocation
JOIN replay_policy ON replay_policy.id = replay_allocation.policy_id
JOIN replay_model ON replay_model.replay_id = replay_policy.replay_id
    AND replay_model.position = replay_allocation.model_position
JOIN replay_server_type ON replay_server_type.replay_id = replay_policy.replay_id
    AND replay_server_type.position = replay_allocation.server_type_position;

CREATE VIEW replay_decision_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    datetime(trace.start_unix_seconds + replay_decision.at_nanoseconds / 1000000000, 'unixepoch') AS decided_at_utc,
    replay_decision.reason AS reason,
    replay_model.name AS model,
    replay_decision.before_queries_per_second AS before_queries_per_second,
    replay_decision.needed_queries_per_second AS needed_queries_per_second,
    coalesce(orders.servers_started, 0) AS servers_started,
    coalesce(orders.servers_stopped, 0) AS servers_stopped
FROM replay_decision
JOIN replay_policy ON replay_policy.id = replay_decision.policy_id
JOIN replay ON replay.id = replay_policy.replay_id
JOIN trace ON trace.id = replay.trace_id
LEFT JOIN replay_model ON replay_model.replay_id = replay.id
    AND replay_model.position = replay_decision.model_position
LEFT JOIN (
    SELECT policy_id, decision_position,
        sum(servers) FILTER (WHERE "action" = 'start') AS servers_started,
        sum(servers) FILTER (WHERE "action" = 'stop') AS servers_stopped
    FROM replay_action GROUP BY policy_id, decision_position
) AS orders ON orders.policy_id = replay_decision.policy_id AND orders.decision_position = replay_decision.position;

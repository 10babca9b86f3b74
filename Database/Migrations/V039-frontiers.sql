-- What the policies of a replay use and miss as each one's own knob is turned, in blocks of the trace: from these sums
-- savings at equal service are read, with intervals by resampling the blocks.

CREATE TABLE frontier_point (
    id INTEGER PRIMARY KEY,
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    policy TEXT NOT NULL CHECK (policy <> ''),
    -- What was turned, for example headroom_factor, and where it stood: a share or a factor.
    knob TEXT NOT NULL CHECK (knob <> ''),
    setting_fraction REAL NOT NULL CHECK (setting_fraction >= 0 AND setting_fraction < 9e999),
    -- Whether this is how the scenario has it.
    is_own INTEGER NOT NULL CHECK (is_own IN (0, 1)),
    tool_version TEXT NOT NULL,
    played_at_unix_seconds INTEGER NOT NULL,
    UNIQUE (replay_id, position)
) STRICT;

CREATE TABLE frontier_block (
    point_id INTEGER NOT NULL REFERENCES frontier_point (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    duration_seconds REAL NOT NULL CHECK (duration_seconds > 0 AND duration_seconds < 9e999),
    drawn_joules REAL NOT NULL CHECK (drawn_joules >= 0 AND drawn_joules < 9e999),
    provisioned_joules REAL NOT NULL CHECK (provisioned_joules >= 0 AND provisioned_joules < 9e999),
    -- Of the energy drawn, in the currency of the scenario's tariff; NULL without a price.
    cost_in_currency REAL CHECK (cost_in_currency > -9e999 AND cost_in_currency < 9e999),
    pairs INTEGER NOT NULL CHECK (pairs >= 0),
    violated_pairs INTEGER NOT NULL CHECK (violated_pairs BETWEEN 0 AND pairs),
    arrived_queries REAL NOT NULL CHECK (arrived_queries >= 0 AND arrived_queries < 9e999),
    unserved_queries REAL NOT NULL CHECK (unserved_queries >= 0 AND unserved_queries < 9e999),
    -- Servers started and stopped.
    changes INTEGER NOT NULL CHECK (changes >= 0),
    PRIMARY KEY (point_id, position)
) STRICT, WITHOUT ROWID;

-- One row for each setting of each policy, over the whole trace.
CREATE VIEW frontier_summary AS
SELECT
    frontier_point.id AS point_id,
    replay_id,
    policy,
    knob,
    setting_fraction,
    is_own,
    sum(drawn_joules) / sum(duration_seconds) AS mean_drawn_watts,
    sum(provisioned_joules) / sum(duration_seconds) AS mean_provisioned_watts,
    CASE WHEN count(cost_in_currency) = count(*) THEN sum(cost_in_currency) END AS cost_in_currency,
    CAST(sum(violated_pairs) AS REAL) / max(1, sum(pairs)) AS violation_fraction,
    CASE WHEN sum(arrived_queries) > 0 THEN sum(unserved_queries) / sum(arrived_queries) ELSE 0.0 END
        AS unserved_fraction,
    sum(changes) AS changes
FROM frontier_point
JOIN frontier_block ON frontier_block.point_id = frontier_point.id
GROUP BY frontier_point.id;

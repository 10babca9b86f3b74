-- The live controller: what it read, decided, ordered and was told, so that its state can be rebuilt and
-- nobody can change the past unnoticed. Rows are only ever added, but for the lease; what is forgotten goes
-- from the oldest on.

CREATE TABLE controller_run (
    id INTEGER PRIMARY KEY,
    started_at_unix_milliseconds INTEGER NOT NULL CHECK (started_at_unix_milliseconds >= 0),
    host TEXT NOT NULL CHECK (host <> ''),
    process INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    scenario_digest TEXT NOT NULL CHECK (length(scenario_digest) = 64),
    mode TEXT NOT NULL CHECK (mode IN ('observe', 'advisory', 'approve', 'active'))
) STRICT;

-- Who may act. The beat rises with every renewal, so that no two clocks are ever compared.
CREATE TABLE controller_lease (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    holder TEXT NOT NULL CHECK (holder <> ''),
    generation INTEGER NOT NULL CHECK (generation >= 1),
    beat INTEGER NOT NULL CHECK (beat >= 0),
    renewed_at_unix_milliseconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One interval that was decided for, and everything its decision depended on beside the loads.
CREATE TABLE controller_tick (
    tick INTEGER PRIMARY KEY CHECK (tick >= 0),
    run_id INTEGER NOT NULL REFERENCES controller_run (id),
    at_unix_milliseconds INTEGER NOT NULL,
    -- Intervals that went by without a decision just before.
    missed INTEGER NOT NULL CHECK (missed >= 0),
    -- The fleet as it was seen, overrides and holds.
    circumstances_json TEXT NOT NULL CHECK (json_valid(circumstances_json)),
    -- What the planner answered, so that a rebuild need not plan.
    answers_json TEXT NOT NULL CHECK (json_valid(answers_json))
) STRICT;

CREATE TABLE controller_observation (
    tick INTEGER NOT NULL REFERENCES controller_tick (tick) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    -- fresh, idle, thin_ok or held, and why.
    state TEXT NOT NULL CHECK (state IN ('fresh', 'idle', 'thin_ok', 'held')),
    cause TEXT,
    load_queries_per_second REAL CHECK (load_queries_per_second >= 0),
    sample_age_seconds REAL,
    samples INTEGER,
    expected_samples INTEGER,
    -- The reading by itself, before anything seen earlier counts.
    assessment_json TEXT NOT NULL CHECK (json_valid(assessment_json)),
    PRIMARY KEY (tick, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE controller_decision (
    id INTEGER PRIMARY KEY,
    tick INTEGER NOT NULL UNIQUE REFERENCES controller_tick (tick) ON DELETE CASCADE,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    reason TEXT NOT NULL,
    model TEXT,
    objective_watts REAL NOT NULL CHECK (objective_watts >= 0),
    bound_watts REAL CHECK (bound_watts >= 0),
    gap_fraction REAL CHECK (gap_fraction >= 0),
    route TEXT NOT NULL,
    planning_seconds REAL NOT NULL CHECK (planning_seconds >= 0),
    -- All that the interface shows of it.
    decision_json TEXT NOT NULL CHECK (json_valid(decision_json))
) STRICT;

-- Written before it is carried out.
CREATE TABLE controller_order (
    id INTEGER PRIMARY KEY,
    decision_id INTEGER NOT NULL REFERENCES controller_decision (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    server_type TEXT NOT NULL,
    from_servers INTEGER NOT NULL CHECK (from_servers >= 0),
    to_servers INTEGER NOT NULL CHECK (to_servers >= 0),
    generation INTEGER NOT NULL CHECK (generation >= 1)
) STRICT;

CREATE INDEX controller_order_by_decision ON controller_order (decision_id);

-- What became of an order, the latest last.
CREATE TABLE controller_order_state (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES controller_order (id) ON DELETE CASCADE,
    at_unix_milliseconds INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('written', 'accepted', 'applied', 'lagging', 'conflict', 'refused', 'cancelled')),
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX controller_order_state_by_order ON controller_order_state (order_id);

CREATE TABLE controller_counterfactual (
    decision_id INTEGER NOT NULL REFERENCES controller_decision (id) ON DELETE CASCADE,
    policy TEXT NOT NULL CHECK (policy <> ''),
    provisioned_watts REAL NOT NULL CHECK (provisioned_watts >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 0),
    is_short INTEGER NOT NULL CHECK (is_short IN (0, 1)),
    PRIMARY KEY (decision_id, policy)
) STRICT, WITHOUT ROWID;

CREATE TABLE controller_event (
    id INTEGER PRIMARY KEY,
    tick INTEGER REFERENCES controller_tick (tick) ON DELETE CASCADE,
    at_unix_milliseconds INTEGER NOT NULL,
    event_json TEXT NOT NULL CHECK (json_valid(event_json))
) STRICT;

CREATE INDEX controller_event_by_tick ON controller_event (tick);

-- Who changed what.
CREATE TABLE controller_audit (
    id INTEGER PRIMARY KEY,
    at_unix_milliseconds INTEGER NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action <> ''),
    before_json TEXT CHECK (before_json IS NULL OR json_valid(before_json)),
    after_json TEXT CHECK (after_json IS NULL OR json_valid(after_json))
) STRICT;

-- One link for every tick with all that belongs to it, every state of an order, and every line of the audit:
-- each digest covers the one before.
CREATE TABLE controller_chain (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('tick', 'order_state', 'audit', 'forgotten')),
    row_id INTEGER NOT NULL,
    previous_digest TEXT NOT NULL CHECK (length(previous_digest) = 64),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    UNIQUE (kind, row_id)
) STRICT;

-- Up to which tick the past was forgotten.
CREATE TABLE controller_forgotten (
    id INTEGER PRIMARY KEY,
    at_unix_milliseconds INTEGER NOT NULL,
    before_tick INTEGER NOT NULL CHECK (before_tick >= 0)
) STRICT;

CREATE TRIGGER controller_run_stays BEFORE UPDATE ON controller_run
BEGIN SELECT RAISE(ABORT, 'runs of a controller are only added'); END;

CREATE TRIGGER controller_run_kept BEFORE DELETE ON controller_run
BEGIN SELECT RAISE(ABORT, 'runs of a controller are only added'); END;

CREATE TRIGGER controller_tick_stays BEFORE UPDATE ON controller_tick
BEGIN SELECT RAISE(ABORT, 'ticks are only added'); END;

CREATE TRIGGER controller_tick_kept BEFORE DELETE ON controller_tick
WHEN old.tick >= (SELECT coalesce(max(before_tick), 0) FROM controller_forgotten)
BEGIN SELECT RAISE(ABORT, 'ticks are only added'); END;

CREATE TRIGGER controller_observation_stays BEFORE UPDATE ON controller_observation
BEGIN SELECT RAISE(ABORT, 'observations are only added'); END;

CREATE TRIGGER controller_observation_kept BEFORE DELETE ON controller_observation
WHEN old.tick >= (SELECT coalesce(max(before_tick), 0) FROM controller_forgotten)
BEGIN SELECT RAISE(ABORT, 'observations are only added'); END;

CREATE TRIGGER controller_decision_stays BEFORE UPDATE ON controller_decision
BEGIN SELECT RAISE(ABORT, 'decisions are only added'); END;

CREATE TRIGGER controller_decision_kept BEFORE DELETE ON controller_decision
WHEN old.tick >= (SELECT coalesce(max(before_tick), 0) FROM controller_forgotten)
BEGIN SELECT RAISE(ABORT, 'decisions are only added'); END;

CREATE TRIGGER controller_order_stays BEFORE UPDATE ON controller_order
BEGIN SELECT RAISE(ABORT, 'orders are only added'); END;

CREATE TRIGGER controller_order_kept BEFORE DELETE ON controller_order
WHEN EXISTS (
    SELECT 1 FROM controller_decision
    WHERE id = old.decision_id
        AND tick >= (SELECT coalesce(max(before_tick), 0) FROM controller_forgotten))
BEGIN SELECT RAISE(ABORT, 'orders are only added'); END;

CREATE TRIGGER controller_order_state_stays BEFORE UPDATE ON controller_order_state
BEGIN SELECT RAISE(ABORT, 'states of orders are only added'); END;

CREATE TRIGGER controller_order_state_kept BEFORE DELETE ON controller_order_state
WHEN EXISTS (
    SELECT 1 FROM controller_order JOIN controller_decision ON controller_decision.id = decision_id
    WHERE controller_order.id = old.order_id
        AND tick >= (SELECT coalesce(max(before_tick), 0) FROM controller_forgotten))
BEGIN SELECT RAISE(ABORT, 'states of orders are only added'); END;

CREATE TRIGGER controller_audit_stays BEFORE UPDATE ON controller_audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;

CREATE TRIGGER controller_audit_kept BEFORE DELETE ON controller_audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;

CREATE TRIGGER controller_chain_stays BEFORE UPDATE ON controller_chain
BEGIN SELECT RAISE(ABORT, 'the chain is only added to'); END;

CREATE TRIGGER controller_chain_kept BEFORE DELETE ON controller_chain
BEGIN SELECT RAISE(ABORT, 'the chain is only added to'); END;

CREATE TRIGGER controller_lease_rises BEFORE UPDATE ON controller_lease
WHEN new.generation < old.generation
BEGIN SELECT RAISE(ABORT, 'the generation of a lease never falls'); END;

CREATE VIEW controller_decision_summary AS
SELECT
    controller_decision.id AS decision_id,
    datetime(at_unix_milliseconds / 1000, 'unixepoch') AS at_utc,
    controller_tick.tick AS tick,
    reason, model, objective_watts, bound_watts, gap_fraction, route, planning_seconds,
    (SELECT count(*) FROM controller_observation AS held
        WHERE held.tick = controller_tick.tick AND held.state = 'held') AS models_held,
    decision_json ->> '$.sentence' AS sentence
FROM controller_decision JOIN controller_tick USING (tick);

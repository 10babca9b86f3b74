-- Studies: a scenario whose keys vary along axes, cell by cell, and who is at which cell. And what cells came to.

CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of definition_json: the same axes over the same scenario's name are the same study, in every file.
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json)),
    tool_version TEXT NOT NULL,
    created_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX study_by_name ON study (name);

-- What one cell came to. Cells of several studies may share it.
CREATE TABLE study_outcome (
    id INTEGER PRIMARY KEY,
    -- Of everything that the outcome depends on.
    inputs_digest TEXT NOT NULL UNIQUE CHECK (length(inputs_digest) = 64),
    -- The policy whose savings are asked for.
    subject TEXT NOT NULL CHECK (subject <> ''),
    -- What costs are in; NULL without a price.
    currency TEXT CHECK (currency <> ''),
    -- Words apart by blanks: every kind of figure that plans could use.
    provenance TEXT NOT NULL,
    power_provenance TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    computed_at_unix_seconds INTEGER NOT NULL
) STRICT;

-- A policy as the cell's scenario has it, over the whole trace.
CREATE TABLE study_outcome_policy (
    outcome_id INTEGER NOT NULL REFERENCES study_outcome (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    policy TEXT NOT NULL CHECK (policy <> ''),
    mean_drawn_watts REAL NOT NULL CHECK (mean_drawn_watts >= 0 AND mean_drawn_watts < 9e999),
    mean_provisioned_watts REAL NOT NULL CHECK (mean_provisioned_watts >= 0 AND mean_provisioned_watts < 9e999),
    violation_fraction REAL NOT NULL CHECK (violation_fraction BETWEEN 0 AND 1),
    unserved_fraction REAL NOT NULL CHECK (unserved_fraction BETWEEN 0 AND 1),
    changes INTEGER NOT NULL CHECK (changes >= 0),
    -- Of the energy drawn; NULL without a price.
    cost_in_currency REAL CHECK (cost_in_currency > -9e999 AND cost_in_currency < 9e999),
    PRIMARY KEY (outcome_id, position)
) STRICT, WITHOUT ROWID;

-- What the subject saves against a policy where both miss as much: a share, below zero for a loss. NULL where no settings
-- bracket the level; bounds hold 90 % of resamples of the trace's days, and are NULL for few days.
CREATE TABLE study_outcome_saving (
    outcome_id INTEGER NOT NULL REFERENCES study_outcome (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    baseline TEXT NOT NULL CHECK (baseline <> ''),
    measure TEXT NOT NULL CHECK (measure IN ('violation', 'unserved')),
    level_fraction REAL NOT NULL CHECK (level_fraction BETWEEN 0 AND 1),
    drawn_saved_fraction REAL CHECK (drawn_saved_fraction > -9e999 AND drawn_saved_fraction <= 1),
    drawn_saved_low_fraction REAL CHECK (drawn_saved_low_fraction > -9e999 AND drawn_saved_low_fraction <= 1),
    drawn_saved_high_fraction REAL CHECK (drawn_saved_high_fraction > -9e999 AND drawn_saved_high_fraction <= 1),
    provisioned_saved_fraction REAL
        CHECK (provisioned_saved_fraction > -9e999 AND provisioned_saved_fraction <= 1),
    provisioned_saved_low_fraction REAL
        CHECK (provisioned_saved_low_fraction > -9e999 AND provisioned_saved_low_fraction <= 1),
    provisioned_saved_high_fraction REAL
        CHECK (provisioned_saved_high_fraction > -9e999 AND provisioned_saved_high_fraction <= 1),
    -- Prices may be below zero, and so a cost.
    cost_saved_fraction REAL CHECK (cost_saved_fraction > -9e999 AND cost_saved_fraction < 9e999),
    cost_saved_low_fraction REAL CHECK (cost_saved_low_fraction > -9e999 AND cost_saved_low_fraction < 9e999),
    cost_saved_high_fraction REAL CHECK (cost_saved_high_fraction > -9e999 AND cost_saved_high_fraction < 9e999),
    -- The least and the greatest share missed among the settings of the baseline.
    baseline_least_fraction REAL NOT NULL CHECK (baseline_least_fraction BETWEEN 0 AND 1),
    baseline_greatest_fraction REAL NOT NULL
        CHECK (baseline_greatest_fraction BETWEEN baseline_least_fraction AND 1),
    PRIMARY KEY (outcome_id, position)
) STRICT, WITHOUT ROWID;

-- One combination of values. A cell goes with its outcome: where that is deleted, the next run makes both anew.
CREATE TABLE study_cell (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study (id) ON DELETE CASCADE,
    -- Of the values and of everything that decides the outcome.
    cell_digest TEXT NOT NULL CHECK (length(cell_digest) = 64),
    -- Of all cells that were expanded together: another figure of a server type makes other cells.
    expansion_digest TEXT NOT NULL CHECK (length(expansion_digest) = 64),
    inputs_digest TEXT NOT NULL CHECK (length(inputs_digest) = 64),
    position INTEGER NOT NULL CHECK (position >= 0),
    -- For people; the definition has the values in parts.
    label TEXT NOT NULL CHECK (label <> ''),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'done', 'failed')),
    -- How often computing it failed, and how often a process at it ended without a word.
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    interruptions INTEGER NOT NULL DEFAULT 0 CHECK (interruptions >= 0),
    -- Who is at it, or was last, and the lease: as in job_cell.
    worker_host TEXT,
    worker_process_id INTEGER,
    lease_token TEXT,
    lease_machine TEXT,
    lease_process_start INTEGER,
    lease_began_at_unix_seconds INTEGER,
    lease_expires_at_unix_nanoseconds INTEGER,
    finished_at_unix_seconds INTEGER,
    took_nanoseconds INTEGER CHECK (took_nanoseconds >= 0),
    outcome_id INTEGER REFERENCES study_outcome (id) ON DELETE CASCADE,
    -- What went wrong last.
    error TEXT,
    UNIQUE (study_id, cell_digest),
    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_expires_at_unix_nanoseconds IS NULL)),
    CHECK ((state = 'done') = (outcome_id IS NOT NULL)),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;

CREATE INDEX study_cell_by_state ON study_cell (study_id, expansion_digest, state, position);
CREATE INDEX study_cell_by_outcome ON study_cell (outcome_id);

-- One row per cell and policy compared with, where it is done.
CREATE VIEW study_summary AS
SELECT
    study.name AS study,
    study_cell.position AS cell_position,
    study_cell.label AS label,
    study_cell.state AS state,
    study_outcome.subject AS subject,
    saving.baseline AS baseline,
    saving.measure AS measure,
    saving.level_fraction AS level_fraction,
    saving.drawn_saved_fraction AS drawn_saved_fraction,
    saving.drawn_saved_low_fraction AS drawn_saved_low_fraction,
    saving.drawn_saved_high_fraction AS drawn_saved_high_fraction,
    saving.cost_saved_fraction AS cost_saved_fraction,
    subject.mean_drawn_watts AS subject_mean_drawn_watts,
    subject.violation_fraction AS subject_violation_fraction,
    subject.unserved_fraction AS subject_unserved_fraction,
    other.mean_drawn_watts AS baseline_mean_drawn_watts,
    other.violation_fraction AS baseline_violation_fraction,
    other.unserved_fraction AS baseline_unserved_fraction,
    study_outcome.provenance AS provenance,
    study_cell.error AS error
FROM study_cell
JOIN study ON study.id = study_cell.study_id
LEFT JOIN study_outcome ON study_outcome.id = study_cell.outcome_id
LEFT JOIN study_outcome_saving AS saving ON saving.outcome_id = study_outcome.id
LEFT JOIN study_outcome_policy AS subject
    ON subject.outcome_id = study_outcome.id AND subject.policy = study_outcome.subject
LEFT JOIN study_outcome_policy AS other
    ON other.outcome_id = study_outcome.id AND other.policy = saving.baseline;

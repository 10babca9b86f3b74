-- What was measured and planned with, and who ran it.
-- A definition is kept whole, as JSON, and never changed: another text is another row.

CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    processor TEXT NOT NULL,
    cores INTEGER NOT NULL CHECK (cores >= 1),
    memory_bytes REAL NOT NULL CHECK (memory_bytes >= 0 AND memory_bytes < 9e999),
    operating_system TEXT NOT NULL,
    -- Hosts with one fingerprint share measurements; a container changes its name on every start.
    fingerprint TEXT NOT NULL,
    UNIQUE (name, processor, cores, memory_bytes, operating_system, fingerprint)
) STRICT;

CREATE INDEX host_by_fingerprint ON host (fingerprint);

CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of definition_json.
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    -- SHA-256 of the parts that can change a measurement.
    behaviour_digest TEXT NOT NULL CHECK (length(behaviour_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;

CREATE INDEX model_by_behaviour ON model (behaviour_digest);
CREATE INDEX model_by_name ON model (name);

CREATE TABLE server_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    behaviour_digest TEXT NOT NULL CHECK (length(behaviour_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;

CREATE INDEX server_type_by_behaviour ON server_type (behaviour_digest);
CREATE INDEX server_type_by_name ON server_type (name);

CREATE TABLE scenario (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;

-- One execution of a scenario. A run that was killed stays 'running' for ever.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    scenario_id INTEGER NOT NULL REFERENCES scenario (id),
    -- Two's complement: a seed of 2^63 or more reads as a negative number.
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    started_at_unix_seconds INTEGER NOT NULL,
    finished_at_unix_seconds INTEGER,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed')),
    CHECK ((status = 'running') = (finished_at_unix_seconds IS NULL))
) STRICT;

CREATE INDEX run_by_scenario ON run (scenario_id);

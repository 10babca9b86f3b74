-- Answers of the planner, each with the demand, the fleet and the efficiency figures it was made from.

CREATE TABLE plan (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    method TEXT NOT NULL CHECK (method <> ''),
    fleet_name TEXT NOT NULL,
    -- R: the allocation covers (1 + R) times the demand.
    over_provision_fraction REAL NOT NULL
        CHECK (over_provision_fraction > -1 AND over_provision_fraction < 9e999),
    status TEXT NOT NULL CHECK (status IN ('optimal', 'feasible', 'infeasible')),
    objective_watts REAL NOT NULL CHECK (objective_watts >= 0 AND objective_watts < 9e999),
    -- NULL where nothing was proven.
    bound_watts REAL CHECK (bound_watts > -9e999 AND bound_watts < 9e999),
    tool_version TEXT NOT NULL,
    planned_at_unix_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX plan_by_run ON plan (run_id);

CREATE TABLE plan_demand (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    PRIMARY KEY (plan_id, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_fleet (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    server_type TEXT NOT NULL CHECK (server_type <> ''),
    available_servers INTEGER NOT NULL CHECK (available_servers >= 0),
    PRIMARY KEY (plan_id, server_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_allocation (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    server_type TEXT NOT NULL,
    servers INTEGER NOT NULL CHECK (servers >= 1),
    -- Of one server, from the efficiency table the planner was given.
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    PRIMARY KEY (plan_id, model, server_type),
    FOREIGN KEY (plan_id, server_type) REFERENCES plan_fleet (plan_id, server_type) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX plan_allocation_by_fleet ON plan_allocation (plan_id, server_type);

CREATE TABLE plan_shortfall (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    unserved_queries_per_second REAL NOT NULL
        CHECK (unserved_queries_per_second >= 0 AND unserved_queries_per_second < 9e999),
    PRIMARY KEY (plan_id, model)
) STRICT, WITHOUT ROWID;

-- What people ask the database, under readable names. To change a view, drop it and create it in a new migration.

CREATE VIEW run_summary AS
SELECT
    run.id AS run_id,
    scenario.name AS scenario,
    run.status AS status,
    datetime(run.started_at_unix_seconds, 'unixepoch') AS started_at_utc,
    run.finished_at_unix_seconds - run.started_at_unix_seconds AS duration_seconds,
    run.seed AS seed,
    run.tool_version AS tool_version,
    (SELECT count(*) FROM measurement WHERE measurement.run_id = run.id) AS measurements,
    (SELECT count(*) FROM search WHERE search.run_id = run.id) AS searches,
    (SELECT count(*) FROM plan WHERE plan.run_id = run.id) AS plans,
    (SELECT count(*) FROM replay WHERE replay.run_id = run.id) AS replays
FROM run
JOIN scenario ON scenario.id = run.scenario_id;

CREATE VIEW measurement_summary AS
SELECT
    measurement.id AS measurement_id,
    datetime(measurement.measured_at_unix_seconds, 'unixepoch') AS measured_at_utc,
    model.name AS model,
    server_type.name AS server_type,
    measurement."partition" AS "partition",
    measurement.threads AS threads,
    measurement.workers AS workers,
    measurement.batch_items AS batch_items,
    measurement.purpose AS purpose,
    measurement.load_pattern AS load_pattern,
    measurement.offered_queries_per_second AS offered_queries_per_second,
    measurement.completed_queries_per_second AS completed_queries_per_second,
    measurement.queries AS queries,
    measurement.duration_nanoseconds / 1e9 AS duration_seconds,
    measurement.latency_mean_nanoseconds / 1e6 AS latency_mean_milliseconds,
    measurement.latency_p50_nanoseconds / 1e6 AS latency_p50_milliseconds,
    measurement.latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.latency_p99_nanoseconds / 1e6 AS latency_p99_milliseconds,
    measurement.latency_max_nanoseconds / 1e6 AS latency_max_milliseconds,
    measurement.utilisation_fraction AS utilisation_fraction,
    measurement.power_watts AS power_watts,
    measurement.power_provenance AS power_provenance,
    measurement.provenance AS provenance,
    CASE
        WHEN verdict.measurement_id IS NULL THEN NULL
        ELSE NOT EXISTS (SELECT 1 FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
    END AS is_valid,
    (SELECT group_concat(doubt, ' ') FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
        AS doubts,
    measurement.steal_fraction AS steal_fraction,
    measurement.processor_pressure_fraction AS processor_pressure_fraction,
    measurement.engine AS engine,
    measurement.engine_version AS engine_version,
    host.name AS host,
    host.processor AS processor,
    host.cores AS cores,
    measurement.tool_version AS tool_version,
    measurement.run_id AS run_id
FROM measurement
JOIN model ON model.id = measurement.model_id
JOIN server_type ON server_type.id = measurement.server_type_id
JOIN host ON host.id = measurement.host_id
LEFT JOIN verdict ON verdict.measurement_id = measurement.id;

-- One row per search, with empty figures where no schedule meets the constraints. The latest search of a pair
-- of names is the one that counts, unless one of the two definitions has changed since.
CREATE VIEW efficiency_summary AS
SELECT
    search.id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    efficiency.search_id IS NOT NULL AS is_feasible,
    search.id = max(search.id) OVER (PARTITION BY model.name, server_type.name) AS is_latest,
    efficiency."partition" AS "partition",
    efficiency.threads AS threads,
    efficiency.workers AS workers,
    efficiency.batch_items AS batch_items,
    efficiency.throughput_queries_per_second AS throughput_queries_per_second,
    efficiency.power_watts AS power_watts,
    efficiency.throughput_queries_per_second / nullif(efficiency.power_watts, 0) AS queries_per_joule,
    efficiency.provenance AS provenance,
    efficiency.power_provenance AS power_provenance,
    search.target_quantile AS target_quantile,
    search.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    search.power_budget_watts AS power_budget_watts,
    search.method AS method,
    (SELECT count(*) FROM evaluation WHERE evaluation.search_id = search.id) AS evaluations,
    efficiency.space_size AS space_size,
    datetime(search.searched_at_unix_seconds, 'unixepoch') AS searched_at_utc,
    search.tool_version AS tool_version,
    search.run_id AS run_id
FROM search
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id
LEFT JOIN efficiency ON efficiency.search_id = search.id;

CREATE VIEW evaluation_summary AS
SELECT
    evaluation.search_id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    search.method AS method,
    evaluation.position AS position,
    evaluation."partition" AS "partition",
    evaluation.threads AS threads,
    evaluation.workers AS workers,
    evaluation.batch_items AS batch_items,
    evaluation.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation.power_watts AS power_watts,
    evaluation.provenance AS provenance,
    EXISTS (
        SELECT 1 FROM search_step
        WHERE search_step.search_id = evaluation.search_id
        AND search_step.evaluation_position = evaluation.position
    ) AS is_on_path
FROM evaluation
JOIN search ON search.id = evaluation.search_id
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id;

-- provenance and power_provenance list every kind that the total is made of.
CREATE VIEW plan_summary AS
SELECT
    plan.id AS plan_id,
    plan.method AS method,
    plan.status AS status,
    plan.objective_watts AS objective_watts,
    plan.bound_watts AS bound_watts,
    max(0, (plan.objective_watts - plan.bound_watts) / nullif(plan.objective_watts, 0)) AS gap_fraction,
    plan.over_provision_fraction AS over_provision_fraction,
    (SELECT coalesce(sum(load_queries_per_second), 0) FROM plan_demand WHERE plan_demand.plan_id = plan.id)
        AS load_queries_per_second,
    (SELECT coalesce(sum(servers), 0) FROM plan_allocation WHERE plan_allocation.plan_id = plan.id) AS servers,
    (SELECT coalesce(sum(available_servers), 0) FROM plan_fleet WHERE plan_fleet.plan_id = plan.id)
        AS available_servers,
    (SELECT coalesce(sum(unserved_queries_per_second), 0) FROM plan_shortfall
        WHERE plan_shortfall.plan_id = plan.id) AS unserved_queries_per_second,
    (SELECT group_concat(provenance, ' ') FROM (SELECT DISTINCT provenance FROM plan_allocation
        WHERE plan_allocation.plan_id = plan.id ORDER BY provenance)) AS provenance,
    (SELECT group_concat(power_provenance, ' ') FROM (SELECT DISTINCT power_provenance FROM plan_allocation
        WHERE plan_allocation.plan_id = plan.id ORDER BY power_provenance)) AS power_provenance,
    plan.fleet_name AS fleet,
    datetime(plan.planned_at_unix_seconds, 'unixepoch') AS planned_at_utc,
    plan.tool_version AS tool_version,
    plan.run_id AS run_id
FROM plan;

-- One row per policy of a replay: the figures that the command prints.
CREATE VIEW replay_summary AS
SELECT
    replay.id AS replay_id,
    trace.name AS trace,
    replay_policy.name AS policy,
    replay_policy.name = replay.subject AS is_subject,
    power.intervals AS intervals,
    power.mean_provisioned_watts AS mean_provisioned_watts,
    power.peak_provisioned_watts AS peak_provisioned_watts,
    power.mean_drawn_watts AS mean_drawn_watts,
    power.provisioned_watts_sum * replay_policy.interval_nanoseconds / 1e9 AS provisioned_energy_joules,
    power.drawn_watts_sum * replay_policy.interval_nanoseconds / 1e9 AS drawn_energy_joules,
    power.mean_servers AS mean_servers,
    power.peak_servers AS peak_servers,
    service.violation_fraction AS violation_fraction,
    coalesce(power.unserved_queries / nullif(power.arrived_queries, 0), 0) AS unserved_fraction,
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
    FROM replay_interval
    GROUP BY policy_id
) AS power ON power.policy_id = replay_policy.id
LEFT JOIN (
    SELECT policy_id, avg(is_violated) AS violation_fraction
    FROM replay_load
    WHERE load_queries_per_second IS NOT NULL
    GROUP BY policy_id
) AS service ON service.policy_id = replay_policy.id;

CREATE VIEW replay_interval_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    replay_interval.position AS interval_position,
    datetime(
        trace.start_unix_seconds + replay_interval.position * (replay_policy.interval_nanoseconds / 1e9),
        'unixepoch') AS starts_at_utc,
    replay_model.name AS model,
    replay_load.load_queries_per_second AS load_queries_per_second,
    replay_load.capacity_queries_per_second AS capacity_queries_per_second,
    replay_load.is_violated AS is_violated,
    (SELECT coalesce(sum(replay_allocation.servers), 0) FROM replay_allocation
        WHERE replay_allocation.policy_id = replay_load.policy_id
        AND replay_allocation.interval_position = replay_load.interval_position
        AND replay_allocation.model_position = replay_load.model_position) AS servers
FROM replay_load
JOIN replay_interval ON replay_interval.policy_id = replay_load.policy_id
    AND replay_interval.position = replay_load.interval_position
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

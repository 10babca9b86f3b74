import GRDB
import Quantities
import Vocabulary

/// Replays from their rows.
enum ReplayRow {
    static func insert(
        _ entry: EfficiencyEntry, of id: RecordID<ReplayOutcome>, into database: Database
    ) throws {
        try database.insert(
            into: "replay_efficiency",
            [
                ("replay_id", id.number), ("model", entry.model.name), ("server_type", entry.serverType.name),
                ("target_quantile", entry.target.quantile.value),
                ("target_limit_nanoseconds", entry.target.limit.count),
                ("power_budget_watts", entry.powerBudget?.value), ("method", entry.method),
            ] + ScheduleRow.values(of: entry.schedule) + [
                ("throughput_queries_per_second", entry.throughput.value), ("power_watts", entry.power.value),
                ("power_provenance", entry.powerProvenance.rawValue),
                ("provenance", entry.provenance.rawValue), ("evaluations", entry.evaluations),
                ("space_size", entry.spaceSize),
            ])
    }

    static func replay(from row: StoredRow, _ database: Database) throws -> StoredReplay {
        let id = try row.integer("id")
        let entries = try Row.fetchAll(
            database, sql: "SELECT * FROM replay_efficiency WHERE replay_id = ? ORDER BY model, server_type",
            arguments: [id]
        ).map { try SearchRow.entry(from: StoredRow($0, table: "replay_efficiency", label: "\(id)")) }
        let models = try names("replay_model", of: id, database).map { ModelID($0) }
        let serverTypes = try names("replay_server_type", of: id, database).map { ServerTypeID($0) }
        let trace = try TraceRow.trace(try row.integer("trace_id"), database)
        var reader = TimelineReader(
            models: models, serverTypes: serverTypes, trace: trace, database: database)
        let timelines = try Row.fetchAll(
            database, sql: "SELECT * FROM replay_policy WHERE replay_id = ? ORDER BY position",
            arguments: [id]
        ).map { policy in
            let policy = StoredRow(policy, table: "replay_policy")
            return try policy.optionalInteger("interval_count") == nil
                ? earlierTimeline(from: policy, models: models, serverTypes: serverTypes, database)
                : reader.timeline(from: policy)
        }
        return StoredReplay(
            id: RecordID(id),
            outcome: ReplayOutcome(
                trace: trace, subject: try row.text("subject"), timelines: timelines),
            efficiencyEntries: entries,
            inputsDigest: ContentDigest(stored: try row.text("inputs_digest")), seed: try row.seed("seed"),
            toolVersion: try row.text("tool_version"),
            replayedAtUnixSeconds: try row.integer("replayed_at_unix_seconds"),
            run: try row.optionalInteger("run_id").map { RecordID($0) })
    }

    private static func names(_ table: String, of id: Int64, _ database: Database) throws -> [String] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM \(table) WHERE replay_id = ? ORDER BY position", arguments: [id]
        ).map { try StoredRow($0, table: table, label: "\(id)").text("name") }
    }

    /// A timeline that an earlier version wrote, with a row for each interval.
    private static func earlierTimeline(
        from row: StoredRow, models: [ModelID], serverTypes: [ServerTypeID], _ database: Database
    ) throws -> Timeline {
        let policy = try row.integer("id")
        func rows(_ table: String, _ order: String) throws -> RowCursor {
            try Row.fetchCursor(
                database, sql: "SELECT * FROM \(table) WHERE policy_id = ? ORDER BY \(order)",
                arguments: [policy])
        }
        func label(_ position: Int) -> String { "policy \(policy), interval \(position)" }

        var records: [IntervalRecord] = []
        let intervals = try rows("replay_interval_row", "position")
        while let interval = try intervals.next() {
            let row = StoredRow(interval, table: "replay_interval_row", label: label(records.count))
            guard try row.count("position") == records.count else {
                throw row.fault("position", "\(records.count): the intervals are numbered without gaps")
            }
            records.append(try record(from: row))
        }
        let loads = try rows("replay_load_row", "interval_position, model_position")
        while let load = try loads.next() {
            let row = StoredRow(load, table: "replay_load_row", label: "policy \(policy)")
            let model = try row.element("model_position", of: models)
            let position = try row.position("interval_position", below: records.count)
            records[position].load.loads[model] = try row.optionalQuantity("load_queries_per_second")
            records[position].capacity.loads[model] = try row.optionalQuantity("capacity_queries_per_second")
            if let forecast: QueriesPerSecond = try row.optionalQuantity("forecast_queries_per_second") {
                var known = records[position].forecast ?? Demand([:])
                known.loads[model] = forecast
                records[position].forecast = known
            }
            if try row.integer("is_violated") != 0 { records[position].violatedModels.append(model) }
        }
        let allocations = try rows(
            "replay_allocation_row", "interval_position, model_position, server_type_position")
        while let share = try allocations.next() {
            let row = StoredRow(share, table: "replay_allocation_row", label: "policy \(policy)")
            let position = try row.position("interval_position", below: records.count)
            let model = try row.element("model_position", of: models)
            let serverType = try row.element("server_type_position", of: serverTypes)
            records[position].allocation[model, serverType] = try row.count("servers", atLeast: 1)
        }
        let history = ReplayHistoryRow(
            policy: policy, models: models, serverTypes: serverTypes, database: database)
        return Timeline(
            policy: try row.text("name"), interval: try row.time("interval_nanoseconds"), records: records,
            decisionSeconds: try row.number("decision_seconds"),
            servingSteps: try history.steps(from: row.optionalInteger("serving_from_nanoseconds")),
            decisions: try history.decisions())
    }

    private static func record(from row: StoredRow) throws(StoreError) -> IntervalRecord {
        IntervalRecord(
            load: Demand([:]), capacity: Demand([:]), allocation: Allocation(),
            provisionedPower: try row.quantity("provisioned_watts"),
            drawnPower: try row.quantity("drawn_watts"), violatedModels: [],
            arrivedQueries: try row.number("arrived_queries"),
            unservedQueries: try row.number("unserved_queries"), planStatus: try row.choice("plan_status"),
            planGap: try row.optionalQuantity("plan_gap_fraction"), activity: try activity(from: row))
    }

    private static func activity(from row: StoredRow) throws(StoreError) -> FleetActivity? {
        guard let startingEnergy: Joules = try row.optionalQuantity("starting_joules") else { return nil }
        return FleetActivity(
            startingServerSeconds: try row.number("starting_server_seconds"),
            drainingServerSeconds: try row.number("draining_server_seconds"),
            idleServerSeconds: try row.number("idle_server_seconds"),
            failedServerSeconds: try row.number("failed_server_seconds"),
            startingEnergy: startingEnergy,
            droppedQueries: try row.number("dropped_queries"))
    }
}

extension StoredRow {
    /// A whole number in `0..<below`.
    func position(_ column: String, below: Int) throws(StoreError) -> Int {
        let position = try count(column)
        guard position < below else { throw fault(column, "less than \(below)") }
        return position
    }

    /// The element of a list that the column gives the position of.
    func element<Element>(_ column: String, of list: [Element]) throws(StoreError) -> Element {
        list[try position(column, below: list.count)]
    }
}

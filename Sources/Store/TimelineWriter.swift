import GRDB
import Quantities
import Vocabulary

/// Writes the timelines of one replay, with one compiled statement for each of the long tables.
struct TimelineWriter {
    private let id: RecordID<ReplayOutcome>
    private let database: Database
    private let modelPositions: [ModelID: Int]
    private let serverTypePositions: [ServerTypeID: Int]
    private let intervalStatement: Statement
    private let loadStatement: Statement
    private let allocationStatement: Statement

    /// Numbers every model and server type of the outcome in name order, and writes the numbering.
    init(_ outcome: ReplayOutcome, id: RecordID<ReplayOutcome>, database: Database) throws {
        self.id = id
        self.database = database
        var models: Set<ModelID> = []
        var serverTypes: Set<ServerTypeID> = []
        for record in outcome.timelines.lazy.flatMap(\.records) {
            models.formUnion(record.load.loads.keys)
            models.formUnion(record.capacity.loads.keys)
            models.formUnion(record.violatedModels)
            for share in record.allocation.shares {
                models.insert(share.model)
                serverTypes.insert(share.serverType)
            }
        }
        modelPositions = try Self.number(models, in: "replay_model", of: id, database)
        serverTypePositions = try Self.number(serverTypes, in: "replay_server_type", of: id, database)
        intervalStatement = try database.makeStatement(
            sql: "INSERT INTO replay_interval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        loadStatement = try database.makeStatement(sql: "INSERT INTO replay_load VALUES (?, ?, ?, ?, ?, ?)")
        allocationStatement = try database.makeStatement(
            sql: "INSERT INTO replay_allocation VALUES (?, ?, ?, ?, ?)")
    }

    func write(_ timelines: [Timeline]) throws {
        for (position, timeline) in timelines.enumerated() {
            try database.insert(
                into: "replay_policy",
                [
                    ("replay_id", id.number), ("position", position), ("name", timeline.policy),
                    ("interval_nanoseconds", timeline.interval.count),
                    ("decision_seconds", timeline.decisionSeconds),
                ])
            let policy = database.lastInsertedRowID
            for (interval, record) in timeline.records.enumerated() {
                try write(record, policy: policy, interval: interval)
            }
        }
    }

    private func write(_ record: IntervalRecord, policy: Int64, interval: Int) throws {
        let capacity = record.capacity.models.reduce(0) { $0 + record.capacity[$1].value }
        try intervalStatement.execute(arguments: [
            policy, interval, record.provisionedPower.value, record.drawnPower.value,
            record.allocation.serverCount, capacity, record.arrivedQueries, record.unservedQueries,
            record.planStatus.rawValue, record.planGap?.value,
        ])
        let models = Set(record.load.loads.keys).union(record.capacity.loads.keys).union(
            record.violatedModels)
        for model in models.sorted() {
            try loadStatement.execute(arguments: [
                policy, interval, modelPositions[model], record.load.loads[model]?.value,
                record.capacity.loads[model]?.value, record.violatedModels.contains(model),
            ])
        }
        for share in record.allocation.shares {
            try allocationStatement.execute(arguments: [
                policy, interval, modelPositions[share.model], serverTypePositions[share.serverType],
                share.count,
            ])
        }
    }

    private static func number<Name: NameIdentifier>(
        _ names: Set<Name>, in table: String, of id: RecordID<ReplayOutcome>, _ database: Database
    ) throws -> [Name: Int] {
        var positions: [Name: Int] = [:]
        for (position, name) in names.sorted().enumerated() {
            try database.insert(
                into: table, [("replay_id", id.number), ("position", position), ("name", name.name)])
            positions[name] = position
        }
        return positions
    }
}

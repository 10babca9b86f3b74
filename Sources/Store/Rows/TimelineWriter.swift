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
    private let servingStatement: Statement
    private let decisionStatement: Statement
    private let actionStatement: Statement

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
        for timeline in outcome.timelines {
            let decided = timeline.decisions.flatMap(\.actions).map { ($0.model, $0.serverType) }
            let served = timeline.servingSteps.flatMap(\.serving.shares).map { ($0.model, $0.serverType) }
            for (model, serverType) in decided + served {
                models.insert(model)
                serverTypes.insert(serverType)
            }
            models.formUnion(timeline.decisions.compactMap(\.model))
        }
        modelPositions = try Self.number(models, in: "replay_model", of: id, database)
        serverTypePositions = try Self.number(serverTypes, in: "replay_server_type", of: id, database)
        intervalStatement = try database.makeStatement(
            sql: "INSERT INTO replay_interval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        loadStatement = try database.makeStatement(
            sql: "INSERT INTO replay_load VALUES (?, ?, ?, ?, ?, ?, ?)")
        allocationStatement = try database.makeStatement(
            sql: "INSERT INTO replay_allocation VALUES (?, ?, ?, ?, ?)")
        servingStatement = try database.makeStatement(
            sql: "INSERT INTO replay_serving VALUES (?, ?, ?, ?, ?)")
        decisionStatement = try database.makeStatement(
            sql: "INSERT INTO replay_decision VALUES (?, ?, ?, ?, ?, ?, ?)")
        actionStatement = try database.makeStatement(
            sql: "INSERT INTO replay_action VALUES (?, ?, ?, ?, ?, ?, ?)")
    }

    func write(_ timelines: [Timeline]) throws {
        for (position, timeline) in timelines.enumerated() {
            try database.insert(
                into: "replay_policy",
                [
                    ("replay_id", id.number), ("position", position), ("name", timeline.policy),
                    ("interval_nanoseconds", timeline.interval.count),
                    ("decision_seconds", timeline.decisionSeconds),
                    ("serving_from_nanoseconds", timeline.servingSteps.first?.at.count),
                ])
            let policy = database.lastInsertedRowID
            for (interval, record) in timeline.records.enumerated() {
                try write(record, policy: policy, interval: interval)
            }
            try write(timeline.servingSteps, policy: policy)
            for (position, decision) in timeline.decisions.enumerated() {
                try write(decision, policy: policy, position: position)
            }
        }
    }

    /// Writes what changes from one step to the next.
    private func write(_ steps: [ServingStep], policy: Int64) throws {
        var before = Allocation()
        for step in steps {
            for action in ProvisionerAction.changes(from: before, to: step.serving) {
                try servingStatement.execute(arguments: [
                    policy, step.at.count, modelPositions[action.model],
                    serverTypePositions[action.serverType],
                    step.serving[action.model, action.serverType],
                ])
            }
            before = step.serving
        }
    }

    private func write(_ decision: DecisionEntry, policy: Int64, position: Int) throws {
        try decisionStatement.execute(arguments: [
            policy, position, decision.at.count, decision.reason.rawValue,
            decision.model.flatMap { modelPositions[$0] }, decision.neededBefore?.value,
            decision.neededNow?.value,
        ])
        for (number, action) in decision.actions.enumerated() {
            try actionStatement.execute(arguments: [
                policy, position, number, action.isStart ? "start" : "stop", modelPositions[action.model],
                serverTypePositions[action.serverType], action.count,
            ])
        }
    }

    private func write(_ record: IntervalRecord, policy: Int64, interval: Int) throws {
        let capacity = record.capacity.models.reduce(0) { $0 + record.capacity[$1].value }
        try intervalStatement.execute(arguments: [
            policy, interval, record.provisionedPower.value, record.drawnPower.value,
            record.allocation.serverCount, capacity, record.arrivedQueries, record.unservedQueries,
            record.planStatus.rawValue, record.planGap?.value, record.activity?.startingServerSeconds,
            record.activity?.drainingServerSeconds, record.activity?.idleServerSeconds,
            record.activity?.failedServerSeconds, record.activity?.startingEnergy.value,
            record.activity?.droppedQueries,
        ])
        let models = Set(record.load.loads.keys).union(record.capacity.loads.keys).union(
            record.violatedModels)
        for model in models.sorted() {
            try loadStatement.execute(arguments: [
                policy, interval, modelPositions[model], record.load.loads[model]?.value,
                record.capacity.loads[model]?.value, record.violatedModels.contains(model),
                record.forecast?.loads[model]?.value,
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

import GRDB
import Quantities
import Vocabulary

/// Writes the timelines of one replay as rows of series.
struct TimelineWriter {
    /// A series of a policy.
    struct Key: Hashable {
        let quantity: String
        /// -1 for the whole fleet.
        let model: Int

        /// The numbers of a whole fleet, or what happened one after the other.
        static func fleet(_ quantity: String) -> Key { Key(quantity: quantity, model: -1) }
    }

    private let id: RecordID<ReplayOutcome>
    private let database: Database
    private let modelPositions: [ModelID: Int]
    private let serverTypePositions: [ServerTypeID: Int]
    private let seriesStatement: Statement
    /// The loads of the trace as they are stored, by the position of the model.
    private let traceLoads: [Int: [SeriesChunk]]
    /// What earlier policies have, so that the same numbers stand once.
    private var holders: [Key: [(policy: Int, chunks: [SeriesChunk])]] = [:]

    /// Numbers every model and server type of the outcome in name order, and writes the numbering.
    init(_ outcome: ReplayOutcome, id: RecordID<ReplayOutcome>, database: Database) throws {
        self.id = id
        self.database = database
        var models: Set<ModelID> = []
        var serverTypes: Set<ServerTypeID> = []
        for timeline in outcome.timelines {
            models.formUnion(timeline.records.models)
            models.formUnion(timeline.decisions.models)
            serverTypes.formUnion(timeline.decisions.serverTypes)
            for steps in [timeline.records.allocations, timeline.servingSteps] {
                models.formUnion(steps.usedPairs.map(\.model))
                serverTypes.formUnion(steps.usedPairs.map(\.serverType))
            }
        }
        modelPositions = try Self.number(models, in: "replay_model", of: id, database)
        serverTypePositions = try Self.number(serverTypes, in: "replay_server_type", of: id, database)
        traceLoads = Dictionary(
            uniqueKeysWithValues: modelPositions.filter { outcome.trace.loads[$0.key] != nil }
                .map { ($1, TraceRow.chunks(of: outcome.trace, $0)) })
        seriesStatement = try database.makeStatement(
            sql: "INSERT INTO replay_series VALUES (?, ?, ?, ?, ?, ?, ?)")
    }

    mutating func write(_ timelines: [Timeline]) throws {
        for (position, timeline) in timelines.enumerated() {
            let policy = try insert(timeline, at: position)
            try write(numbers(of: timeline.records), as: .numbers, of: policy, at: position)
            for table in [
                changes(of: timeline.records.allocations, "allocation", at: "interval_position"),
                changes(of: timeline.servingSteps, "serving", at: "at_nanoseconds"),
                orders(of: timeline.decisions),
            ] { try write(table, as: .integers, of: policy, at: position) }
            let (integers, needs) = decisions(of: timeline.decisions)
            try write(integers, as: .integers, of: policy, at: position)
            try write(needs, as: .numbers, of: policy, at: position)
        }
    }

    private func insert(_ timeline: Timeline, at position: Int) throws -> Int64 {
        let pairs = timeline.pairCounts
        try database.insert(
            into: "replay_policy",
            [
                ("replay_id", id.number), ("position", position), ("name", timeline.policy),
                ("interval_nanoseconds", timeline.interval.count),
                ("decision_seconds", timeline.decisionSeconds),
                ("serving_from_nanoseconds", timeline.servingSteps.instants.first),
                ("interval_count", timeline.records.count),
                ("mean_provisioned_watts", timeline.meanProvisionedPower.value),
                ("peak_provisioned_watts", timeline.peakProvisionedPower.value),
                ("mean_drawn_watts", timeline.meanDrawnPower.value),
                ("servers", timeline.serverIntervals), ("peak_servers", timeline.peakServers),
                ("arrived_queries", timeline.arrivedQueries), ("unserved_queries", timeline.unservedQueries),
                ("pairs", pairs.all), ("violated_pairs", pairs.violated),
                ("allocation_count", allocationCount(timeline.records)),
            ])
        return database.lastInsertedRowID
    }

    private func allocationCount(_ records: IntervalRecords) -> Int {
        var count = 0
        records.allocations.forEachStretch(until: Int64(records.count)) { stretch, servers in
            count += stretch.count * servers.count { $0 > 0 }
        }
        return count
    }

    // MARK: Series

    private func numbers(of records: IntervalRecords) -> [(Key, WordSeries)] {
        var series = IntervalRecords.FleetFigure.allCases.map { figure in
            (Key.fleet(figure.rawValue), records.series(figure).words)
        }
        for (model, ofModel) in zip(records.models, records.perModel) {
            let position = modelPositions[model] ?? 0
            for figure in IntervalRecords.ModelFigure.allCases {
                series.append(
                    (Key(quantity: figure.rawValue, model: position), ofModel[figure.position].words))
            }
            series.append((Key(quantity: "servers", model: position), servers(of: model, records)))
        }
        return series
    }

    /// Servers of all types that run a model, for readers of single intervals.
    private func servers(of model: ModelID, _ records: IntervalRecords) -> WordSeries {
        let steps = records.allocations
        let positions = steps.pairs.indices.filter { steps.pairs[$0].model == model }
        var words = WordSeries()
        steps.forEachStretch(until: Int64(records.count)) { stretch, counts in
            let word = Double(positions.reduce(0) { $0 + Int(counts[$1]) }).bitPattern
            for _ in stretch { words.append(word) }
        }
        return words
    }

    /// What changes from one step to the next.
    private func changes(
        of steps: AllocationSteps, _ prefix: String, at instant: String
    ) -> [(Key, WordSeries)] {
        var (instants, models, serverTypes, servers) = (
            WordSeries(), WordSeries(), WordSeries(), WordSeries()
        )
        for step in steps.indices {
            for change in steps.changes(of: step) {
                let pair = steps.pairs[Int(change.pair)]
                instants.append(UInt64(bitPattern: steps.instants[step]))
                models.append(UInt64(modelPositions[pair.model] ?? 0))
                serverTypes.append(UInt64(serverTypePositions[pair.serverType] ?? 0))
                servers.append(UInt64(bitPattern: Int64(change.servers)))
            }
        }
        return [
            (.fleet("\(prefix)_\(instant)"), instants), (.fleet("\(prefix)_model_position"), models),
            (.fleet("\(prefix)_server_type_position"), serverTypes), (.fleet("\(prefix)_servers"), servers),
        ]
    }

    /// The orders of all decisions; servers that stop count below zero.
    private func orders(of log: DecisionLog) -> [(Key, WordSeries)] {
        var (decisions, models, serverTypes, servers) = (
            WordSeries(), WordSeries(), WordSeries(), WordSeries()
        )
        let modelWords = log.models.map { UInt64(modelPositions[$0] ?? 0) }
        let serverTypeWords = log.serverTypes.map { UInt64(serverTypePositions[$0] ?? 0) }
        for index in log.indices {
            for order in log.orders(of: index) {
                decisions.append(UInt64(index))
                models.append(modelWords[Int(order.model)])
                serverTypes.append(serverTypeWords[Int(order.serverType)])
                servers.append(UInt64(bitPattern: Int64(order.servers)))
            }
        }
        return [
            (.fleet("action_decision_position"), decisions), (.fleet("action_model_position"), models),
            (.fleet("action_server_type_position"), serverTypes), (.fleet("action_servers"), servers),
        ]
    }

    private func decisions(
        of log: DecisionLog
    ) -> (integers: [(Key, WordSeries)], needs: [(Key, WordSeries)]) {
        var (instants, reasons, models) = (WordSeries(), WordSeries(), WordSeries())
        for index in log.indices {
            let head = log.head(of: index)
            instants.append(UInt64(bitPattern: head.at))
            reasons.append(UInt64(DecisionReason.allCases.firstIndex(of: head.reason) ?? 0))
            let model = head.model < 0 ? -1 : modelPositions[log.models[head.model]] ?? -1
            models.append(UInt64(bitPattern: Int64(model)))
        }
        return (
            [
                (.fleet("decision_at_nanoseconds"), instants), (.fleet("decision_reason"), reasons),
                (.fleet("decision_model_position"), models),
            ],
            [
                (.fleet("decision_before_queries_per_second"), log.needs.before.words),
                (.fleet("decision_needed_queries_per_second"), log.needs.now.words),
            ]
        )
    }

    // MARK: Rows

    /// Writes series of equal length side by side, so that long and short rows share the pages of the file.
    private mutating func write(
        _ table: [(Key, WordSeries)], as kind: SeriesCoding.Kind, of policy: Int64, at position: Int
    ) throws {
        let columns = table.map { ($0.0, $0.1.allChunks) }
        for place in 0..<(columns.map(\.1.count).max() ?? 0) {
            for (key, chunks) in columns where place < chunks.count {
                let chunk = chunks[place]
                let shared = chunk.constant == nil ? holder(of: chunk, key, place) : nil
                try seriesStatement.execute(arguments: [
                    policy, key.quantity, key.model, place * SeriesChunk.length, chunk.count, shared,
                    shared == nil ? SeriesCoding.value(of: chunk, as: kind) : .null,
                ])
            }
        }
        for (key, chunks) in columns { holders[key, default: []].append((position, chunks)) }
    }

    /// The first policy that has the same numbers in the same place, or -1 where the trace has them.
    private func holder(of chunk: SeriesChunk, _ key: Key, _ place: Int) -> Int? {
        if key.quantity == IntervalRecords.ModelFigure.load.rawValue,
            let loads = traceLoads[key.model], place < loads.count, loads[place] == chunk
        {
            return -1
        }
        return holders[key]?.first { place < $0.chunks.count && $0.chunks[place] == chunk }?.policy
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

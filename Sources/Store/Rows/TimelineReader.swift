import GRDB
import Quantities
import Vocabulary

/// Reads the timelines of one replay from rows of series.
struct TimelineReader {
    private typealias Key = TimelineWriter.Key

    private let models: [ModelID]
    private let serverTypes: [ServerTypeID]
    private let traceLoads: [ModelID: [SeriesChunk]]
    private let database: Database
    /// The series of the policies read so far, in order.
    private var known: [[Key: [SeriesChunk]]] = []

    /// - Parameters:
    ///   - models: by position; likewise server types.
    ///   - trace: that the replay was made of.
    init(models: [ModelID], serverTypes: [ServerTypeID], trace: Trace, database: Database) {
        self.models = models
        self.serverTypes = serverTypes
        self.database = database
        traceLoads = Dictionary(
            uniqueKeysWithValues: trace.models.map { ($0, TraceRow.chunks(of: trace, $0)) })
    }

    /// Reads the next policy's timeline; policies come in order.
    mutating func timeline(from policy: StoredRow) throws -> Timeline {
        let id = try policy.integer("id")
        var series = PolicySeries(policy: id, chunks: try chunks(of: id))
        known.append(series.chunks)
        let count = try policy.count("interval_count")
        let timeline = Timeline(
            policy: try policy.text("name"), interval: try policy.time("interval_nanoseconds"),
            records: try records(count, &series), decisionSeconds: try policy.number("decision_seconds"),
            servingSteps: try servingSteps(from: policy.optionalInteger("serving_from_nanoseconds"), &series),
            decisions: try decisions(&series))
        return timeline
    }

    // MARK: Chunks

    private func chunks(of policy: Int64) throws -> [Key: [SeriesChunk]] {
        var chunks: [Key: [SeriesChunk]] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT * FROM replay_series WHERE policy_id = ?
                ORDER BY quantity, model_position, first_position
                """,
            arguments: [policy])
        while let found = try rows.next() {
            let row = StoredRow(found, table: "replay_series", label: "policy \(policy)")
            let key = Key(quantity: try row.text("quantity"), model: Int(try row.integer("model_position")))
            let place = chunks[key]?.count ?? 0
            guard try row.count("first_position") == place * SeriesChunk.length else {
                throw row.fault("first_position", "\(place * SeriesChunk.length): rows without gaps")
            }
            if let last = chunks[key]?.last, last.count != SeriesChunk.length {
                throw row.fault("first_position", "no row after one that is not full")
            }
            let chunk =
                try row.optionalInteger("shared_policy_position")
                .map { try shared(by: $0, key, place, row) }
                ?? row.chunk(as: SeriesCoding.Kind(ofQuantity: key.quantity))
            chunks[key, default: []].append(chunk)
        }
        return chunks
    }

    /// The numbers that another policy or the trace has.
    private func shared(by policy: Int64, _ key: Key, _ place: Int, _ row: StoredRow) throws -> SeriesChunk {
        let held: [SeriesChunk]?
        if policy == -1 {
            held = models.indices.contains(key.model) ? traceLoads[models[key.model]] : nil
        } else {
            held = known.indices.contains(Int(clamping: policy)) ? known[Int(policy)][key] : nil
        }
        guard let held, place < held.count, held[place].count == (try row.count("number_count")) else {
            throw row.fault("shared_policy_position", "an earlier policy with as many numbers there")
        }
        return held[place]
    }

    // MARK: Intervals

    private func records(_ count: Int, _ series: inout PolicySeries) throws -> IntervalRecords {
        let fleet = try IntervalRecords.FleetFigure.allCases.map { figure in
            try series.numbers(.fleet(figure.rawValue), count: count)
        }
        let present = models.indices.filter { model in
            series.chunks.keys.contains { $0.model == model }
        }
        let perModel = try present.map { model in
            try IntervalRecords.ModelFigure.allCases.map { figure in
                try series.numbers(Key(quantity: figure.rawValue, model: model), count: count)
            }
        }
        var steps = AllocationSteps()
        if count > 0 {
            steps = try allocationSteps("allocation", at: "interval_position", from: 0, &series)
            if let last = steps.instants.last, last >= Int64(count) {
                throw series.fault("allocation_interval_position", "\(last)", "less than \(count)")
            }
        }
        return IntervalRecords(
            models: present.map { models[$0] }, count: count, fleet: fleet, perModel: perModel,
            allocations: steps)
    }

    // MARK: Changes

    private func servingSteps(from first: Int64?, _ series: inout PolicySeries) throws -> AllocationSteps {
        guard let first else { return AllocationSteps() }
        return try allocationSteps("serving", at: "at_nanoseconds", from: first, &series)
    }

    /// Steps of which only changes are stored; the first begins at an instant, with or without servers.
    private func allocationSteps(
        _ prefix: String, at instant: String, from first: Int64, _ series: inout PolicySeries
    ) throws -> AllocationSteps {
        let instants = try series.integers("\(prefix)_\(instant)")
        let ofModels = try series.positions("\(prefix)_model_position", instants.count, below: models.count)
        let ofTypes = try series.positions(
            "\(prefix)_server_type_position", instants.count, below: serverTypes.count)
        let servers = try series.positions("\(prefix)_servers", instants.count, below: Int(Int32.max))
        let pairs = models.flatMap { model in
            serverTypes.map { ModelOnServer(model: model, serverType: $0) }
        }
        var steps = AllocationSteps(pairs: pairs)
        var counts = pairs.map { _ in Int32(0) }
        var at = first
        for index in 0..<instants.count {
            let time = Int64(bitPattern: instants[index])
            guard time >= at else {
                throw series.fault("\(prefix)_\(instant)", "\(time)", "no earlier than \(at)")
            }
            if time > at {
                steps.append(counts, at: at)
                at = time
            }
            counts[Int(ofModels[index]) * serverTypes.count + Int(ofTypes[index])] = Int32(servers[index])
        }
        steps.append(counts, at: at)
        return steps
    }

    private func decisions(_ series: inout PolicySeries) throws -> DecisionLog {
        let instants = try series.integers("decision_at_nanoseconds")
        let count = instants.count
        let reasons = try series.positions("decision_reason", count, below: DecisionReason.allCases.count)
        let moved = try series.positions(
            "decision_model_position", count, from: -1, below: models.count)
        let before = try series.numbers(.fleet("decision_before_queries_per_second"), count: count)
        let now = try series.numbers(.fleet("decision_needed_queries_per_second"), count: count)
        let ordered = try series.integers("action_decision_position")
        let ofModels = try series.positions("action_model_position", ordered.count, below: models.count)
        let ofTypes = try series.positions(
            "action_server_type_position", ordered.count, below: serverTypes.count)
        let servers = try series.positions(
            "action_servers", ordered.count, from: -Int(Int32.max), below: Int(Int32.max))
        var log = DecisionLog()
        var order = 0
        for index in 0..<count {
            var actions: [ProvisionerAction] = []
            while order < ordered.count, ordered[order] == UInt64(index) {
                let model = models[Int(ofModels[order])]
                let serverType = serverTypes[Int(ofTypes[order])]
                let count = Int(Int64(bitPattern: servers[order]))
                actions.append(
                    count < 0
                        ? .stop(model: model, serverType: serverType, count: -count)
                        : .start(model: model, serverType: serverType, count: count))
                order += 1
            }
            let model = Int(Int64(bitPattern: moved[index]))
            log.append(
                DecisionEntry(
                    at: Nanoseconds(Int64(bitPattern: instants[index])),
                    reason: DecisionReason.allCases[Int(reasons[index])],
                    model: model < 0 ? nil : models[model],
                    neededBefore: before[index].map { QueriesPerSecond($0) },
                    neededNow: now[index].map { QueriesPerSecond($0) }, actions: actions))
        }
        guard order == ordered.count else {
            throw series.fault("action_decision_position", "\(ordered[order])", "decisions in order")
        }
        return log
    }
}

/// The series of one policy, with errors that name them.
private struct PolicySeries {
    private typealias Key = TimelineWriter.Key

    let policy: Int64
    let chunks: [TimelineWriter.Key: [SeriesChunk]]

    func fault(_ quantity: String, _ found: String, _ expected: String) -> StoreError {
        .unreadableValue(
            table: "replay_series", row: "policy \(policy)", column: quantity, found: found,
            expected: expected)
    }

    /// Numbers, as many as there must be.
    func numbers(_ key: TimelineWriter.Key, count: Int) throws(StoreError) -> NumberSeries {
        let series = NumberSeries(words: WordSeries(chunks: chunks[key] ?? []))
        guard series.count == count else {
            throw fault(key.quantity, "\(series.count) numbers", "\(count)")
        }
        return series
    }

    /// Integers, however many; none where there is no row.
    func integers(_ quantity: String) throws(StoreError) -> WordSeries {
        WordSeries(chunks: chunks[.fleet(quantity)] ?? [])
    }

    /// Whole numbers of a range, as many as there must be.
    func positions(
        _ quantity: String, _ count: Int, from lowest: Int = 0, below limit: Int
    ) throws(StoreError) -> WordSeries {
        let series = try integers(quantity)
        guard series.count == count else { throw fault(quantity, "\(series.count) numbers", "\(count)") }
        for chunk in series.allChunks {
            let isSound = chunk.allSatisfy {
                Int64(bitPattern: $0) >= Int64(lowest) && Int64(bitPattern: $0) < Int64(limit)
            }
            guard isSound else { throw fault(quantity, "another number", "\(lowest) to \(limit - 1)") }
        }
        return series
    }
}

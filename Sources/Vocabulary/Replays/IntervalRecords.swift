import Quantities

/// What a policy did in every interval of a trace, in columns: a series of numbers for each figure of the
/// fleet and for each figure of each model, and the changes of the allocation.
///
/// A record is put together when it is asked for. Whoever needs one figure of all intervals asks for its
/// series.
public struct IntervalRecords: RandomAccessCollection, Sendable {
    /// A figure of the whole fleet; the raw value is its name in the database.
    package enum FleetFigure: String, CaseIterable, Sendable {
        case provisionedPower = "provisioned_watts"
        case drawnPower = "drawn_watts"
        case servers
        case arrivedQueries = "arrived_queries"
        case unservedQueries = "unserved_queries"
        /// The position of the status in `Plan.Status.allCases`.
        case planStatus = "plan_status"
        case planGap = "plan_gap_fraction"
        case starting = "starting_server_seconds"
        case draining = "draining_server_seconds"
        case idle = "idle_server_seconds"
        case failed = "failed_server_seconds"
        case startingEnergy = "starting_joules"
        case droppedQueries = "dropped_queries"
    }

    /// A figure of one model; the raw value is its name in the database.
    package enum ModelFigure: String, CaseIterable, Sendable {
        case load = "load_queries_per_second"
        case capacity = "capacity_queries_per_second"
        case forecast = "forecast_queries_per_second"
        case isViolated = "is_violated"
    }

    /// In name order.
    public let models: [ModelID]
    public let count: Int
    /// By the order of the figures' cases.
    package let fleet: [NumberSeries]
    /// By model, then by the order of the figures' cases.
    package let perModel: [[NumberSeries]]
    /// Which servers were set aside, from which interval on.
    package let allocations: AllocationSteps

    /// - Precondition: the models are in name order, and every series has as many numbers.
    package init(
        models: [ModelID], count: Int, fleet: [NumberSeries], perModel: [[NumberSeries]],
        allocations: AllocationSteps
    ) {
        precondition(fleet.count == FleetFigure.allCases.count && perModel.count == models.count)
        precondition((fleet + perModel.joined()).allSatisfy { $0.count == count }, "all series are as long")
        self.models = models
        self.count = count
        self.fleet = fleet
        self.perModel = perModel
        self.allocations = allocations
    }

    /// Records as they are listed. O(records * models).
    public init(_ records: some Collection<IntervalRecord>) {
        var models: Set<ModelID> = []
        for record in records {
            models.formUnion(record.load.loads.keys)
            models.formUnion(record.capacity.loads.keys)
            if let forecast = record.forecast { models.formUnion(forecast.loads.keys) }
            models.formUnion(record.violatedModels)
        }
        var builder = IntervalRecordsBuilder(models: models.sorted(), pairs: [])
        for record in records { builder.append(record) }
        self = builder.records
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// A figure of the fleet in every interval.
    package func series(_ figure: FleetFigure) -> NumberSeries { fleet[figure.position] }

    /// A figure of a model in every interval; all unknown for a model that is not there.
    package func series(_ figure: ModelFigure, of model: ModelID) -> NumberSeries {
        models.firstIndex(of: model).map { perModel[$0][figure.position] }
            ?? NumberSeries(words: WordSeries(constant: NumberSeries.unknown, count: count))
    }

    /// The record of an interval. O(models + pairs).
    public subscript(index: Int) -> IntervalRecord {
        record(index, allocation: allocations.allocation(at: Int64(index)))
    }

    /// The record of an interval whose allocation is known already. O(models).
    package func record(_ index: Int, allocation: Allocation) -> IntervalRecord {
        func fleet(_ figure: FleetFigure) -> Double? { self.fleet[figure.position][index] }
        func demand(_ figure: ModelFigure) -> Demand {
            var loads: [ModelID: QueriesPerSecond] = [:]
            for (model, series) in zip(models, perModel) {
                if let number = series[figure.position][index] { loads[model] = QueriesPerSecond(number) }
            }
            return Demand(loads)
        }
        let forecast = demand(.forecast)
        let status = fleet(.planStatus) ?? 0
        return IntervalRecord(
            load: demand(.load), capacity: demand(.capacity), allocation: allocation,
            provisionedPower: Watts(fleet(.provisionedPower) ?? 0),
            drawnPower: Watts(fleet(.drawnPower) ?? 0),
            violatedModels: violated(index), arrivedQueries: fleet(.arrivedQueries) ?? 0,
            unservedQueries: fleet(.unservedQueries) ?? 0,
            planStatus: status == 0 ? .optimal : status == 1 ? .feasible : .infeasible,
            planGap: fleet(.planGap).map { Fraction($0) },
            forecast: forecast.loads.isEmpty ? nil : forecast,
            activity: fleet(.startingEnergy).map { energy in
                FleetActivity(
                    startingServerSeconds: fleet(.starting) ?? 0,
                    drainingServerSeconds: fleet(.draining) ?? 0,
                    idleServerSeconds: fleet(.idle) ?? 0, failedServerSeconds: fleet(.failed) ?? 0,
                    startingEnergy: Joules(energy), droppedQueries: fleet(.droppedQueries) ?? 0)
            })
    }

    private func violated(_ index: Int) -> [ModelID] {
        zip(models, perModel).filter { $1[ModelFigure.isViolated.position][index] == 1 }.map { $0.0 }
    }

    public struct Iterator: IteratorProtocol {
        private let records: IntervalRecords
        private var index = 0
        private var steps: AllocationSteps.Iterator
        private var allocation = Allocation()
        private var coming: ServingStep?

        fileprivate init(_ records: IntervalRecords) {
            self.records = records
            steps = records.allocations.makeIterator()
            coming = steps.next()
        }

        public mutating func next() -> IntervalRecord? {
            guard index < records.count else { return nil }
            while let step = coming, step.at.count <= Int64(index) {
                allocation = step.serving
                coming = steps.next()
            }
            defer { index += 1 }
            return records.record(index, allocation: allocation)
        }
    }

    public func makeIterator() -> Iterator { Iterator(self) }
}

extension IntervalRecords.FleetFigure {
    /// Its place among all figures.
    package var position: Int {
        switch self {
        case .provisionedPower: 0
        case .drawnPower: 1
        case .servers: 2
        case .arrivedQueries: 3
        case .unservedQueries: 4
        case .planStatus: 5
        case .planGap: 6
        case .starting: 7
        case .draining: 8
        case .idle: 9
        case .failed: 10
        case .startingEnergy: 11
        case .droppedQueries: 12
        }
    }
}

extension IntervalRecords.ModelFigure {
    /// Its place among all figures.
    package var position: Int {
        switch self {
        case .load: 0
        case .capacity: 1
        case .forecast: 2
        case .isViolated: 3
        }
    }
}

extension IntervalRecords: Hashable {
    /// Whether all records are equal.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.count == right.count else { return false }
        if left.models == right.models {
            return left.fleet == right.fleet && left.perModel == right.perModel
                && left.allocations == right.allocations
        }
        return zip(left, right).allSatisfy { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(fleet) }
}

extension IntervalRecords: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([IntervalRecord].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Array(self))
    }
}

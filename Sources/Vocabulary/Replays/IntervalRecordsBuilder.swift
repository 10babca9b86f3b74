import Quantities

/// Takes in what a policy did, interval by interval, and codes it on the way, so that a long replay never
/// holds more than its series.
package struct IntervalRecordsBuilder: Sendable {
    /// The figures of one interval, as numbers.
    package struct Interval {
        package var provisionedWatts = 0.0
        package var drawnWatts = 0.0
        package var arrivedQueries = 0.0
        package var unservedQueries = 0.0
        package var planStatus = Plan.Status.feasible
        package var planGap: Fraction?
        package var activity: FleetActivity?

        package init() {}
    }

    private let models: [ModelID]
    private var count = 0
    private var fleet: [NumberSeries]
    private var perModel: [[NumberSeries]]
    private var allocations: AllocationSteps
    private var servers = 0.0

    /// - Parameters:
    ///   - models: in name order.
    ///   - pairs: what allocations may hold.
    package init(models: [ModelID], pairs: [ModelOnServer]) {
        self.models = models
        fleet = IntervalRecords.FleetFigure.allCases.map { _ in NumberSeries() }
        perModel = models.map { _ in IntervalRecords.ModelFigure.allCases.map { _ in NumberSeries() } }
        allocations = AllocationSteps(pairs: pairs)
    }

    /// Everything taken in so far.
    package var records: IntervalRecords {
        IntervalRecords(
            models: models, count: count, fleet: fleet, perModel: perModel, allocations: allocations)
    }

    /// Begins with the next interval's allocation: servers of each pair; nil where it is that of the interval
    /// before. O(pairs).
    package mutating func allocate(_ counts: [Int32]?) {
        guard let counts else { return }
        if count > 0, counts == allocations.lastCounts { return }
        allocations.append(counts, at: Int64(count))
        servers = Double(counts.reduce(0) { $0 + Int($1) })
    }

    /// Takes in an interval, after its allocation.
    /// - Parameters:
    ///   - load: of each model; likewise the others.
    ///   - forecast: nil where nothing was forecast.
    package mutating func append(
        _ interval: Interval, load: [Double?], capacity: [Double?], forecast: [Double?]?, isViolated: [Bool]
    ) {
        put(.provisionedPower, interval.provisionedWatts)
        put(.drawnPower, interval.drawnWatts)
        put(.servers, servers)
        put(.arrivedQueries, interval.arrivedQueries)
        put(.unservedQueries, interval.unservedQueries)
        put(.planStatus, Double(Self.position(of: interval.planStatus)))
        put(.planGap, interval.planGap?.value)
        put(.starting, interval.activity?.startingServerSeconds)
        put(.draining, interval.activity?.drainingServerSeconds)
        put(.idle, interval.activity?.idleServerSeconds)
        put(.failed, interval.activity?.failedServerSeconds)
        put(.startingEnergy, interval.activity?.startingEnergy.value)
        put(.droppedQueries, interval.activity?.droppedQueries)
        for model in models.indices {
            put(.load, of: model, load[model])
            put(.capacity, of: model, capacity[model])
            put(.forecast, of: model, forecast?[model])
            put(.isViolated, of: model, isViolated[model] ? 1 : 0)
        }
        count += 1
    }

    /// Takes in a record.
    package mutating func append(_ record: IntervalRecord) {
        if count == 0 || allocations.last?.serving != record.allocation {
            allocations.append(record.allocation, at: Int64(count))
            servers = Double(record.allocation.serverCount)
        }
        var interval = Interval()
        interval.provisionedWatts = record.provisionedPower.value
        interval.drawnWatts = record.drawnPower.value
        interval.arrivedQueries = record.arrivedQueries
        interval.unservedQueries = record.unservedQueries
        interval.planStatus = record.planStatus
        interval.planGap = record.planGap
        interval.activity = record.activity
        append(
            interval, load: models.map { record.load.loads[$0]?.value },
            capacity: models.map { record.capacity.loads[$0]?.value },
            forecast: record.forecast.map { forecast in models.map { forecast.loads[$0]?.value } },
            isViolated: models.map { record.violatedModels.contains($0) })
    }

    private mutating func put(_ figure: IntervalRecords.FleetFigure, _ number: Double?) {
        fleet[figure.position].append(number)
    }

    private mutating func put(_ figure: IntervalRecords.ModelFigure, of model: Int, _ number: Double?) {
        perModel[model][figure.position].append(number)
    }

    private static func position(of status: Plan.Status) -> Int {
        switch status {
        case .optimal: 0
        case .feasible: 1
        case .infeasible: 2
        }
    }
}

import Quantities
import Vocabulary

/// The accounts of one interval under way: integrals over the stretches between changes of the fleet.
///
/// Within a stretch everything is constant. A model's load is spread over its servers by the rule that the
/// figures name; what exceeds their throughput is not served.
struct IntervalAccounting {
    private let figures: FleetFigures
    private var load: [Double] = []
    /// Loads that several models answer, each as far as its servers go, the first one first.
    private var tasks: [TaskLoad] = []
    /// Queries that were offered to each model.
    private var offered: [Double]
    private var provisioned = 0.0
    private var drawn = 0.0
    private var capacity: [Double]
    private var unserved: [Double]
    private var isViolated: [Bool]
    private var starting = 0.0
    private var startingEnergy = 0.0
    private var draining = 0.0
    private var idle = 0.0
    private var failed = 0.0
    private var dropped = 0.0
    private var seconds = 0.0

    /// The load of a task, the models that answer it and the shares up to which they do.
    typealias TaskLoad = (load: Double, models: [Int], caps: [Double])

    /// Rates that hold while the fleet does not change.
    private struct Rates {
        var version = -1
        var capacity: [Double]
        /// Servers of every pair that serve, and how full they are, from 0 to 1.
        var serving: [Int]
        var fullness: [Double]
        var provisioned = 0.0
        var drawn = 0.0
        var starting = 0.0
        var startingPower = 0.0
        var draining = 0.0
        var idle = 0.0
        var failed = 0.0
    }

    private var rates: Rates

    init(_ figures: FleetFigures) {
        self.figures = figures
        let zeros = figures.models.map { _ in 0.0 }
        capacity = zeros
        offered = zeros
        unserved = zeros
        isViolated = figures.models.map { _ in false }
        rates = Rates(
            capacity: zeros, serving: figures.throughput.map { _ in 0 },
            fullness: figures.throughput.map { _ in 0 })
    }

    /// Begins an interval.
    /// - Parameters:
    ///   - load: queries/s of each model; of those that answer a task, what the task gives them counts.
    ///   - tasks: loads that several models answer.
    mutating func begin(_ load: [Double], tasks: [TaskLoad] = []) {
        self.load = load
        self.tasks = tasks
        for model in load.indices {
            offered[model] = 0
            capacity[model] = 0
            unserved[model] = 0
            isViolated[model] = false
        }
        (provisioned, drawn, starting, startingEnergy) = (0, 0, 0, 0)
        (draining, idle, failed, dropped, seconds) = (0, 0, 0, 0, 0)
        rates.version = -1
    }

    /// Books a stretch in which the fleet stays as it is. O(1), and O(models x types) where it has changed.
    mutating func book(_ seconds: Double, of fleet: borrowing FleetModel) {
        guard seconds > 0 else { return }
        if rates.version != fleet.version { look(at: fleet) }
        self.seconds += seconds
        provisioned += rates.provisioned * seconds
        drawn += rates.drawn * seconds
        starting += rates.starting * seconds
        startingEnergy += rates.startingPower * seconds
        draining += rates.draining * seconds
        idle += rates.idle * seconds
        failed += rates.failed * seconds
        for model in load.indices {
            capacity[model] += rates.capacity[model] * seconds
            offered[model] += load[model] * seconds
            let excess = load[model] - rates.capacity[model]
            if excess > load[model] * Coverage.tolerance {
                unserved[model] += excess * seconds
                isViolated[model] = true
            }
        }
    }

    /// Notes queries in flight on servers that were cut off.
    mutating func drop(_ cutOff: [(pair: Int, seconds: Double)]) {
        guard !cutOff.isEmpty else { return }
        // Shares of the load as they were while the servers were still there.
        for (pair, left) in cutOff {
            let model = pair / figures.types.count
            let whole = rates.capacity[model]
            let throughput = figures.throughput[pair]
            guard whole > 0, throughput > 0 else { continue }
            if figures.spreading == .packed {
                dropped += rates.fullness[pair] * throughput * left
                continue
            }
            dropped += min(load[model], whole) * throughput / whole * left
        }
    }

    /// Brings the rates up to date, so that what happens next is seen from here.
    mutating func look(at fleet: borrowing FleetModel) {
        rates.version = fleet.version
        (rates.provisioned, rates.drawn, rates.starting, rates.startingPower) = (0, 0, 0, 0)
        (rates.draining, rates.idle, rates.failed) = (0, 0, 0)
        let types = figures.types.count
        for model in figures.models.indices {
            var whole = 0.0
            for pair in model * types..<(model + 1) * types {
                let serving = fleet.count(.serving, pair)
                rates.serving[pair] = serving
                if serving > 0 { whole += Double(serving) * figures.throughput[pair] }
            }
            rates.capacity[model] = whole
        }
        for task in tasks { route(task) }
        for model in figures.models.indices {
            figures.spread(
                load[model], of: model, by: figures.spreading, whole: rates.capacity[model],
                over: rates.serving, into: &rates.fullness)
            for pair in model * types..<(model + 1) * types {
                let serving = Double(fleet.count(.serving, pair))
                let booting = Double(fleet.count(.booting, pair) + fleet.count(.loading, pair))
                let draining = Double(fleet.count(.draining, pair))
                guard serving + booting + draining > 0 else { continue }
                let (idlePower, power) = (figures.idlePower[pair], figures.power[pair])
                rates.provisioned += (serving + booting + draining) * power
                // One product for each kind of server, in this order, so that equal fleets give equal bits.
                rates.drawn += (idlePower + (power - idlePower) * rates.fullness[pair]) * serving
                rates.drawn += booting * figures.startingPower[pair] + draining * idlePower
                rates.starting += booting
                rates.startingPower += booting * figures.startingPower[pair]
                rates.draining += draining
            }
        }
        for type in figures.types.indices {
            let idle = Double(fleet.count(.idle, type))
            rates.idle += idle
            rates.failed += Double(fleet.count(.failed, type))
            rates.provisioned += idle * figures.typeIdlePower[type]
            rates.drawn +=
                idle * figures.typeIdlePower[type] + Double(fleet.count(.off, type)) * figures.offPower
        }
    }

    /// Gives a task's load to its models: each as much as its servers answer, up to its share, then beyond
    /// it. What is left over is the last one's, whose servers are too few for it.
    private mutating func route(_ task: TaskLoad) {
        var left = task.load
        for model in task.models { load[model] = 0 }
        for isCapped in [true, false] {
            for (model, cap) in zip(task.models, task.caps) where left > 0 {
                let most = isCapped ? min(rates.capacity[model], cap * task.load) : rates.capacity[model]
                let taken = min(left, max(0, most - load[model]))
                load[model] += taken
                left -= taken
            }
        }
        if let last = task.models.last, left > task.load * Coverage.tolerance { load[last] += left }
    }

    /// Hands the figures of the interval over.
    /// - Parameter forecast: of each model; nil where nothing was forecast.
    func record(
        into records: inout IntervalRecordsBuilder, decision: ReplayDecision, forecast: [Double?]?,
        interval length: Nanoseconds, hasActivity: Bool
    ) {
        var interval = IntervalRecordsBuilder.Interval()
        interval.provisionedWatts = provisioned / seconds
        interval.drawnWatts = drawn / seconds
        // Between two tasks' models queries move as the fleet changes.
        let load = tasks.isEmpty ? load : offered.map { $0 / seconds }
        interval.arrivedQueries = load.reduce(0) { $0 + $1 * length.seconds }
        interval.unservedQueries = unserved.reduce(0, +)
        interval.planStatus = decision.planStatus
        interval.planGap = decision.planGap
        if hasActivity {
            interval.activity = FleetActivity(
                startingServerSeconds: starting, drainingServerSeconds: draining, idleServerSeconds: idle,
                failedServerSeconds: failed, startingEnergy: Joules(startingEnergy), droppedQueries: dropped)
        }
        records.append(
            interval, load: load, capacity: capacity.map { $0 / seconds }, forecast: forecast,
            isViolated: isViolated)
    }
}

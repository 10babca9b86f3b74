import Quantities

/// What one policy did in one interval of a trace, and what came of it.
public struct IntervalRecord: Hashable, Codable, Sendable {
    public var load: Demand
    /// Throughput that the allocation offers each model within its latency target.
    public var capacity: Demand
    public var allocation: Allocation
    public var provisionedPower: Watts
    public var drawnPower: Watts
    /// Models whose load exceeded their capacity, in name order.
    public var violatedModels: [ModelID]
    /// Queries that arrived in the interval.
    public var arrivedQueries: Double
    /// Queries beyond the capacity (fluid view).
    public var unservedQueries: Double
    public var planStatus: Plan.Status
    public var planGap: Fraction?
    /// The load that the plan in force was made for, before headroom; nil where nothing was forecast.
    public var forecast: Demand?
    /// What the servers did besides serving; nil where they start and stop in no time and never fail.
    public var activity: FleetActivity?

    public init(
        load: Demand, capacity: Demand, allocation: Allocation, provisionedPower: Watts, drawnPower: Watts,
        violatedModels: [ModelID], arrivedQueries: Double, unservedQueries: Double, planStatus: Plan.Status,
        planGap: Fraction?, forecast: Demand? = nil, activity: FleetActivity? = nil
    ) {
        self.load = load
        self.capacity = capacity
        self.allocation = allocation
        self.provisionedPower = provisionedPower
        self.drawnPower = drawnPower
        self.violatedModels = violatedModels
        self.arrivedQueries = arrivedQueries
        self.unservedQueries = unservedQueries
        self.planStatus = planStatus
        self.planGap = planGap
        self.forecast = forecast
        self.activity = activity
    }
}

/// What servers did in one interval besides serving, as integrals over the interval.
public struct FleetActivity: Hashable, Codable, Sendable {
    /// Booting or loading a model; a server that does so for a second counts one.
    public var startingServerSeconds: Double
    public var drainingServerSeconds: Double
    /// Running without a model.
    public var idleServerSeconds: Double
    public var failedServerSeconds: Double
    /// Drawn by servers that boot or load; part of the interval's drawn energy.
    public var startingEnergy: Joules
    /// Queries in flight on servers that failed, or were stopped before they had drained: at most the
    /// server's share of the load times the latency limit.
    public var droppedQueries: Double

    public init(
        startingServerSeconds: Double, drainingServerSeconds: Double, idleServerSeconds: Double,
        failedServerSeconds: Double, startingEnergy: Joules, droppedQueries: Double
    ) {
        self.startingServerSeconds = startingServerSeconds
        self.drainingServerSeconds = drainingServerSeconds
        self.idleServerSeconds = idleServerSeconds
        self.failedServerSeconds = failedServerSeconds
        self.startingEnergy = startingEnergy
        self.droppedQueries = droppedQueries
    }
}

/// One policy played against one trace.
public struct Timeline: Hashable, Codable, Sendable {
    public let policy: String
    public let interval: Nanoseconds
    public let records: IntervalRecords
    /// Processor time the policy spent deciding, in seconds; not reproducible, so left out of comparisons by
    /// bytes.
    public let decisionSeconds: Double
    /// Which servers served from when, in ascending order from the start of the trace; empty where each
    /// interval's allocation served all of it.
    public let servingSteps: AllocationSteps
    /// Every change to the fleet and why, in order.
    public let decisions: DecisionLog

    public init(
        policy: String, interval: Nanoseconds, records: IntervalRecords, decisionSeconds: Double,
        servingSteps: AllocationSteps, decisions: DecisionLog
    ) {
        self.policy = policy
        self.interval = interval
        self.records = records
        self.decisionSeconds = decisionSeconds
        self.servingSteps = servingSteps
        self.decisions = decisions
    }

    /// A timeline of values as they are listed.
    public init(
        policy: String, interval: Nanoseconds, records: [IntervalRecord], decisionSeconds: Double,
        servingSteps: [ServingStep] = [], decisions: [DecisionEntry] = []
    ) {
        self.init(
            policy: policy, interval: interval, records: IntervalRecords(records),
            decisionSeconds: decisionSeconds, servingSteps: AllocationSteps(servingSteps),
            decisions: DecisionLog(decisions))
    }

    private func sum(_ figure: IntervalRecords.FleetFigure) -> Double {
        var sum = 0.0
        records.series(figure).forEach { sum += $0 ?? 0 }
        return sum
    }

    private func mean(_ figure: IntervalRecords.FleetFigure) -> Double {
        records.isEmpty ? 0 : sum(figure) / Double(records.count)
    }

    private func peak(_ figure: IntervalRecords.FleetFigure) -> Double {
        var peak = 0.0
        records.series(figure).forEach { peak = max(peak, $0 ?? 0) }
        return peak
    }

    /// The integral of a power over the trace.
    private func energy(_ figure: IntervalRecords.FleetFigure) -> Joules {
        var sum = Joules.zero
        records.series(figure).forEach { sum = sum + Watts($0 ?? 0) * interval }
        return sum
    }

    public var meanProvisionedPower: Watts { Watts(mean(.provisionedPower)) }
    public var peakProvisionedPower: Watts { Watts(peak(.provisionedPower)) }
    public var meanDrawnPower: Watts { Watts(mean(.drawnPower)) }
    /// The integral of provisioned power over the trace.
    public var provisionedEnergy: Joules { energy(.provisionedPower) }
    /// The integral of drawn power over the trace.
    public var drawnEnergy: Joules { energy(.drawnPower) }
    public var meanServers: Double { mean(.servers) }
    public var peakServers: Int { Int(min(peak(.servers), 1e15)) }
    /// Servers of all intervals added up.
    package var serverIntervals: Int { Int(min(sum(.servers), 1e18)) }
    /// Queries that arrived, and those beyond the capacity.
    package var arrivedQueries: Double { sum(.arrivedQueries) }
    package var unservedQueries: Double { sum(.unservedQueries) }

    /// How many (interval, model) pairs there are, and in how many the load exceeded the capacity.
    package var pairCounts: (all: Int, violated: Int) {
        var (all, violated) = (0, 0)
        for series in records.perModel {
            series[IntervalRecords.ModelFigure.load.position].forEach { all += $0 == nil ? 0 : 1 }
            series[IntervalRecords.ModelFigure.isViolated.position].forEach { violated += $0 == 1 ? 1 : 0 }
        }
        return (all, violated)
    }

    /// In how many intervals the load could not be planned for.
    public var infeasibleIntervals: Int {
        var count = 0
        records.series(.planStatus).forEach { count += ($0 ?? 0) > 1 ? 1 : 0 }
        return count
    }

    /// The gaps of all plans that proved one.
    public var planGaps: [Double] { records.series(.planGap).known }

    /// Energy drawn by servers that boot or load; nil where the replay did not model it.
    public var startingEnergy: Joules? {
        let energies = records.series(.startingEnergy)
        guard energies.hasKnown else { return nil }
        return energies.known.map { Joules($0) }.total()
    }

    /// Share of (interval, model) pairs in which the load exceeded the capacity.
    public var violationFraction: Fraction {
        let (pairs, violated) = pairCounts
        return Fraction(pairs == 0 ? 0 : Double(violated) / Double(pairs))
    }

    /// Share of all queries that were in flight on servers that failed or were stopped undrained, at most;
    /// nil where the replay did not model it.
    public var droppedFraction: Fraction? {
        let dropped = records.series(.droppedQueries).known
        guard !dropped.isEmpty else { return nil }
        let arrived = arrivedQueries
        return Fraction(arrived == 0 ? 0 : dropped.reduce(0, +) / arrived)
    }

    /// What drawn energy costs at a tariff, in its currency; nil without a price.
    public func cost(_ tariff: EnergyTariff, traceStart: Int64) -> Double? {
        total(tariff.price, tariff, traceStart)
    }

    /// Grams of carbon dioxide equivalent of the drawn energy; nil without an intensity.
    public func carbonGrams(_ tariff: EnergyTariff, traceStart: Int64) -> Double? {
        total(tariff.carbonGrams, tariff, traceStart)
    }

    /// An amount per kilowatt-hour summed over the drawn energy, at the boundary of the tariff.
    private func total(_ series: HourlySeries?, _ tariff: EnergyTariff, _ traceStart: Int64) -> Double? {
        series.map { series in
            var (sum, index) = (0.0, 0)
            records.series(.drawnPower).forEach { power in
                sum += tariff.amount(
                    of: series, for: Watts(power ?? 0) * interval, from: interval * index, lasting: interval,
                    traceStart: traceStart)
                index += 1
            }
            return sum
        }
    }

    /// Share of all queries that arrived beyond the capacity.
    public var unservedFraction: Fraction {
        let arrived = arrivedQueries
        return Fraction(arrived == 0 ? 0 : unservedQueries / arrived)
    }
}

/// What one policy saves against another over the same trace; negative where it costs more.
public struct PowerSavings: Hashable, Codable, Sendable {
    public let policy: String
    public let baseline: String
    public let meanPower: Fraction
    public let peakPower: Fraction
    public let meanCapacity: Fraction
    public let peakCapacity: Fraction

    /// Compares two timelines; nil unless both cover the same span in the same steps.
    public init?(of timeline: Timeline, against baseline: Timeline) {
        guard timeline.records.count == baseline.records.count, timeline.interval == baseline.interval else {
            return nil
        }
        func saved(_ value: Double, _ reference: Double) -> Fraction {
            Fraction(reference == 0 ? 0 : 1 - value / reference)
        }
        self.policy = timeline.policy
        self.baseline = baseline.policy
        meanPower = saved(timeline.meanProvisionedPower.value, baseline.meanProvisionedPower.value)
        peakPower = saved(timeline.peakProvisionedPower.value, baseline.peakProvisionedPower.value)
        meanCapacity = saved(timeline.meanServers, baseline.meanServers)
        peakCapacity = saved(Double(timeline.peakServers), Double(baseline.peakServers))
    }
}

/// Several policies played against one trace.
public struct ReplayOutcome: Hashable, Codable, Sendable {
    public let trace: Trace
    /// The policy whose savings are the point of the replay.
    public let subject: String
    public let timelines: [Timeline]

    public init(trace: Trace, subject: String, timelines: [Timeline]) {
        self.trace = trace
        self.subject = subject
        self.timelines = timelines
    }

    /// The subject's savings against every other policy, in the order they were played.
    public var savings: [PowerSavings] {
        guard let subjectTimeline = timelines.first(where: { $0.policy == subject }) else { return [] }
        return timelines.filter { $0.policy != subject }.compactMap {
            PowerSavings(of: subjectTimeline, against: $0)
        }
    }
}

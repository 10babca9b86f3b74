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
    public let records: [IntervalRecord]
    /// Processor time the policy spent deciding, in seconds; not reproducible, so left out of comparisons by
    /// bytes.
    public let decisionSeconds: Double
    /// Which servers served from when, in ascending order from the start of the trace; empty where each
    /// interval's allocation served all of it.
    public let servingSteps: [ServingStep]
    /// Every change to the fleet and why, in order.
    public let decisions: [DecisionEntry]

    public init(
        policy: String, interval: Nanoseconds, records: [IntervalRecord], decisionSeconds: Double,
        servingSteps: [ServingStep] = [], decisions: [DecisionEntry] = []
    ) {
        self.policy = policy
        self.interval = interval
        self.records = records
        self.decisionSeconds = decisionSeconds
        self.servingSteps = servingSteps
        self.decisions = decisions
    }

    private func mean(_ value: (IntervalRecord) -> Double) -> Double {
        records.isEmpty ? 0 : records.reduce(0) { $0 + value($1) } / Double(records.count)
    }

    public var meanProvisionedPower: Watts { Watts(mean(\.provisionedPower.value)) }
    public var peakProvisionedPower: Watts { records.map(\.provisionedPower).max() ?? .zero }
    public var meanDrawnPower: Watts { Watts(mean(\.drawnPower.value)) }
    /// The integral of provisioned power over the trace.
    public var provisionedEnergy: Joules { records.map { $0.provisionedPower * interval }.total() }
    /// The integral of drawn power over the trace.
    public var drawnEnergy: Joules { records.map { $0.drawnPower * interval }.total() }
    public var meanServers: Double { mean { Double($0.allocation.serverCount) } }
    public var peakServers: Int { records.map(\.allocation.serverCount).max() ?? 0 }

    /// Share of (interval, model) pairs in which the load exceeded the capacity.
    public var violationFraction: Fraction {
        let pairs = records.reduce(0) { $0 + $1.load.loads.count }
        let violated = records.reduce(0) { $0 + $1.violatedModels.count }
        return Fraction(pairs == 0 ? 0 : Double(violated) / Double(pairs))
    }

    /// Share of all queries that were in flight on servers that failed or were stopped undrained, at most;
    /// nil where the replay did not model it.
    public var droppedFraction: Fraction? {
        let dropped = records.compactMap(\.activity?.droppedQueries)
        guard !dropped.isEmpty else { return nil }
        let arrived = records.reduce(0) { $0 + $1.arrivedQueries }
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
            records.enumerated().reduce(0) { sum, entry in
                sum
                    + tariff.amount(
                        of: series, for: entry.element.drawnPower * interval, from: interval * entry.offset,
                        lasting: interval, traceStart: traceStart)
            }
        }
    }

    /// Share of all queries that arrived beyond the capacity.
    public var unservedFraction: Fraction {
        let arrived = records.reduce(0) { $0 + $1.arrivedQueries }
        return Fraction(arrived == 0 ? 0 : records.reduce(0) { $0 + $1.unservedQueries } / arrived)
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

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

    public init(
        load: Demand, capacity: Demand, allocation: Allocation, provisionedPower: Watts, drawnPower: Watts,
        violatedModels: [ModelID], arrivedQueries: Double, unservedQueries: Double, planStatus: Plan.Status,
        planGap: Fraction?
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
    }
}

/// One policy played against one trace.
public struct Timeline: Hashable, Codable, Sendable {
    public let policy: String
    public let interval: Nanoseconds
    public let records: [IntervalRecord]
    /// Processor time the policy spent deciding, in seconds; not reproducible, so left out of comparisons by bytes.
    public let decisionSeconds: Double

    public init(policy: String, interval: Nanoseconds, records: [IntervalRecord], decisionSeconds: Double) {
        self.policy = policy
        self.interval = interval
        self.records = records
        self.decisionSeconds = decisionSeconds
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

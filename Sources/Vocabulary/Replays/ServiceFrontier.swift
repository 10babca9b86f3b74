import Quantities

/// What a policy turns to take more or less risk, and where it stands.
public struct PolicySetting: Hashable, Codable, Sendable {
    public enum Knob: String, Codable, Sendable, CaseIterable {
        /// A factor on the headroom R; 1 is the scenario's own.
        case headroomFactor = "headroom_factor"
        /// The share of violated pairs aimed at, where the headroom follows misses.
        case violationTarget = "target_violation_fraction"
        /// The utilisation that an autoscaler tracks.
        case targetUtilisation = "target_utilisation"
        /// A factor on the peaks that a static plan is made for; 1 is the true peak.
        case peakFactor = "peak_factor"
        /// Nothing to turn.
        case none
    }

    public let knob: Knob
    public let value: Double

    public init(knob: Knob, value: Double) {
        self.knob = knob
        self.value = value
    }
}

/// Sums over a stretch of a replay: what was used, and what was served.
public struct ServiceSums: Hashable, Codable, Sendable {
    public var seconds = 0.0
    public var drawnJoules = 0.0
    public var provisionedJoules = 0.0
    /// Of the energy drawn, in the tariff's currency; nil without a price.
    public var cost: Double?
    /// (Interval, model) pairs, and those whose load exceeded the capacity.
    public var pairs = 0
    public var violatedPairs = 0
    public var arrivedQueries = 0.0
    public var unservedQueries = 0.0
    /// Servers started and stopped.
    public var changes = 0

    public init() {}

    /// The sum of two stretches; its cost is known where both are.
    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.seconds += right.seconds
        sum.drawnJoules += right.drawnJoules
        sum.provisionedJoules += right.provisionedJoules
        sum.cost = left.cost.flatMap { cost in right.cost.map { cost + $0 } }
        sum.pairs += right.pairs
        sum.violatedPairs += right.violatedPairs
        sum.arrivedQueries += right.arrivedQueries
        sum.unservedQueries += right.unservedQueries
        sum.changes += right.changes
        return sum
    }

    public var violationFraction: Double { pairs == 0 ? 0 : Double(violatedPairs) / Double(pairs) }
    public var unservedFraction: Double { arrivedQueries > 0 ? unservedQueries / arrivedQueries : 0 }
    public var meanDrawnPower: Watts { Watts(seconds > 0 ? drawnJoules / seconds : 0) }
    public var meanProvisionedPower: Watts { Watts(seconds > 0 ? provisionedJoules / seconds : 0) }
}

/// One policy played with its knob at one setting.
public struct ServicePoint: Hashable, Codable, Sendable {
    public let policy: String
    public let setting: PolicySetting
    /// Whether this is how the scenario has it.
    public let isOwn: Bool
    /// The sums of each block of the trace, in order: what an interval by resampling is drawn from.
    public let blocks: [ServiceSums]

    /// - Precondition: there is at least one block.
    public init(policy: String, setting: PolicySetting, isOwn: Bool, blocks: [ServiceSums]) {
        precondition(!blocks.isEmpty, "a replay has intervals")
        self.policy = policy
        self.setting = setting
        self.isOwn = isOwn
        self.blocks = blocks
    }

    /// Over the whole trace.
    public var total: ServiceSums { blocks.dropFirst().reduce(blocks[0], +) }
}

/// What each policy uses over what it serves, as its own knob is turned.
public struct ServiceFrontier: Hashable, Codable, Sendable {
    /// The policy whose savings are asked for.
    public let subject: String
    /// By policy in the order they were played, each by ascending setting.
    public let points: [ServicePoint]
    /// Of the resampling behind intervals.
    public let seed: UInt64

    public init(subject: String, points: [ServicePoint], seed: UInt64) {
        self.subject = subject
        self.points = points
        self.seed = seed
    }

    /// Names of the policies, in the order they were played.
    public var policies: [String] {
        points.reduce(into: []) { names, point in
            if names.last != point.policy { names.append(point.policy) }
        }
    }
}

/// A frontier and the savings read off it.
public struct FrontierOutcome: Hashable, Codable, Sendable {
    public let frontier: ServiceFrontier
    /// By measure, then by baseline.
    public let savings: [EqualServiceSaving]

    public init(frontier: ServiceFrontier, savings: [EqualServiceSaving]) {
        self.frontier = frontier
        self.savings = savings
    }
}

/// What the subject saves against another policy where both serve equally well.
public struct EqualServiceSaving: Hashable, Codable, Sendable {
    /// By what service is compared.
    public enum Measure: String, Codable, Sendable, CaseIterable {
        case violation, unserved
    }

    /// A share saved, with an interval over resampled blocks of the trace.
    public struct Estimate: Hashable, Codable, Sendable {
        public let fraction: Fraction
        /// Bounds of 90 %; nil where the trace has too few blocks, or too few resamples had a common level.
        public let low: Fraction?
        public let high: Fraction?

        public init(fraction: Fraction, low: Fraction?, high: Fraction?) {
            self.fraction = fraction
            self.low = low
            self.high = high
        }
    }

    public let policy: String
    public let baseline: String
    public let measure: Measure
    /// The share violated or unserved that is compared at: the subject's own, or the nearest to it that some
    /// setting of the baseline has.
    public let level: Fraction
    /// nil where the subject's settings do not bracket the level, or the baseline draws nothing.
    public let drawnEnergy: Estimate?
    public let provisionedEnergy: Estimate?
    /// nil also without prices.
    public let cost: Estimate?
    /// The least and the greatest share among the baseline's settings.
    public let baselineRange: ClosedRange<Double>

    /// Whether the baseline has nothing to turn, so that the two are compared at its own service.
    public var isAtBaseline: Bool {
        baselineRange.lowerBound == baselineRange.upperBound && level.value == baselineRange.lowerBound
    }

    public init(
        policy: String, baseline: String, measure: Measure, level: Fraction, drawnEnergy: Estimate?,
        provisionedEnergy: Estimate?, cost: Estimate?, baselineRange: ClosedRange<Double>
    ) {
        self.policy = policy
        self.baseline = baseline
        self.measure = measure
        self.level = level
        self.drawnEnergy = drawnEnergy
        self.provisionedEnergy = provisionedEnergy
        self.cost = cost
        self.baselineRange = baselineRange
    }
}

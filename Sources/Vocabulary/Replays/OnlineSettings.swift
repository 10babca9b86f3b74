import Quantities

/// How the online provisioner works and what world it works in: everything a replay may model beyond loads,
/// servers and policies. Left out of a scenario, servers start and stop at once and nothing fails.
public struct OnlineSettings: Hashable, Codable, Sendable {
    /// The forecaster's name, for example `last_value`; `best` for the one that back-tests choose.
    public var forecaster: String = "last_value"
    /// The season that seasonal forecasters assume; a second, longer one where there is one.
    public var season: Nanoseconds = Nanoseconds(seconds: 86_400)
    public var longSeason: Nanoseconds?
    /// Time between decisions, a multiple of the trace's interval; nil for every interval.
    public var decisionPeriod: Nanoseconds?
    /// The largest R that is believed: a few cold samples must not order a fleet.
    public var overProvisionMax: Fraction?
    /// How fast R follows misses and hits, as a change of its violation probability per interval (adaptive
    /// conformal inference); zero takes the plain quantile of past errors.
    public var overProvisionAdaptation: Fraction = .zero
    /// How long a plan is taken to last: over that time what it costs to start servers is spread in the
    /// objective; zero does not weigh starts, nil leaves the choice to the provisioner.
    public var switchingHorizon: Nanoseconds?
    /// A plan that covers the load is kept while no model's needed load has moved from the one planned for by
    /// more than this share; nil plans anew at every decision.
    public var replanFraction: Fraction?
    /// At most this many servers are started and stopped in one decision; nil for any number.
    public var stepServersMax: Int?
    /// Whether plans cover the load that is forecast for when ordered servers will be ready.
    public var looksAhead = true
    /// Over how many intervals of the expected course of the load starts and stops are weighed, at what a
    /// replay books for them; nil spreads what a start costs over `switchingHorizon`.
    public var lookAheadIntervals: Int?
    public var reactive = ReactiveSettings()
    /// Of the policy `target-tracking`; nil for its defaults.
    public var tracking: TrackingSettings?
    public var dynamics = FleetDynamics.instant
    public var failures: FailureSettings?
    public var outages: OutageSettings?
    public var disturbances: [LoadDisturbance] = []
    public var tariff = EnergyTariff()
    /// How a model's load is spread over its servers; nil for `proportional`, where a scenario says nothing.
    public var spreading: LoadSpreading?

    /// Instant servers, no failures, and last-value forecasts.
    public init() {}
}

/// How a model's load is spread over the servers that serve it.
public enum LoadSpreading: String, Hashable, Codable, Sendable, CaseIterable {
    /// In proportion to their throughput: all are equally full.
    case proportional
    /// Onto the servers that draw least for a query beyond what they draw idle, each full before the next is
    /// used.
    case packed
}

/// What policies draw under either rule, with the servers that they had.
public struct SpreadingEffect: Hashable, Sendable {
    /// The rule that was played.
    public let rule: LoadSpreading
    /// Mean drawn power by policy and rule.
    public let meanDrawnPowers: [String: [LoadSpreading: Watts]]

    public init(rule: LoadSpreading, meanDrawnPowers: [String: [LoadSpreading: Watts]]) {
        self.rule = rule
        self.meanDrawnPowers = meanDrawnPowers
    }
}

/// How servers come and go.
public struct FleetDynamics: Hashable, Codable, Sendable {
    /// From off to running.
    public var boot: Nanoseconds
    /// From running to serving: what every model needs, whatever its size.
    public var modelLoad: Nanoseconds
    /// How fast the bytes of a model are read on top of that; nil where size does not matter.
    public var modelLoadBandwidth: BytesPerSecond?
    /// From the last accepted query to free.
    public var drain: Nanoseconds
    /// Power while booting and loading, between idle (0) and full load (1).
    public var startingLoad: Fraction
    /// Power of a server that is off: drawn, but not set aside by any plan.
    public var offPower: Watts
    /// How long a server without a model stays on before it is switched off.
    public var idleHold: Nanoseconds
    /// The shortest time from starting servers of a type for a model to stopping some of them.
    public var dwell: Nanoseconds

    public init(
        boot: Nanoseconds = .zero, modelLoad: Nanoseconds = .zero, modelLoadBandwidth: BytesPerSecond? = nil,
        drain: Nanoseconds = .zero, startingLoad: Fraction = Fraction(0.5), offPower: Watts = .zero,
        idleHold: Nanoseconds = .zero, dwell: Nanoseconds = .zero
    ) {
        self.boot = boot
        self.modelLoad = modelLoad
        self.modelLoadBandwidth = modelLoadBandwidth
        self.drain = drain
        self.startingLoad = startingLoad
        self.offPower = offPower
        self.idleHold = idleHold
        self.dwell = dwell
    }

    /// Servers that start and stop in no time.
    public static let instant = FleetDynamics()

    /// Whether a start and a stop take no time.
    public var isInstant: Bool {
        boot == .zero && modelLoad == .zero && modelLoadBandwidth == nil && drain == .zero
    }

    /// How long a server that runs takes to load a model of so many bytes.
    public func loadTime(modelSize: Bytes?) -> Nanoseconds {
        guard let modelLoadBandwidth, let modelSize else { return modelLoad }
        return modelLoad + Nanoseconds(seconds: modelSize / modelLoadBandwidth)
    }
}

/// Servers that fail and come back, drawn from the scenario's seed. Times between events are exponential.
public struct FailureSettings: Hashable, Codable, Sendable {
    /// Mean time between failures of one server.
    public var meanTimeBetweenServerFailures: Nanoseconds
    /// Mean time between failures of one rack, which take all its servers at once; nil where racks do not
    /// fail.
    public var meanTimeBetweenRackFailures: Nanoseconds?
    /// Servers in one rack; a rack holds neighbours in the order of types, as they are bought.
    public var rackServers: Int
    /// Mean time until a failed server is back.
    public var meanRepair: Nanoseconds

    public init(
        meanTimeBetweenServerFailures: Nanoseconds, meanTimeBetweenRackFailures: Nanoseconds?,
        rackServers: Int,
        meanRepair: Nanoseconds
    ) {
        self.meanTimeBetweenServerFailures = meanTimeBetweenServerFailures
        self.meanTimeBetweenRackFailures = meanTimeBetweenRackFailures
        self.rackServers = rackServers
        self.meanRepair = meanRepair
    }
}

/// A provisioner that dies and is started again. While it is away, servers stay as they are.
public struct OutageSettings: Hashable, Codable, Sendable {
    public var meanTimeBetween: Nanoseconds
    public var duration: Nanoseconds
    /// Whether it comes back with what it had learnt, or knows nothing but the fleet it finds.
    public var restoresState: Bool

    public init(meanTimeBetween: Nanoseconds, duration: Nanoseconds, restoresState: Bool) {
        self.meanTimeBetween = meanTimeBetween
        self.duration = duration
        self.restoresState = restoresState
    }
}

/// A change to the trace before it is played: a factor on the load of all models for a time, every so often.
/// Above 1 it is a spike, 0 a blackout.
public struct LoadDisturbance: Hashable, Codable, Sendable {
    /// Occurrences a day on average, at times drawn from the scenario's seed.
    public var perDay: Double
    public var duration: Nanoseconds
    public var factor: Double

    public init(perDay: Double, duration: Nanoseconds, factor: Double) {
        self.perDay = perDay
        self.duration = duration
        self.factor = factor
    }
}

/// Target tracking as the Kubernetes Horizontal Pod Autoscaler does it; the defaults are its own
/// (kubernetes.io, "Horizontal Pod Autoscaling", algorithm details and default behavior), but for the target,
/// which it leaves to its user.
public struct ReactiveSettings: Hashable, Codable, Sendable {
    /// Utilisation that is aimed at.
    public var targetUtilisation = Fraction(0.8)
    /// No change while used over target is within this of 1 (`--horizontal-pod-autoscaler-tolerance`).
    public var tolerance = Fraction(0.1)
    /// Scale-down follows the highest recommendation of this time (`stabilizationWindowSeconds`).
    public var scaleDownWindow = Nanoseconds(seconds: 300)
    /// Scale-up follows the lowest recommendation of this time.
    public var scaleUpWindow = Nanoseconds.zero
    /// Time between evaluations, which the limits below count in (`periodSeconds`, sync period).
    public var period = Nanoseconds(seconds: 15)
    /// A period adds at most the larger of this share of the replicas and `scaleUpServers`.
    public var scaleUpShare = Fraction(1)
    public var scaleUpServers = 4
    /// A period removes at most this share of the replicas.
    public var scaleDownShare = Fraction(1)
    /// Replicas that are always kept (`minReplicas`): without replicas there is no utilisation to follow.
    public var replicasMin = 1

    public init() {}
}

/// Scaling by the memory that an engine's keys and values take and by its queue, one server at a time, as the
/// saturation analysis of llm-d's autoscaler and the load planner of Dynamo do. The defaults are llm-d's,
/// but for the period, which is the order of both planners' own.
public struct TrackingSettings: Hashable, Codable, Sendable {
    /// Servers whose memory is fuller than this count as saturated (`kvCacheThreshold`).
    public var fullAt = Fraction(0.8)
    /// A server is added where less than this of the memory below the threshold is free in the mean
    /// (`kvSpareTrigger`).
    public var spareMin = Fraction(0.1)
    /// At most one server of a model comes or goes in so much time (adjustment interval).
    public var period = Nanoseconds(seconds: 60)
    /// Servers that are always kept: without any there is no signal.
    public var replicasMin = 1

    public init() {}

    /// The use of memory above which a server is added.
    public var scaleUpAbove: Double { fullAt.value - spareMin.value }
}

/// What a kilowatt-hour costs, in money and in carbon dioxide, and where it is counted.
public struct EnergyTariff: Hashable, Codable, Sendable {
    /// Energy that the facility takes over what its servers take (power usage effectiveness); 1 counts at the
    /// servers.
    public var powerUsageEffectiveness = 1.0
    public var currency = "USD"
    /// Per kilowatt-hour; nil where money is not counted.
    public var price: HourlySeries?
    /// Grams of carbon dioxide equivalent per kilowatt-hour; nil where it is not counted.
    public var carbonGrams: HourlySeries?

    public init() {}

    /// What energy drawn evenly over a stretch comes to, in the unit of a price or an intensity, at the
    /// boundary where it is counted.
    ///
    /// - Parameters:
    ///   - series: amounts per kilowatt-hour.
    ///   - start: of the stretch, since the start of the trace.
    ///   - traceStart: seconds since 1970.
    public func amount(
        of series: HourlySeries, for energy: Joules, from start: Nanoseconds, lasting duration: Nanoseconds,
        traceStart: Int64
    ) -> Double {
        let rate = series.mean(from: start, for: duration, traceStart: traceStart)
        return energy.kilowattHours * powerUsageEffectiveness * rate
    }
}

/// A value for each hour, repeated from its first when it ends; a constant where it has one value.
public struct HourlySeries: Hashable, Codable, Sendable {
    public let values: [Double]
    /// When the first hour begins, in seconds since 1970; nil for the start of the trace.
    public let startUnixSeconds: Int64?

    /// - Precondition: there is at least one value.
    public init(_ values: [Double], startUnixSeconds: Int64? = nil) {
        precondition(!values.isEmpty, "a series has at least one value")
        self.values = values
        self.startUnixSeconds = startUnixSeconds
    }

    /// Of all hours.
    public var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The mean over a stretch that begins at a time since the start of a trace. O(hours).
    /// - Parameter traceStart: seconds since 1970.
    public func mean(from start: Nanoseconds, for duration: Nanoseconds, traceStart: Int64) -> Double {
        guard values.count > 1, duration > .zero else { return values[0] }
        let hour = Nanoseconds(seconds: 3600)
        let origin = Nanoseconds(seconds: startUnixSeconds.map { Double(traceStart - $0) } ?? 0)
        var time = origin + start
        let end = time + duration
        var sum = 0.0
        while time < end {
            let index = Int((Double(time.count) / Double(hour.count)).rounded(.down))
            let next = min(end, hour * (index + 1))
            let position = index % values.count
            sum += values[position < 0 ? position + values.count : position] * (next - time).seconds
            time = next
        }
        return sum / duration.seconds
    }
}

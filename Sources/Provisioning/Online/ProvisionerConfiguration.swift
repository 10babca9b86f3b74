import Quantities
import Vocabulary

/// What an online provisioner is set up with.
public struct ProvisionerConfiguration: Sendable {
    /// How R follows from the forecast's errors.
    public var rule: OverProvisionRule
    public var adaptation: Fraction = .zero
    public var overProvisionMax: Fraction?
    /// What R is multiplied by before it is used.
    public var headroomFactor = 1.0
    /// Whether headroom is bought at one price for all models, by policies that can.
    public var headroomRule = HeadroomRule.quantile
    /// The forecasters of each model, of which one is in force at a time; last-value where there is none.
    public var forecasters: [ModelID: [any Forecaster]] = [:]
    public var interval: Nanoseconds
    /// Intervals from one decision to the next.
    public var decisionIntervals = 1
    public var startTimes = StartTimes.instant
    public var dwell = Nanoseconds.zero
    public var stepServersMax: Int?
    /// How far plans may be from the optimum; a plan in force that is as close is kept.
    public var gap = Fraction.zero
    public var replanFraction: Fraction?
    /// How long a plan is taken to last, over which what it costs to start servers is spread; zero does not
    /// weigh starts.
    public var switchingHorizon = Self.usualHorizon
    public var looksAhead = true
    /// Over how many intervals of the expected course of the load starts and stops are weighed; nil spreads
    /// what a start costs over `switchingHorizon`, whatever is to come.
    public var lookAheadIntervals: Int?
    /// What starting a server adds to the objective beside what the start draws, over what it costs in it.
    public var changePrice = Fraction.zero
    /// The share that the standing servers, with some added or given up, may cost more than a new plan and be
    /// kept; nil for the gap, and for nothing where starts are weighed.
    public var keepWithin: Fraction?
    /// Intervals whose highest need the standing servers cover before any are given up.
    public var scaleDownIntervals = 1
    /// Servers started and stopped in a day that the price on changes is moved to come to; nil fixes it.
    public var changesPerDay: Double?
    /// Whether a need that falls is held for as long as a server takes to start: what is given up sooner
    /// cannot be had back in time.
    public var holdsNeed = false

    /// What one decision may change; nothing is limited where nothing is said.
    public var limits = StepLimits()
    /// Whether the last load stands in for those of intervals that went by unseen, and is learnt from. Live
    /// controllers learn nothing from what they have not seen.
    public var learnsFromGaps = true

    /// Of those who say nothing of it. On published traces ten minutes instead of half an hour take 0.3 to
    /// 2.5 % more mean power and leave 0.3 to 0.6 points fewer intervals violated (-0.8 % and 1.3 points
    /// where an interval is a minute).
    public static let usualHorizon = Nanoseconds(seconds: 600)

    /// The look-ahead of scenarios that say neither that nor a horizon. On published traces, at equal
    /// service, it takes 3 % less energy than a horizon of ten minutes where intervals are half-hours, as
    /// much where they are ten minutes, and 1 to 2 % more over a single hour of minutes.
    public static let usualLookAhead = 8

    /// Instant servers, last-value forecasts and a plan for every interval.
    public init(rule: OverProvisionRule, interval: Nanoseconds = Nanoseconds(seconds: 900)) {
        self.rule = rule
        self.interval = interval
    }

    /// What a scenario says.
    /// - Parameter view: what the policy takes for the load to come; only forecasts get headroom.
    /// - Parameter makeForecaster: makes the forecaster of a name.
    /// - Throws: what `makeForecaster` throws.
    public init(
        _ settings: ReplaySettings, trace: Trace, startTimes: StartTimes, view: LoadView,
        makeForecaster: ForecasterMaking
    ) throws {
        let online = settings.online ?? OnlineSettings()
        self.init(rule: settings.overProvision, interval: trace.interval)
        if view != .forecast {
            rule = OverProvisionRule(initial: .zero, quantile: rule.quantile, window: rule.window)
            overProvisionMax = .zero
        } else {
            headroomRule = settings.headroomRule ?? .quantile
            holdsNeed = true
            adaptation = online.overProvisionAdaptation
            overProvisionMax = online.overProvisionMax
        }
        let name =
            switch view {
            case .forecast: online.forecaster
            case .observed: ForecasterName.lastValue
            case .truth: ForecasterName.truth
            }
        let names = name == ForecasterName.best ? ForecasterName.candidates : [name]
        for model in trace.models {
            forecasters[model] = try names.map { name in
                try makeForecaster(
                    name,
                    ForecasterConfiguration(
                        online, interval: trace.interval, quantile: settings.overProvision.quantile),
                    trace.loads[model, default: []].map(\.value))
            }
        }
        decisionIntervals = online.decisionIntervals(trace.interval)
        self.startTimes = startTimes
        gap = settings.gap
        if view == .forecast {
            changePrice = settings.changePrice ?? .zero
            keepWithin = settings.keepWithin
            scaleDownIntervals = settings.scaleDownIntervals ?? 1
            changesPerDay = settings.changesPerDay
        }
        dwell = online.dynamics.dwell
        stepServersMax = online.stepServersMax
        replanFraction = online.replanFraction
        switchingHorizon = online.switchingHorizon ?? Self.usualHorizon
        looksAhead = online.looksAhead
        let isSaid = online.lookAheadIntervals != nil || online.switchingHorizon != nil
        lookAheadIntervals =
            isSaid || startTimes.isInstant ? online.lookAheadIntervals : Self.usualLookAhead
    }

    /// How many intervals a forecast covers: until the next decision, and until what that one orders could
    /// serve.
    var stepsAhead: Int { looksAhead ? decisionIntervals + intervalsToStart : decisionIntervals }

    /// Intervals that the longest start takes.
    var intervalsToStart: Int { Int((startTimes.longest.seconds / interval.seconds).rounded(.up)) }
}

extension OnlineSettings {
    /// Intervals from one decision to the next.
    public func decisionIntervals(_ interval: Nanoseconds) -> Int {
        decisionPeriod.map { max(1, Int(($0.seconds / interval.seconds).rounded())) } ?? 1
    }
}

import Quantities
import Vocabulary

/// What a load counts for in a decision.
public enum BelievedLoad: Hashable, Codable, Sendable {
    /// In queries/s.
    case trusted(Double)
    /// Not believed: at least this is planned for, nothing is stopped and nothing learnt; nil where no load
    /// was ever believed.
    case held(Double?)

    /// What is planned for at least.
    public var queriesPerSecond: Double? {
        switch self {
        case .trusted(let load): load
        case .held(let load): load
        }
    }
}

/// What a model falls back on when it has been held for long, where an operator has chosen so.
public enum FailSafe: String, Hashable, Codable, Sendable, CaseIterable {
    /// The last load that was believed, or the forecast where that is higher.
    case keep
    /// The forecast alone.
    case seasonal
    /// The highest load of the last week.
    case peak
}

/// What is remembered of one model's input from tick to tick. The same readings at the same times give the
/// same judgements, so that stored readings rebuild it.
public struct InputLedger: Hashable, Codable, Sendable {
    /// What a reading came to.
    public struct Verdict: Hashable, Sendable {
        public let trust: InputTrust
        public let load: BelievedLoad
        /// Whether a hold began, ended, or has lasted for ten or thirty minutes just now.
        public let change: Change?
    }

    /// What is worth telling.
    public enum Change: Hashable, Sendable {
        case heldNow, releasedNow
        case heldFor(minutes: Int)
    }

    /// Ticks in trust that end a hold.
    private static let ticksToRelease = 2
    private static let alarmMinutes = [10, 30]
    private static let historyDays = 7
    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    public let rules: InputRules
    private let failSafe: FailSafe
    private var lastTrusted: Double?
    private var heldSince: ControlTime?
    private var alarmsRaised = 0
    private var trustedTicks = 0
    /// The largest load believed on each of the latest days, by days of the monotonic clock.
    private var peaks: [Int64: Double] = [:]
    /// A load that was too large to be believed, and when its window ended.
    private var doubted: Doubt?

    private struct Doubt: Hashable, Codable, Sendable {
        let load: Double
        let end: WallTime
    }

    public init(rules: InputRules, failSafe: FailSafe = .keep) {
        self.rules = rules
        self.failSafe = failSafe
    }

    /// Judges a reading.
    ///
    /// - Parameters:
    ///   - reading: nil where the source had none for the model.
    ///   - capacity: what the whole fleet could serve of the model, in queries/s.
    public mutating func judge(
        _ reading: InputReading?, at time: ControlTime, capacity: Double
    ) -> Verdict {
        judge(rules.assess(reading, at: time.wall), at: time, capacity: capacity)
    }

    /// Judges a reading that was assessed by itself before.
    ///
    /// - Parameter capacity: what the whole fleet could serve of the model, in queries/s.
    public mutating func judge(
        _ assessment: InputAssessment, at time: ControlTime, capacity: Double
    ) -> Verdict {
        var rated = assessment
        if rated.state != .held { doubt(&rated, at: time, capacity: capacity) }
        return rated.state == .held || rated.state == .thinOK
            ? hold(rated, at: time, capacity: capacity) : trust(rated, at: time)
    }

    /// The slope of samples that are fresh but too few is good enough to raise, as long as it is likely: what
    /// lacks samples lacks precision, and only a window that is empty lacks the load.
    private func raised(_ rated: InputAssessment, capacity: Double) -> Double? {
        guard rated.cause == .thin, let load = rated.load, let kept, load > kept else { return nil }
        return unlikely(load, capacity: capacity) == nil ? load : nil
    }

    /// Why a load is not believed at first sight; nil where it is likely.
    private func unlikely(_ load: Double, capacity: Double) -> String? {
        if capacity > 0, load > InputRules.fleetFactor * capacity {
            return "more than three times the \(Int(capacity.rounded())) queries/s that the fleet could serve"
        }
        let largest = peaks.values.max() ?? 0
        guard largest > 0, load > InputRules.historyFactor * largest else { return nil }
        return "more than ten times the \(Int(largest.rounded())) queries/s of the last week"
    }

    /// Loads beyond what the fleet or the last week make likely are believed when a second window, which
    /// shares no sample with the first, says the same.
    private mutating func doubt(_ rated: inout InputAssessment, at time: ControlTime, capacity: Double) {
        guard let load = rated.load, let end = rated.windowEnd else { return }
        guard let why = unlikely(load, capacity: capacity) else {
            doubted = nil
            return
        }
        guard capacity <= 0 || load <= InputRules.beliefFactor * capacity else {
            doubted = nil
            rated.disbelieve(
                "more than a hundred times the \(Int(min(capacity, 1e15).rounded())) queries/s that the "
                    + "fleet could serve")
            return
        }
        if let first = doubted {
            guard end.seconds(since: first.end) >= rules.windowSeconds else { return rated.disbelieve(why) }
            if abs(load - first.load) <= InputRules.agreement * first.load { return }
        }
        doubted = Doubt(load: load, end: end)
        rated.disbelieve(why)
    }

    private mutating func trust(_ rated: InputAssessment, at time: ControlTime) -> Verdict {
        trustedTicks += 1
        let load = rated.load ?? 0
        if heldSince != nil, trustedTicks < Self.ticksToRelease {
            var waiting = rated
            waiting.cause = .recovering
            waiting.detail = "believed again, for one tick so far"
            return verdict(
                waiting, state: .held, .held(max(kept ?? 0, load)), at: time, change: nil)
        }
        let change: Change? = heldSince == nil ? nil : .releasedNow
        heldSince = nil
        alarmsRaised = 0
        lastTrusted = load
        let day = time.monotonic.count / Self.dayNanoseconds
        peaks[day] = max(peaks[day] ?? 0, load)
        peaks = peaks.filter { $0.key > day - Int64(Self.historyDays) }
        return verdict(rated, state: rated.state, .trusted(load), at: time, change: change)
    }

    private mutating func hold(
        _ rated: InputAssessment, at time: ControlTime, capacity: Double
    ) -> Verdict {
        // A single sample is missing: that is good enough to raise.
        if rated.state == .thinOK {
            if heldSince == nil {
                let load = max(kept ?? 0, rated.load ?? 0)
                return verdict(rated, state: .thinOK, .held(load), at: time, change: nil)
            }
        }
        trustedTicks = 0
        var change: Change?
        if let since = heldSince {
            let minutes = (time.monotonic - since.monotonic).seconds / 60
            if alarmsRaised < Self.alarmMinutes.count, minutes >= Double(Self.alarmMinutes[alarmsRaised]) {
                change = .heldFor(minutes: Self.alarmMinutes[alarmsRaised])
                alarmsRaised += 1
            }
        } else {
            heldSince = time
            change = .heldNow
        }
        let least = raised(rated, capacity: capacity).map { max($0, fallback ?? $0) } ?? fallback
        return verdict(rated, state: .held, .held(least), at: time, change: change)
    }

    /// The last load that was believed.
    private var kept: Double? { lastTrusted }

    /// What is planned for at least while the model is held.
    private var fallback: Double? {
        guard alarmsRaised == Self.alarmMinutes.count else { return kept }
        switch failSafe {
        case .keep: return kept
        case .seasonal: return kept.map { _ in 0 }
        case .peak: return kept.map { max($0, peaks.values.max() ?? 0) }
        }
    }

    private func verdict(
        _ rated: InputAssessment, state: TrustState, _ load: BelievedLoad, at time: ControlTime,
        change: Change?
    ) -> Verdict {
        Verdict(
            trust: InputTrust(
                state: state, cause: rated.cause, detail: rated.detail, ageSeconds: rated.ageSeconds,
                samples: rated.samples, expected: rated.expected,
                since: state == .held ? heldSince?.wall : nil, queriesPerSecond: rated.load,
                resets: rated.resets),
            load: load, change: change)
    }
}

/// Whether so few loads are believed that the fleet is left alone.
public enum FleetTrust {
    /// Why the fleet is held; nil where at most half of the models are. Those whose samples are too few do
    /// not count: they are good enough to raise, and each of them keeps its servers by itself.
    public static func hold(_ trusts: [ModelID: InputTrust]) -> String? {
        let held = trusts.filter { $0.value.state == .held && $0.value.cause != .thin }
        guard held.count * 2 > trusts.count else { return nil }
        let causes = Dictionary(grouping: held.values.compactMap(\.cause), by: { $0 })
            .sorted { ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue) }
        let most = causes.first.map { ", mostly \($0.key.rawValue)" } ?? ""
        return "\(held.count) of \(trusts.count) models are not believed\(most)"
    }
}

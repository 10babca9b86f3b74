/// When one model's input is believed. Every figure can be set; those here are the usual ones.
public struct InputRules: Hashable, Codable, Sendable {
    /// Time between samples; nil for the median spacing of those seen.
    public var scrapeSeconds: Double?
    /// How far back samples are asked for.
    public var windowSeconds = 60.0
    /// The last sample may be so many scrape intervals old.
    public var staleScrapes = 3.0
    /// Of the samples that the window should hold, so many have to be there.
    public var completeShare = 0.9
    /// Series that are promised; nil for any number.
    public var seriesMax: Int?
    /// How far the clock of whoever answers may be from ours.
    public var skewSeconds = 5.0
    /// How long ago the window ends: pushed samples arrive late.
    public var delaySeconds = 0.0

    public init() {}

    /// A fleet serves at most this much; loads of more than three times as much are not believed at first.
    public static let fleetFactor = 3.0
    /// Neither are loads of more than ten times the largest of the last week.
    public static let historyFactor = 10.0
    /// What is more than this many times what the fleet serves is never believed: no fleet could follow it,
    /// and a counter that jumps at every scrape says the same in every window.
    public static let beliefFactor = 100.0
    /// They are believed where two windows that share no sample agree within this share.
    public static let agreement = 0.2
}

/// What a reading comes to by itself, before anything that was seen earlier counts.
public struct InputAssessment: Hashable, Codable, Sendable {
    public internal(set) var state: TrustState
    public internal(set) var cause: TrustCause?
    public internal(set) var detail: String?
    /// In queries/s; nil where none could be worked out.
    public internal(set) var load: Double?
    public internal(set) var ageSeconds: Double?
    public internal(set) var samples: Int?
    public internal(set) var expected: Int?
    public internal(set) var resets: Int?
    /// When the window ends, by the clock of whoever answered.
    public internal(set) var windowEnd: WallTime?

    static func held(_ cause: TrustCause, _ detail: String) -> Self {
        Self(state: .held, cause: cause, detail: detail)
    }

    /// What was measured stays; it is not believed.
    mutating func disbelieve(_ why: String) {
        (state, cause, detail) = (.held, .implausible, why)
    }
}

extension InputRules {
    /// Judges one reading by its age, completeness and values.
    ///
    /// A counter's load is its increase between the first and the last sample of the window over the time
    /// between them, series by series; where it begins anew, the time between two samples is left out. It
    /// neither falls while samples stop coming, as rates over the whole window do, nor rises when a counter
    /// begins anew. O(samples).
    ///
    /// - Parameters:
    ///   - reading: nil where the source had none for the model.
    ///   - wall: our own time when the answer came.
    public func assess(_ reading: InputReading?, at wall: WallTime) -> InputAssessment {
        reading.map { rate($0, at: wall) } ?? .held(.unreachable, "no reading of this model")
    }

    private func rate(_ reading: InputReading, at wall: WallTime) -> InputAssessment {
        if let evaluatedAt = reading.evaluatedAt {
            let skew = wall.seconds(since: evaluatedAt) - delaySeconds
            guard abs(skew) <= skewSeconds else {
                return .held(.skew, "answered for a time \(rounded(skew)) s from ours")
            }
        }
        let end = reading.evaluatedAt ?? wall.adding(seconds: -delaySeconds)
        switch reading.answer {
        case .failed(let cause, let detail): return .held(cause, detail)
        case .value(let value): return rate(value, end: end)
        case .counters(let series): return rate(series, end: end)
        }
    }

    private func rate(_ value: LoadValue, end: WallTime) -> InputAssessment {
        let load = value.queriesPerSecond
        guard load.isFinite, load >= 0 else { return .held(.invalid, "the load is \(load)") }
        guard let last = value.lastSampleAt, let samples = value.samples else {
            return .held(.invalid, "nobody says how old the samples are, and how many")
        }
        var rated = InputAssessment(
            state: load == 0 ? .idle : .fresh, load: load, ageSeconds: end.seconds(since: last),
            samples: samples, expected: value.expected, windowEnd: end)
        let scrape = scrapeSeconds ?? value.expected.map { windowSeconds / Double(max(1, $0)) }
        judge(&rated, scrape: scrape, missing: (value.expected ?? samples) - samples)
        return rated
    }

    private func rate(_ series: [SampleSeries], end: WallTime) -> InputAssessment {
        guard !series.isEmpty else { return .held(.invalid, "no series") }
        if let seriesMax, series.count > seriesMax {
            return .held(.invalid, "\(series.count) series where \(seriesMax) are promised")
        }
        guard Set(series.map(\.name)).count == series.count else {
            return .held(.invalid, "a series is there twice")
        }
        for one in series {
            if one.samples.isEmpty { return .held(.invalid, "\(one.name) has no samples") }
            if let wrong = one.samples.first(where: { !($0.value.isFinite && $0.value >= 0) }) {
                return .held(.invalid, "a sample of \(one.name) is \(wrong.value)")
            }
        }
        guard let scrape = scrapeSeconds ?? medianSpacing(series), scrape > 0 else {
            return .held(.thin, "too few samples to know how often they come")
        }
        let expected = max(2, Int(min(windowSeconds / scrape + 1e-9, 1e9)))
        let slopes = series.map { Slope($0, scrape: scrape, windowSeconds: windowSeconds, end: end) }
        let whole = slopes.contains { !$0.isNew }
        // Of a series that has just begun, its own time counts; where all have, nothing is known yet.
        let missing = slopes.map { slope in
            (whole && slope.isNew ? min(expected, slope.expectedSinceFirst) : expected) - slope.count
        }
        let worst = missing.indices.max { missing[$0] < missing[$1] } ?? 0
        var rated = InputAssessment(
            state: .fresh, load: slopes.reduce(0) { $0 + $1.perSecond },
            ageSeconds: slopes.map(\.ageSeconds).max(), samples: slopes[worst].count,
            expected: slopes[worst].count + max(0, missing[worst]),
            resets: slopes.reduce(0) { $0 + $1.resets }, windowEnd: end)
        if rated.load == 0 { rated.state = .idle }
        judge(&rated, scrape: scrape, missing: missing[worst])
        let lacking = missing.count { $0 > 0 }
        if rated.state == .thinOK, lacking > 1 { (rated.state, rated.cause) = (.held, .thin) }
        if rated.cause == .stale, let oldest = slopes.max(by: { $0.ageSeconds < $1.ageSeconds }) {
            rated.detail = "the last sample of \(oldest.name) is \(rounded(oldest.ageSeconds)) s old"
        }
        return rated
    }

    /// Age first, then completeness: one rule for counters and for loads that others worked out.
    private func judge(_ rated: inout InputAssessment, scrape: Double?, missing: Int) {
        guard let age = rated.ageSeconds, let scrape else { return }
        let (count, expected) = (rated.samples ?? 0, rated.expected ?? 0)
        if age < -skewSeconds {
            (rated.state, rated.cause) = (.held, .skew)
            rated.detail = "the last sample is \(rounded(-age)) s ahead of our time"
        } else if age > staleScrapes * scrape {
            (rated.state, rated.cause) = (.held, .stale)
            rated.detail = "the last sample is \(rounded(age)) s old"
        } else if Double(count) < completeShare * Double(expected) - 1e-9 || count < 2 {
            let isLone = missing == 1 && count >= 2
            (rated.state, rated.cause) = (isLone ? .thinOK : .held, .thin)
            rated.detail = "\(count) of \(expected) samples"
        }
    }

    /// The median time between samples, in seconds; nil where no series has two.
    private func medianSpacing(_ series: [SampleSeries]) -> Double? {
        let spacings = series.flatMap { one in
            zip(one.samples, one.samples.dropFirst()).map { $1.at.seconds(since: $0.at) }
        }.filter { $0 > 0 }.sorted()
        return spacings.isEmpty ? nil : spacings[spacings.count / 2]
    }

    private func rounded(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }
}

/// What the samples of one series come to.
private struct Slope {
    let name: String
    let count: Int
    let perSecond: Double
    let ageSeconds: Double
    let resets: Int
    /// Whether the series begins within the window, and not at its start.
    let isNew: Bool
    /// Samples that there should be since the first.
    let expectedSinceFirst: Int

    init(_ series: SampleSeries, scrape: Double, windowSeconds: Double, end: WallTime) {
        let samples = series.samples.sorted { $0.at < $1.at }
        var (increase, counted) = (0.0, 0.0)
        var resets = 0
        for (before, now) in zip(samples, samples.dropFirst()) {
            // A counter that falls has begun anew. What it had counted until then nobody knows, so that
            // neither its increase nor the time between these two samples counts.
            if now.value < before.value {
                resets += 1
            } else {
                increase += now.value - before.value
                counted += now.at.seconds(since: before.at)
            }
        }
        let first = samples.first?.at ?? end
        let last = samples.last?.at ?? end
        name = series.name
        count = samples.count
        perSecond = counted > 0 ? increase / counted : 0
        ageSeconds = end.seconds(since: last)
        self.resets = resets
        isNew = end.seconds(since: first) < windowSeconds - 1.5 * scrape
        expectedSinceFirst = 1 + Int(min(max(0, end.seconds(since: first) / scrape), 1e9))
    }
}

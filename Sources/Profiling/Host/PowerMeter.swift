import Foundation
import Quantities
import Vocabulary

/// An instrument that tells what this machine, or a part of it, consumes.
public protocol PowerMeter: Sendable {
    /// What is measured and where its boundary lies, for people.
    var boundary: String { get }
    /// One for each part that is metered by itself; the parts add up.
    var channels: [PowerChannel] { get }
    /// Reads all channels now, in their order.
    func sample() throws(ProfilingError) -> PowerSample
}

/// What one channel of a meter reads.
public struct PowerChannel: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A counter of microjoules that starts again at 0 after `range`, if it has one.
        case energy(range: UInt64?)
        /// Microwatts at the moment of reading.
        case power
    }

    public let name: String
    public let kind: Kind

    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// All channels of a meter at one instant.
public struct PowerSample: Hashable, Sendable {
    /// On the system's monotonic clock.
    public let takenAt: Nanoseconds
    /// Microjoules or microwatts, by the channel's kind.
    public let values: [UInt64]

    package init(takenAt: Nanoseconds, values: [UInt64]) {
        self.takenAt = takenAt
        self.values = values
    }
}

/// Samples of a meter in the order of time.
public struct PowerLog: Sendable {
    public let channels: [PowerChannel]
    public private(set) var samples: [PowerSample] = []

    public init(channels: [PowerChannel]) { self.channels = channels }

    public mutating func append(_ sample: PowerSample) { samples.append(sample) }

    /// Mean power over a span, and over nothing else: what was drawn before and after, while models loaded or
    /// the machine idled, does not count. Counters are read off at both ends of the span by the line between
    /// the samples around each; sampled power is integrated by trapezoids. Where the samples do not reach
    /// over the whole span, the part that they do reach over counts; nil where that is nothing. O(samples).
    public func meanPower(from begin: Nanoseconds, to end: Nanoseconds) -> Watts? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let from = max(begin, first.takenAt)
        let to = min(end, last.takenAt)
        guard from < to else { return nil }
        var microjoules = 0.0
        for (index, channel) in channels.enumerated() {
            switch channel.kind {
            case .energy(let range):
                let course = unwrapped(index, range: range)
                microjoules += value(of: course, at: to) - value(of: course, at: from)
            case .power:
                microjoules += integral(of: index, from: from, to: to)
            }
        }
        return Joules(microjoules / 1e6) / (to - from)
    }

    /// A counter that fell has wrapped around once. More than once between two samples cannot be told: the
    /// usual range of 262 kJ lasts 20 minutes at 200 W.
    private func unwrapped(_ index: Int, range: UInt64?) -> [Double] {
        var course: [Double] = []
        var total = 0.0
        for (position, sample) in samples.enumerated() {
            if position > 0 {
                let (before, after) = (samples[position - 1].values[index], sample.values[index])
                if after >= before {
                    total += Double(after - before)
                } else if let range {
                    total += Double(range - min(before, range)) + Double(after)
                }
            }
            course.append(total)
        }
        return course
    }

    private func value(of course: [Double], at instant: Nanoseconds) -> Double {
        guard let right = samples.firstIndex(where: { $0.takenAt >= instant }) else {
            return course.last ?? 0
        }
        guard right > 0, samples[right].takenAt > instant else { return course[right] }
        let (a, b) = (samples[right - 1].takenAt, samples[right].takenAt)
        let share = (instant - a).seconds / (b - a).seconds
        return course[right - 1] + (course[right] - course[right - 1]) * share
    }

    private func integral(of index: Int, from begin: Nanoseconds, to end: Nanoseconds) -> Double {
        let course = samples.map { Double($0.values[index]) }
        var points = [(begin, value(of: course, at: begin))]
        for (position, sample) in samples.enumerated() where sample.takenAt > begin && sample.takenAt < end {
            points.append((sample.takenAt, course[position]))
        }
        points.append((end, value(of: course, at: end)))
        return zip(points, points.dropFirst()).reduce(0) {
            $0 + ($1.0.1 + $1.1.1) / 2 * ($1.1.0 - $1.0.0).seconds
        }
    }
}

/// Several meters read together.
struct CombinedMeter: PowerMeter {
    let meters: [any PowerMeter]

    var boundary: String { meters.map(\.boundary).joined(separator: " + ") }
    var channels: [PowerChannel] { meters.flatMap(\.channels) }

    func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        var values: [UInt64] = []
        for meter in meters { values += try meter.sample().values }
        return PowerSample(takenAt: takenAt, values: values)
    }
}

/// Samples a meter during a run.
final class PowerWatcher: RunWatcher, @unchecked Sendable {
    // Unchecked: guarded by the lock.
    private let meter: any PowerMeter
    private let lock = NSLock()
    private var log: PowerLog
    private var failure: ProfilingError?

    init(_ meter: any PowerMeter) {
        self.meter = meter
        log = PowerLog(channels: meter.channels)
    }

    func look(at instant: Nanoseconds) {
        do throws(ProfilingError) {
            let sample = try meter.sample()
            lock.withLock { log.append(sample) }
        } catch {
            lock.withLock { failure = failure ?? error }
        }
    }

    /// - Throws: the first error that the meter met, because a log with holes is none.
    func finished() throws(ProfilingError) -> PowerLog {
        let (log, failure) = lock.withLock { (self.log, self.failure) }
        if let failure { throw failure }
        return log
    }
}

import Foundation
import Quantities
import Vocabulary

/// The kernel's counters of disturbance at one instant; the difference of two is the noise of the span
/// between.
public struct NoiseSnapshot: Hashable, Sendable {
    /// Processor time of all kinds, of the stolen kind, and of the kinds that work, in clock ticks over all
    /// processors.
    var totalTicks: Int?
    var stolenTicks: Int?
    var workingTicks: Int?
    /// Processor time that this process has used, in clock ticks.
    var ownTicks: Double?
    /// Time in which some task waited for a processor.
    var pressure: Nanoseconds?
    /// The lowest clock of any core and the mean over cores, now.
    var frequencyMin: Hertz?
    var frequencyMean: Hertz?
    var takenAt: Nanoseconds

    /// What disturbed this machine since an earlier snapshot.
    public func noise(since earlier: NoiseSnapshot) -> HostNoise { Self.noise(of: [earlier, self]) }

    /// What disturbed this machine over a run, from snapshots in order. The worst sample counts from three
    /// on.
    static func noise(of snapshots: [NoiseSnapshot]) -> HostNoise {
        guard let first = snapshots.first, let last = snapshots.last else {
            return HostNoise(stealFraction: nil, processorPressureFraction: nil)
        }
        let pairs = Array(zip(snapshots, snapshots.dropFirst()))
        let hasParts = pairs.count >= 2
        let minima = snapshots.compactMap(\.frequencyMin)
        let means = snapshots.compactMap(\.frequencyMean)
        return HostNoise(
            stealFraction: steal(first, last),
            stealMaxFraction: hasParts ? pairs.compactMap { steal($0, $1) }.max() : nil,
            processorPressureFraction: pressure(first, last),
            processorPressureMaxFraction: hasParts ? pairs.compactMap { pressure($0, $1) }.max() : nil,
            otherLoadFraction: otherLoad(first, last), frequencyMin: minima.min(),
            frequencyMean: means.isEmpty
                ? nil : Hertz(means.reduce(0) { $0 + $1.value } / Double(means.count)))
    }

    private static func steal(_ earlier: NoiseSnapshot, _ later: NoiseSnapshot) -> Fraction? {
        guard let total = later.totalTicks, let totalBefore = earlier.totalTicks, total > totalBefore,
            let stolen = later.stolenTicks, let stolenBefore = earlier.stolenTicks
        else { return nil }
        return Fraction(min(1, max(0, Double(stolen - stolenBefore) / Double(total - totalBefore))))
    }

    private static func pressure(_ earlier: NoiseSnapshot, _ later: NoiseSnapshot) -> Fraction? {
        guard let waited = later.pressure, let waitedBefore = earlier.pressure,
            later.takenAt > earlier.takenAt
        else { return nil }
        let share = (waited - waitedBefore).seconds / (later.takenAt - earlier.takenAt).seconds
        return Fraction(min(1, max(0, share)))
    }

    private static func otherLoad(_ earlier: NoiseSnapshot, _ later: NoiseSnapshot) -> Fraction? {
        guard let total = later.totalTicks, let totalBefore = earlier.totalTicks, total > totalBefore,
            let working = later.workingTicks, let workingBefore = earlier.workingTicks,
            let own = later.ownTicks, let ownBefore = earlier.ownTicks
        else { return nil }
        let others = Double(working - workingBefore) - (own - ownBefore)
        return Fraction(min(1, max(0, others / Double(total - totalBefore))))
    }
}

extension HostProbe {
    /// Reads the counters now. What the kernel does not offer is nil.
    public func noiseSnapshot() -> NoiseSnapshot { noiseSnapshot(at: SystemClock.now()) }

    package func noiseSnapshot(at instant: Nanoseconds) -> NoiseSnapshot {
        var snapshot = NoiseSnapshot(takenAt: instant)
        for line in files.lines("proc/stat") where line.hasPrefix("cpu ") {
            // user nice system idle iowait irq softirq steal guest guest_nice; guests count in user already.
            let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            guard numbers.count >= 8 else { continue }
            snapshot.totalTicks = numbers.prefix(8).reduce(0, +)
            snapshot.stolenTicks = numbers[7]
            snapshot.workingTicks = numbers[0] + numbers[1] + numbers[2] + numbers[5] + numbers[6]
        }
        for line in files.lines("proc/pressure/cpu") where line.hasPrefix("some ") {
            for word in line.split(separator: " ") where word.hasPrefix("total=") {
                snapshot.pressure = Int64(word.dropFirst("total=".count)).map { Nanoseconds($0 * 1000) }
            }
        }
        snapshot.ownTicks = ownTicks
        (snapshot.frequencyMin, snapshot.frequencyMean) = frequencies
        return snapshot
    }

    /// From `/proc/self/stat`: the 14th and 15th fields, counted after the name, which may hold anything.
    private var ownTicks: Double? {
        guard let text = files.text("proc/self/stat"), let nameEnd = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return nil
        }
        return user + system
    }

    /// The clocks that the frequency driver reports; nil on machines without one, as most virtual ones are.
    private var frequencies: (least: Hertz?, mean: Hertz?) {
        let found = frequencyFiles.compactMap { files.text($0).flatMap(Double.init) }.map { $0 * 1000 }
        guard let least = found.min(), least > 0 else { return (nil, nil) }
        return (Hertz(least), Hertz(found.reduce(0, +) / Double(found.count)))
    }
}

/// Samples the noise of a run.
final class NoiseWatcher: RunWatcher, @unchecked Sendable {
    // Unchecked: guarded by the lock.
    private let probe: HostProbe
    private let lock = NSLock()
    private var snapshots: [NoiseSnapshot] = []

    init(_ probe: HostProbe) { self.probe = probe }

    func look(at instant: Nanoseconds) {
        let snapshot = probe.noiseSnapshot(at: instant)
        lock.withLock { snapshots.append(snapshot) }
    }

    /// The noise between the samples that enclose a span; of all samples where it is nil.
    func noise(from begin: Nanoseconds, to end: Nanoseconds) -> HostNoise {
        let all = lock.withLock { snapshots }
        let first = all.lastIndex { $0.takenAt <= begin } ?? all.startIndex
        let last = all.firstIndex { $0.takenAt >= end } ?? all.endIndex - 1
        guard first < last else { return NoiseSnapshot.noise(of: all) }
        return NoiseSnapshot.noise(of: Array(all[first...last]))
    }
}

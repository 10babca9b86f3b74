import Quantities
import Vocabulary

/// The kernel's counters of disturbance at one instant; the difference of two is the noise of the span between.
public struct NoiseSnapshot: Hashable, Sendable {
    /// Processor time of all kinds and of the stolen kind, in clock ticks over all processors.
    let totalTicks: Int?
    let stolenTicks: Int?
    /// Time in which some task waited for a processor.
    let pressure: Nanoseconds?
    let takenAt: Nanoseconds

    /// What disturbed this machine since an earlier snapshot.
    public func noise(since earlier: NoiseSnapshot) -> HostNoise {
        var steal: Fraction?
        if let totalTicks, let earlierTotal = earlier.totalTicks, let stolenTicks,
            let earlierStolen = earlier.stolenTicks, totalTicks > earlierTotal
        {
            steal = Fraction(Double(stolenTicks - earlierStolen) / Double(totalTicks - earlierTotal))
        }
        var waiting: Fraction?
        if let pressure, let earlierPressure = earlier.pressure, takenAt > earlier.takenAt {
            let share = (pressure - earlierPressure).seconds / (takenAt - earlier.takenAt).seconds
            waiting = Fraction(min(1, max(0, share)))
        }
        return HostNoise(stealFraction: steal, processorPressureFraction: waiting)
    }
}

extension HostProbe {
    /// Reads the counters now. What the kernel does not offer is nil.
    public func noiseSnapshot() -> NoiseSnapshot { noiseSnapshot(at: SystemClock.now()) }

    package func noiseSnapshot(at instant: Nanoseconds) -> NoiseSnapshot {
        var ticks: (total: Int, stolen: Int)?
        for line in files.lines("proc/stat") where line.hasPrefix("cpu ") {
            // user nice system idle iowait irq softirq steal guest guest_nice; guests count in user already.
            let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            if numbers.count >= 8 { ticks = (numbers.prefix(8).reduce(0, +), numbers[7]) }
        }
        var pressure: Nanoseconds?
        for line in files.lines("proc/pressure/cpu") where line.hasPrefix("some ") {
            for word in line.split(separator: " ") where word.hasPrefix("total=") {
                pressure = Int64(word.dropFirst("total=".count)).map { Nanoseconds($0 * 1000) }
            }
        }
        return NoiseSnapshot(
            totalTicks: ticks?.total, stolenTicks: ticks?.stolen, pressure: pressure, takenAt: instant)
    }
}

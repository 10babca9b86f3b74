import Quantities
import Simulation
import Vocabulary

/// How a server's service times depend on what else it is doing, found by measuring one schedule at two
/// loads.
///
/// Samples taken at one load mix the times of a thread that runs alone with those of threads that compete for
/// caches and memory bandwidth. Drawn as they are, they flatter a server near saturation, where nobody runs
/// alone, and that is where latency-bounded throughput is decided. So the mean time of the loaded run is
/// placed at its mean number of busy threads, that of the saturated run at all of them, and the line through
/// both gives every number its factor. A schedule of one thread has nobody to compete with; there the same
/// two runs tell apart a piece that follows the one before at once from one that finds caches and thread gone
/// cold.
extension Contention {
    /// Compares two runs of one schedule.
    /// - Parameters:
    ///   - loaded: an open loop, whose samples the simulation draws from.
    ///   - threads: of the schedule's dense group, or its only one.
    ///   - saturated: a closed loop; nil where none was made, and then nothing but the wake-up time is known.
    public init(loaded: LoadRun, threads: Int, saturated: LoadRun?) {
        guard let stage = loaded.sparseStage else {
            self.init(
                threads: threads, busy: loaded.utilisation?.value ?? 1,
                ratio: saturated.flatMap { Self.ratio(of: $0.serviceSamples, to: loaded.serviceSamples) },
                wakeUp: loaded.dispatchMedian)
            return
        }
        self.init(
            threads: threads, busy: stage.denseUtilisation.value,
            ratio: saturated.flatMap { Self.ratio(of: $0.serviceSamples, to: loaded.serviceSamples) },
            wakeUp: stage.denseDispatchMedian)
    }

    /// The same for the sparse threads of a pipeline; nil for other schedules. Contention is told apart by
    /// the number of busy threads of the same group only; what the other group takes from caches and memory
    /// is in it as far as both get busy together.
    public init?(sparseOf loaded: LoadRun, threads: Int, saturated: LoadRun?) {
        guard let stage = loaded.sparseStage else { return nil }
        self.init(
            threads: threads, busy: stage.utilisation.value,
            ratio: saturated?.sparseStage.flatMap {
                Self.ratio(of: $0.serviceSamples, to: stage.serviceSamples)
            }, wakeUp: loaded.dispatchMedian)
    }

    /// - Parameters:
    ///   - busy: share of the threads' time in the loaded run.
    ///   - ratio: service times of the saturated run over those of the loaded run.
    private init(threads: Int, busy: Double, ratio: Double?, wakeUp: Nanoseconds?) {
        let busy = min(1, max(0, busy))
        let wakeUp = wakeUp ?? .zero
        guard let ratio else {
            self.init(
                byBusyThreads: Array(repeating: 1, count: threads), afterIdle: 1, wakeUp: wakeUp)
            return
        }
        if threads == 1 {
            // Of the loaded run's pieces, a share equal to the utilisation arrives while the thread is busy
            // (arrivals see time averages, Wolff 1982) and runs at once after another; the rest finds it
            // idle.
            let idle = busy < 0.98 ? (1 - busy * ratio) / (1 - busy) : ratio
            self.init(
                byBusyThreads: [Self.plausible(ratio)],
                afterIdle: Self.plausible(idle) / Self.plausible(ratio), wakeUp: wakeUp)
            return
        }
        let mean = 1 + Double(threads - 1) * busy
        var slope = mean < Double(threads) - 0.05 ? (ratio - 1) / (Double(threads) - mean) : 0
        // Company slows threads down. A saturated run that was faster shows caches kept warm, which a thread
        // that runs alone at such a load lacks a little, or that the machine itself changed between the two
        // runs: carried on in a line to one busy thread, either would be made several times as large as it
        // was.
        slope = max(slope, -Self.coldMax / max(mean - 1, 1))
        self.init(
            byBusyThreads: (1...threads).map { Self.plausible(1 + slope * (Double($0) - mean)) },
            afterIdle: 1, wakeUp: wakeUp)
    }

    /// How much slower than at the measured load a thread may be for want of company.
    private static let coldMax = 0.1

    /// Noise may suggest anything; contention for caches and memory does not go beyond this.
    private static func plausible(_ factor: Double) -> Double { min(3, max(0.5, factor)) }

    /// Time of some samples over what others of the same sizes took.
    private static func ratio(of samples: [ServiceSample], to base: [ServiceSample]) -> Double? {
        guard samples.count >= 16, let times = MeasuredServiceTimes(base) else { return nil }
        let expected = samples.reduce(0.0) { $0 + times.meanTime(items: $1.items).seconds }
        let found = samples.reduce(0.0) { $0 + $1.time.seconds }
        return expected > 0 ? found / expected : nil
    }
}
